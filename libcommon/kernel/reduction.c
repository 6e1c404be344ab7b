/* SPDX-License-Identifier: Apache-2.0 */
/* reduction.c: sums and maxima; the loops are in reduction_body.h. */
#include <assert.h>

#include "kernel/forms.h"

void
tmo_reduce(const struct tmo_kernels *kernels, enum tmo_reduce f, const struct tmo_reduction *shape,
           const float *from, float *to)
{
	assert(f < TMO_REDUCE_COUNT);
	if (shape->channels == 1 && shape->lines == 1 && shape->column_step == 1)
		to[0] = kernels->reduce_row[f](from, shape->columns);
	else
		kernels->reduce[f](shape, from, to);
}

float
tmo_reduce_row(const struct tmo_kernels *kernels, enum tmo_reduce f, const float *from, size_t n)
{
	assert(f < TMO_REDUCE_COUNT);
	return kernels->reduce_row[f](from, n);
}

void
tmo_softmax(const struct tmo_kernels *kernels, size_t rows, size_t n, const float *from, ptrdiff_t from_step,
            float *to, ptrdiff_t to_step)
{
	for (size_t row = 0; row < rows; row++)
		kernels->softmax(from + (ptrdiff_t)row * from_step, to + (ptrdiff_t)row * to_step, n);
}

void
tmo_log_softmax(const struct tmo_kernels *kernels, size_t rows, size_t n, const float *from,
                ptrdiff_t from_step, float *to, ptrdiff_t to_step)
{
	for (size_t row = 0; row < rows; row++)
		kernels->log_softmax(from + (ptrdiff_t)row * from_step, to + (ptrdiff_t)row * to_step, n);
}
