/* SPDX-License-Identifier: Apache-2.0 */
/* memory.h: sizes that cannot overflow, memory that says when there is none, arrays that grow. */
#ifndef TMO_MEMORY_H
#define TMO_MEMORY_H

#include "tmo.h"

/* *out = a * b, a + b; fails with "too large" on overflow. */
int tmo_mul_size(size_t a, size_t b, size_t *out, struct tmo_error *err);
int tmo_add_size(size_t a, size_t b, size_t *out, struct tmo_error *err);
/* calloc and strdup with a message; never NULL for a size of 0. The caller frees what comes back. */
void *tmo_alloc(size_t count, size_t size, struct tmo_error *err);
char *tmo_copy_string(const char *text, struct tmo_error *err);
/*
 * Room for one element of `size` bytes after the first `count` of an array that doubles. array points
 * to the pointer to it, which is NULL while *room is 0; a failure leaves both as they were.
 */
int tmo_grow(void *array, size_t count, size_t *room, size_t size, struct tmo_error *err);

#endif
