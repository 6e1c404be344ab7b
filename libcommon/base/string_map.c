/* SPDX-License-Identifier: Apache-2.0 */
/* A map of strings: an index of the keys, and the values in the order they came. */

#include <stdlib.h>
#include "base/memory.h"
#include "base/string_index.h"
#include "base/string_map.h"

struct tmo_string_map {
	struct tmo_string_index index;
	char **value;		/* NULL for a key without one */
	size_t room;
};

struct tmo_string_map *
tmo_string_map_new(struct tmo_error *err)
{
	return tmo_alloc(1, sizeof(struct tmo_string_map), err);
}

void
tmo_string_map_free(struct tmo_string_map *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->index.count; i++)
		free(n->value[i]);
	free(n->value);
	tmo_string_index_free(&n->index);
	free(n);
}

int
tmo_string_map_add(struct tmo_string_map *n, const char *key, const char *value, bool *added,
              struct tmo_error *err)
{
	const size_t i = n->index.count;

	*added = !tmo_string_map_has(n, key);
	if (!*added)
		return 0;
	if (tmo_grow(&n->value, i, &n->room, sizeof(*n->value), err) < 0)
		return -1;
	n->value[i] = NULL;
	if ((value != NULL && (n->value[i] = tmo_copy_string(value, err)) == NULL)
	    || tmo_string_index_set(&n->index, key, i, err) < 0) {
		free(n->value[i]);
		return -1;
	}
	return 0;
}

bool
tmo_string_map_has(const struct tmo_string_map *n, const char *key)
{
	return tmo_string_index_get(&n->index, key) != SIZE_MAX;
}

const char *
tmo_string_map_value(const struct tmo_string_map *n, const char *key)
{
	const size_t i = tmo_string_index_get(&n->index, key);

	return i != SIZE_MAX ? n->value[i] : NULL;
}
