/* SPDX-License-Identifier: Apache-2.0 */
/* string_index.c: a hash table with open addressing; never more than half full. */
#include "base/string_index.h"

#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/random.h"

#define ROOM_FIRST 16	/* a power of two, as all rooms */

/* The high bits mixed into the low ones, which choose the slot. */
static size_t
hash(const char *key)
{
	const uint64_t h = tmo_rng_stream(key);

	return (size_t)(h ^ h >> 29);
}

static struct tmo_string_index_slot *
find(const struct tmo_string_index *ix, const char *key)
{
	size_t i = hash(key) & (ix->room - 1);

	while (ix->slot[i].key != NULL && strcmp(ix->slot[i].key, key) != 0)
		i = (i + 1) & (ix->room - 1);
	return &ix->slot[i];
}

static int
grow(struct tmo_string_index *ix, struct tmo_error *err)
{
	struct tmo_string_index wider = { .room = ix->room == 0 ? ROOM_FIRST : ix->room * 2 };

	wider.slot = tmo_alloc(wider.room, sizeof(*wider.slot), err);
	if (wider.slot == NULL)
		return -1;
	for (size_t i = 0; i < ix->room; i++)
		if (ix->slot[i].key != NULL)
			*find(&wider, ix->slot[i].key) = ix->slot[i];
	wider.count = ix->count;
	free(ix->slot);
	*ix = wider;
	return 0;
}

void
tmo_string_index_free(struct tmo_string_index *ix)
{
	for (size_t i = 0; i < ix->room; i++)
		free(ix->slot[i].key);
	free(ix->slot);
	*ix = (struct tmo_string_index){0};
}

int
tmo_string_index_set(struct tmo_string_index *ix, const char *key, size_t value, struct tmo_error *err)
{
	struct tmo_string_index_slot *slot;

	if (ix->count * 2 >= ix->room && grow(ix, err) < 0)
		return -1;
	slot = find(ix, key);
	if (slot->key == NULL) {
		slot->key = tmo_copy_string(key, err);
		if (slot->key == NULL)
			return -1;
		ix->count++;
	}
	slot->value = value;
	return 0;
}

size_t
tmo_string_index_get(const struct tmo_string_index *ix, const char *key)
{
	const struct tmo_string_index_slot *slot;

	if (ix->room == 0)
		return SIZE_MAX;
	slot = find(ix, key);
	return slot->key != NULL ? slot->value : SIZE_MAX;
}
