/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "net/uses.h"

static void
free_strings(char **text, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(text[i]);
	free(text);
}

void
tmo_uses_free(struct tmo_uses *u)
{
	for (size_t i = 0; i < u->count; i++) {
		free(u->use[i].name);
		free_strings(u->use[i].ops, u->use[i].op_count);
		free_strings(u->use[i].nodes, u->use[i].node_count);
	}
	free(u->use);
	tmo_string_index_free(&u->places);
	*u = (struct tmo_uses){0};
}

int
tmo_uses_index(struct tmo_uses *u, struct tmo_error *err)
{
	for (size_t i = u->count; i-- > 0;)	/* of two of one name the first counts */
		if (tmo_string_index_set(&u->places, u->use[i].name, i, err) < 0)
			return -1;
	return 0;
}

const struct tmo_use *
tmo_uses_find(const struct tmo_uses *u, const char *name)
{
	const size_t place = tmo_string_index_get(&u->places, name);

	if (place != SIZE_MAX)
		return &u->use[place];
	for (size_t i = 0; u->places.count == 0 && i < u->count; i++)
		if (strcmp(u->use[i].name, name) == 0)
			return &u->use[i];
	return NULL;
}
