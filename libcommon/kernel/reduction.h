/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reduction.h: sums and maxima of many floats, and softmax. Elements go to 16 lanes, element i to lane
 * i mod 16, each in order; then lane j takes in lane j + 8 for j < 8, then j + 4 for j < 4, j + 2, j + 1.
 * Nothing else decides a bit. A result that is NaN is 7fc00000.
 */
#ifndef TMO_REDUCTION_H
#define TMO_REDUCTION_H

#include "kernel/kernels.h"

/*
 * Where lanes start, and what one becomes (lane) when it takes in x, an element's value or another lane. LARGEST and
 * SMALLEST are NaN if there is one. Without elements the result is the start.
 */
#define TMO_REDUCTIONS(R) \
	R(SUM, 0.0f, x, lane + x) \
	R(SUM_OF_SQUARES, 0.0f, x * x, lane + x) \
	R(SUM_OF_MAGNITUDES, 0.0f, tmo_f32_magnitude(x), lane + x) \
	R(PRODUCT, 1.0f, x, lane * x) \
	R(LARGEST, -INFINITY, x, x > lane || x != x ? x : lane) \
	R(SMALLEST, INFINITY, x, x < lane || x != x ? x : lane)

#define TMO_REDUCE_NAME(name, start, value, taken) TMO_REDUCE_##name,
enum tmo_reduce { TMO_REDUCTIONS(TMO_REDUCE_NAME) TMO_REDUCE_COUNT };
#undef TMO_REDUCE_NAME

/*
 * What is taken together: for each of `channels` floats that lie side by side, lines * columns elements,
 * that of a line and column line * line_step + column * column_step further on; they count line by line.
 * A row of n floats: one line of n columns with column_step 1 and one channel. The mean of an NHWC
 * picture, or of a window in it, takes its place, size and steps.
 */
struct tmo_reduction {
	size_t channels;
	size_t lines, columns;
	ptrdiff_t line_step, column_step;
};

/* to[channel], of what begins at from. */
void tmo_reduce(const struct tmo_kernels *kernels, enum tmo_reduce f, const struct tmo_reduction *shape,
                const float *from, float *to);

/* The same of n floats side by side. */
float tmo_reduce_row(const struct tmo_kernels *kernels, enum tmo_reduce f, const float *from, size_t n);

/*
 * Rows of n floats, from_step and to_step apart; to may be from. softmax: e = exp(x - largest), then
 * e / sum of e; log_softmax: (x - largest) - log(sum of e).
 */
void tmo_softmax(const struct tmo_kernels *kernels, size_t rows, size_t n, const float *from, ptrdiff_t from_step,
                 float *to, ptrdiff_t to_step);
void tmo_log_softmax(const struct tmo_kernels *kernels, size_t rows, size_t n, const float *from,
                     ptrdiff_t from_step, float *to, ptrdiff_t to_step);

#endif
