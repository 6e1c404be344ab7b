/* SPDX-License-Identifier: Apache-2.0 */
/* tensor.h: element types, shapes and their sizes. Layer 1. */
#ifndef TMO_TENSOR_H
#define TMO_TENSOR_H

#include "tmo.h"

bool tmo_type_is_signed(enum tmo_type type);	/* i8 … i64 */
bool tmo_type_is_integer(enum tmo_type type);	/* u8 … i64, not bool */

/* *count = product of shape; fails if it, or it times size, overflows. */
int tmo_shape_count(int rank, const size_t *shape, size_t size, size_t *count,
                    struct tmo_error *err);

/* Writes "[16, 3, 3, 3]" into text; a long shape is cut with "...". Returns text. */
char *tmo_shape_text(int rank, const size_t *shape, char *text, size_t size);

/* Frees all that t holds and leaves it {0}. */
void tmo_tensor_free(struct tmo_tensor *t);

#endif
