/* SPDX-License-Identifier: Apache-2.0 */
/* tensor.h: shapes and their sizes. */
#ifndef TMO_TENSOR_H
#define TMO_TENSOR_H

#include "base/element_type.h"
#include "tmo.h"

/* *count = product of shape; fails if it, or it times size, overflows. */
int tmo_shape_count(int rank, const size_t *shape, size_t size, size_t *count,
                    struct tmo_error *err);

/* Writes "[16, 3, 3, 3]" into text; a long shape is cut with "...". Returns text. */
char *tmo_shape_text(int rank, const size_t *shape, char *text, size_t size);

/* "16x3x3x3", "-" without axes; cut in the same way. */
char *tmo_shape_short(int rank, const size_t *shape, char *text, size_t size);

/* Element i of an array of integers or truth values; what is above the range of int64_t is below 0. */
int64_t tmo_array_integer(const struct tmo_array *a, size_t i);
/* Sets element i of an array of any type; integers wrap around. */
void tmo_array_set_integer(const struct tmo_array *a, size_t i, uint64_t number);

/* Frees all that t holds and leaves it {0}. */
void tmo_tensor_free(struct tmo_tensor *t);

#endif
