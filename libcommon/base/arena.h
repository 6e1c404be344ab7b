/* SPDX-License-Identifier: Apache-2.0 */
/* arena.h: many small pieces of memory that are freed at once. */
#ifndef TMO_ARENA_H
#define TMO_ARENA_H

#include "tmo.h"

/* {0} is empty. */
struct tmo_arena {
	struct tmo_arena_block *block;	/* the newest; owned */
};

/* Zeroed, aligned for anything, never NULL for a size of 0; NULL when memory is out. */
void *tmo_arena_alloc(struct tmo_arena *arena, size_t count, size_t size, struct tmo_error *err);
/* A copy of `size` bytes. */
void *tmo_arena_copy(struct tmo_arena *arena, const void *data, size_t size, struct tmo_error *err);
char *tmo_arena_string(struct tmo_arena *arena, const char *text, struct tmo_error *err);
void tmo_arena_free(struct tmo_arena *arena);	/* leaves it empty */

#endif
