/* SPDX-License-Identifier: Apache-2.0 */
/* reader_kept.c: members that came before it was known what the archive is, out of a spool. */
#include <stdlib.h>

#include "base/memory.h"
#include "stream/reader.h"

#define BLOCK ((size_t)1 << 16)

struct kept_source {
	struct tmo_member_source base;
	const struct tmo_spool *held;
	size_t next;
	const struct tmo_spool_member *at_hand;
	uint64_t given;			/* bytes of it */
	unsigned char *block;		/* NULL until it is wanted */
};

static int
kept_next(struct tmo_member_source *s, struct tmo_found *found, struct tmo_error *err)
{
	struct kept_source *const k = (struct kept_source *)s;

	if (k->next == k->held->count)
		return 0;
	k->at_hand = &k->held->member[k->next++];
	k->given = 0;
	if ((found->path = tmo_copy_string(k->at_hand->path, err)) == NULL)
		return -1;
	found->streaming = true;
	found->bytes = found->left = k->at_hand->size;
	return 0;
}

static int
kept_some(struct tmo_member_source *s, const void **data, size_t *size, struct tmo_error *err)
{
	struct kept_source *const k = (struct kept_source *)s;
	const uint64_t left = k->at_hand->size - k->given;

	*size = left < BLOCK ? (size_t)left : BLOCK;
	if (k->block == NULL)
		k->block = tmo_alloc(BLOCK, 1, err);
	if (k->block == NULL ||
	    tmo_spool_read(k->held, k->at_hand, k->given, k->block, *size, err) < 0)
		return -1;
	*data = k->block;
	k->given += *size;
	return 0;
}

static int
kept_take(struct tmo_member_source *s, uint64_t size, void **data, struct tmo_error *err)
{
	struct kept_source *const k = (struct kept_source *)s;

	*data = tmo_alloc((size_t)size, 1, err);
	return *data == NULL ? -1 : tmo_spool_read(k->held, k->at_hand, 0, *data, (size_t)size, err);
}

static void
kept_close(struct tmo_member_source *s)
{
	free(((struct kept_source *)s)->block);
	free(s);
}

struct tmo_member_source *
tmo_kept_source(const struct tmo_spool *held, size_t first, struct tmo_error *err)
{
	struct kept_source *const k = tmo_alloc(1, sizeof(*k), err);

	if (k == NULL)
		return NULL;
	k->base = (struct tmo_member_source){kept_next, kept_some, kept_take, kept_close};
	k->held = held;
	k->next = first;
	return &k->base;
}
