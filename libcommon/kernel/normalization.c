/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/normalization.h"

#include "base/math/float_bits.h"
#include "kernel/maps.h"
#include "kernel/reduction.h"

float
tmo_mean_square(const struct tmo_kernels *kernels, const float *x, size_t n)
{
	return tmo_f32_one_nan(tmo_reduce_row(kernels, TMO_REDUCE_SUM_OF_SQUARES, x, n) / (float)n);
}

float
tmo_center(const struct tmo_kernels *kernels, const float *x, float *y, size_t n, float *mean)
{
	const float m = tmo_f32_one_nan(tmo_reduce_row(kernels, TMO_REDUCE_SUM, x, n) / (float)n);

	tmo_binary(kernels, TMO_BINARY_SUBTRACT, 1, n, (struct tmo_operand){x, 0, 1}, (struct tmo_operand){&m, 0, 0}, y, 0);
	if (mean != NULL)
		*mean = m;
	return tmo_mean_square(kernels, y, n);
}

void
tmo_scale(const struct tmo_kernels *kernels, float factor, const float *x, float *y, size_t n)
{
	tmo_binary(kernels, TMO_BINARY_MULTIPLY, 1, n, (struct tmo_operand){x, 0, 1}, (struct tmo_operand){&factor, 0, 0}, y,
	           0);
}
