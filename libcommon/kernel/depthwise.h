/* SPDX-License-Identifier: Apache-2.0 */
/*
 * depthwise.h: convolutions in which each channel is summed for itself, over NHWC pictures with their
 * border in the buffer. The sums are as in product.h, k being the elements of the kernel row by row.
 */
#ifndef TMO_DEPTHWISE_H
#define TMO_DEPTHWISE_H

#include "kernel/epilogue.h"
#include "kernel/kernels.h"

/* Images, lines, columns and their steps are as in struct tmo_product. */
struct tmo_depthwise {
	size_t taps;			/* elements of the kernel */
	const ptrdiff_t *offsets;	/* of each from where a place of the result begins in the input */
	const float *weights;		/* [taps][weight_step] */
	size_t weight_step;
	size_t channels;
	const float *bias;		/* of each channel; NULL: +0 */
	struct tmo_epilogue epilogue;

	size_t count[3];
	const float *input;
	ptrdiff_t input_step[3];
	float *output;
	ptrdiff_t output_step[3];
	const float *addend;
	ptrdiff_t addend_step[3];
};

/* Lines first … end - 1 of count[0] * count[1] ones. */
void tmo_depthwise_run(const struct tmo_kernels *kernels, const struct tmo_depthwise *d, size_t first, size_t end);

#endif
