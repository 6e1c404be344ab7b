/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

#define BLOCK_BYTES ((size_t)1 << 16)
#define ALIGNMENT _Alignof(max_align_t)

struct tmo_arena_block {
	struct tmo_arena_block *before;
	size_t used, room;		/* bytes of data */
	_Alignas(max_align_t) unsigned char data[];
};

static struct tmo_arena_block *
new_block(struct tmo_arena *arena, size_t room, struct tmo_error *err)
{
	struct tmo_arena_block *block;
	size_t bytes = 0;

	if (tmo_add_size(sizeof(*block), room, &bytes, err) < 0)
		return NULL;
	block = tmo_alloc(bytes, 1, err);
	if (block == NULL)
		return NULL;
	block->room = room;
	block->before = arena->block;
	arena->block = block;
	return block;
}

void *
tmo_arena_alloc(struct tmo_arena *arena, size_t count, size_t size, struct tmo_error *err)
{
	struct tmo_arena_block *block = arena->block;
	size_t bytes = 0;

	if (tmo_mul_size(count, size, &bytes, err) < 0 ||
	    tmo_add_size(bytes, ALIGNMENT - 1, &bytes, err) < 0)
		return NULL;
	bytes -= bytes % ALIGNMENT;
	if (bytes == 0)
		bytes = ALIGNMENT;
	if (block == NULL || block->room - block->used < bytes)
		block = new_block(arena, bytes > BLOCK_BYTES ? bytes : BLOCK_BYTES, err);
	if (block == NULL)
		return NULL;
	block->used += bytes;
	return block->data + block->used - bytes;
}

void *
tmo_arena_copy(struct tmo_arena *arena, const void *data, size_t size, struct tmo_error *err)
{
	void *const copy = tmo_arena_alloc(arena, size, 1, err);

	if (copy != NULL && size > 0)
		memcpy(copy, data, size);
	return copy;
}

char *
tmo_arena_string(struct tmo_arena *arena, const char *text, struct tmo_error *err)
{
	return tmo_arena_copy(arena, text, strlen(text) + 1, err);
}

void
tmo_arena_free(struct tmo_arena *arena)
{
	while (arena->block != NULL) {
		struct tmo_arena_block *const before = arena->block->before;

		free(arena->block);
		arena->block = before;
	}
}
