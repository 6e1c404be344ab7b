/* SPDX-License-Identifier: Apache-2.0 */
/* A map of strings: open addressing over an array of entries. */
#include "name.h"

#include <stdlib.h>
#include <string.h>

struct entry {
	uint64_t hash;
	char *key, *value;	/* key is NULL in an empty place */
};

struct tmo_names {
	size_t count, room;	/* room: a power of two, at most half full */
	struct entry *entry;
};

#define ROOM_FIRST 16

static uint64_t
hash_of(const char *key)
{
	uint64_t h = 0xcbf29ce484222325;	/* FNV-1a */

	for (; *key != '\0'; key++)
		h = (h ^ (unsigned char)*key) * 0x100000001b3;
	return h;
}

static struct entry *
place_of(const struct tmo_names *n, uint64_t hash, const char *key)
{
	size_t i = hash & (n->room - 1);

	while (n->entry[i].key != NULL
	       && (n->entry[i].hash != hash || strcmp(n->entry[i].key, key) != 0))
		i = (i + 1) & (n->room - 1);
	return &n->entry[i];
}

struct tmo_names *
tmo_names_new(struct tmo_error *err)
{
	struct tmo_names *n = tmo_alloc(1, sizeof *n, err);

	if (n == NULL)
		return NULL;
	n->room = ROOM_FIRST;
	if ((n->entry = tmo_alloc(n->room, sizeof *n->entry, err)) == NULL) {
		free(n);
		return NULL;
	}
	return n;
}

void
tmo_names_free(struct tmo_names *n)
{
	if (n == NULL)
		return;
	for (size_t i = 0; i < n->room; i++) {
		free(n->entry[i].key);
		free(n->entry[i].value);
	}
	free(n->entry);
	free(n);
}

static int
grow(struct tmo_names *n, struct tmo_error *err)
{
	struct tmo_names larger = {.count = n->count};

	if (tmo_mul_size(n->room, 2, &larger.room, err) < 0
	    || (larger.entry = tmo_alloc(larger.room, sizeof *larger.entry, err)) == NULL)
		return -1;
	for (size_t i = 0; i < n->room; i++)
		if (n->entry[i].key != NULL)
			*place_of(&larger, n->entry[i].hash, n->entry[i].key) = n->entry[i];
	free(n->entry);
	*n = larger;
	return 0;
}

int
tmo_names_add(struct tmo_names *n, const char *key, const char *value, bool *added,
              struct tmo_error *err)
{
	struct entry new = {.hash = hash_of(key)};

	*added = place_of(n, new.hash, key)->key == NULL;
	if (!*added)
		return 0;
	if (n->count >= n->room / 2 && grow(n, err) < 0)
		return -1;
	if ((new.key = tmo_copy_string(key, err)) == NULL)
		return -1;
	if (value != NULL && (new.value = tmo_copy_string(value, err)) == NULL) {
		free(new.key);
		return -1;
	}
	*place_of(n, new.hash, key) = new;
	n->count++;
	return 0;
}

bool
tmo_names_has(const struct tmo_names *n, const char *key)
{
	return place_of(n, hash_of(key), key)->key != NULL;
}

const char *
tmo_names_value(const struct tmo_names *n, const char *key)
{
	return place_of(n, hash_of(key), key)->value;
}
