/* SPDX-License-Identifier: Apache-2.0 */
/* maps.c: whole arrays; the loops are in maps_body.h. */
#include <assert.h>

#include "kernel/forms.h"

void
tmo_map(const struct tmo_kernels *kernels, enum tmo_map f, float a, float b, const float *from, float *to, size_t n)
{
	assert(f < TMO_MAP_COUNT);
	kernels->map[f](a, b, from, to, n);
}

void
tmo_binary(const struct tmo_kernels *kernels, enum tmo_binary f, size_t rows, size_t columns,
           struct tmo_operand x, struct tmo_operand y, float *to, ptrdiff_t to_step)
{
	assert(f < TMO_BINARY_COUNT && x.column_step <= 1 && y.column_step <= 1);
	for (size_t row = 0; row < rows; row++) {
		const ptrdiff_t r = (ptrdiff_t)row;

		kernels->binary[f](x.first + r * x.row_step, x.column_step, y.first + r * y.row_step, y.column_step,
		                   to + r * to_step, columns);
	}
}

void
tmo_compare(const struct tmo_kernels *kernels, enum tmo_comparison f, const float *x, size_t x_step, const float *y,
            size_t y_step, uint8_t *to, size_t n)
{
	assert(f < TMO_COMPARISON_COUNT && x_step <= 1 && y_step <= 1);
	kernels->compare[f](x, x_step, y, y_step, to, n);
}
