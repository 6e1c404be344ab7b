/* SPDX-License-Identifier: Apache-2.0 */
/*
 * product.h: matrix products and convolutions. Both are rows of results, each of which is a bias plus
 * a sum of products of inputs and weights:
 *
 *	result[row][j] = bias[j] + sum over k of input[row][k] * weights[k][j]
 *
 * A sum is cut into blocks of 256 k, the last one of what is left. A block is a chain
 * sum = fma(input, weight, sum) in the order of k, begun by the bias (the first block) or by +0 (the others,
 * and the first without a bias); the blocks are added in order. Nothing else decides a bit: not
 * how rows and channels are shared among tasks, not the form of the kernels, not where segments end.
 */
#ifndef TMO_PRODUCT_H
#define TMO_PRODUCT_H

#include "kernel/epilogue.h"
#include "kernel/kernels.h"

enum {
	TMO_PANEL = 16,		/* channels whose weights lie together */
	TMO_PRODUCT_BLOCK = 256,
};

/*
 * Where rows are: that of image n, line y, column x begins at first + n * step[0] + y * step[1] +
 * x * step[2]. A matrix is one image of one line.
 */
struct tmo_product {
	/*
	 * What a row is a sum over: k = segments * segment inputs, those of segment s being the
	 * `segment` floats from offsets[s] on, counted from where the row begins. A matrix has one; a convolution
	 * over NHWC pictures with their border in the buffer has one for each kernel row, of kernel
	 * width * channels floats, or one for each kernel element if it is dilated or grouped.
	 */
	size_t segments, segment;
	const ptrdiff_t *offsets;

	/*
	 * The weight of k and channel j is weights[j / 16 * panel_step + k * weight_step + j % 16], and
	 * whole panels can be read. tmo_product_pack makes weight_step 16 and panel_step k * 16, which
	 * pays for more than a few rows; a matrix [k][channels] that is not constant can be used as it
	 * lies with weight_step its width and panel_step 16.
	 */
	const float *weights;
	size_t weight_step, panel_step;
	size_t channels;
	const float *bias;		/* readable up to the next multiple of 16; NULL: +0 */
	struct tmo_epilogue epilogue;

	size_t count[3];		/* images, lines, columns of the result */
	const float *input;
	ptrdiff_t input_step[3];
	float *output;			/* the channels of a row lie together */
	ptrdiff_t output_step[3];
	const float *addend;		/* of the epilogue, where it lies like the output; NULL: none */
	ptrdiff_t addend_step[3];
};

/*
 * A product of matrices: `rows` rows of k floats, one behind the other, times packed weights; the results lie in
 * the same way, `channels` a row. input, weights and output are still to be set, and what else there is.
 */
struct tmo_product tmo_product_of_matrices(size_t rows, size_t k, size_t channels);

/* channels, up to the next multiple of 16; panels: that through 16. */
static inline size_t
tmo_product_padded(size_t channels)
{
	return (channels + TMO_PANEL - 1) / TMO_PANEL * TMO_PANEL;
}

static inline size_t
tmo_product_panels(size_t channels)
{
	return (channels + TMO_PANEL - 1) / TMO_PANEL;
}

static inline size_t
tmo_product_rows(const struct tmo_product *p)
{
	return p->count[0] * p->count[1] * p->count[2];
}

/*
 * Weights in panels: from[k * k_step + channel * channel_step] go to packed, which has
 * k * tmo_product_padded(channels) floats; what is beyond the channels is 0.
 */
void tmo_product_pack(const float *from, size_t k, size_t channels, ptrdiff_t k_step, ptrdiff_t channel_step,
                      float *packed);

/* The results of rows first_row … end_row - 1, of panels first_panel … end_panel - 1. */
void tmo_product_run(const struct tmo_kernels *kernels, const struct tmo_product *p, size_t first_row,
                     size_t end_row, size_t first_panel, size_t end_panel);

/*
 * How to share a product among threads: tasks of that many rows and panels (multiples of what is
 * computed at once). A convolution of a large picture is cut by rows, one row times a matrix by panels.
 */
struct tmo_product_tasks {
	size_t rows, panels;		/* of a task; the last ones may have fewer */
	size_t row_tasks, panel_tasks;	/* tasks: row_tasks * panel_tasks */
};
struct tmo_product_tasks tmo_product_cut(const struct tmo_kernels *kernels, const struct tmo_product *p,
                                         int threads);
/* Task 0 … row_tasks * panel_tasks - 1 of these. */
void tmo_product_task(const struct tmo_kernels *kernels, const struct tmo_product *p,
                      const struct tmo_product_tasks *tasks, size_t task);

#endif
