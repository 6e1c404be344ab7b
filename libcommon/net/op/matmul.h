/* SPDX-License-Identifier: Apache-2.0 */
/* matmul.h: which matrices a product of stacks of matrices multiplies. */
#ifndef TMO_MATMUL_H
#define TMO_MATMUL_H

#include "net/step.h"

/* As at least a matrix: NumPy's rule for vectors, which are rows on the left and columns on the right. */
struct tmo_fact tmo_matmul_operand(const struct tmo_fact *fact, bool left);
/* The shape of the product of two such, of room for TMO_RANK_MAX + 2 sizes. */
int tmo_matmul_shape_of(const struct tmo_fact *a, const struct tmo_fact *b, int *rank, size_t *shape,
                        struct tmo_error *err);
/* Number i of the product's matrices, of this shape, is made with that one of an operand. */
size_t tmo_matmul_matrix_of(size_t i, int rank, const size_t *shape, const struct tmo_fact *operand);

#endif
