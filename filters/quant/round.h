/* SPDX-License-Identifier: Apache-2.0 */
/* round.h: from ranges to scales, and from values to codes. */
#ifndef QUANT_ROUND_H
#define QUANT_ROUND_H

#include <stdbool.h>
#include <stddef.h>

/* The codes that there are: low to high. Symmetric: -high to high, and the zero point is 0. */
struct code_range {
	int low, high;
	bool symmetric;
	double limit;		/* no code may stand for a larger magnitude */
};

struct code_range quant_code_range(int bits, bool symmetric, double limit);

/*
 * For each of n ranges [lo, hi], which hold 0, the scale, in *scale. lo is replaced by the zero
 * point, a whole number. A range of nothing but 0 has the scale 1.
 */
void quant_scale_f32(const struct code_range *codes, size_t n, float *lo, const float *hi,
                     float *scale);
void quant_scale_f64(const struct code_range *codes, size_t n, double *lo, const double *hi,
                     double *scale);

/*
 * out = rint(x / scale) + zero, cut to the range of codes; x is rows by cols, each column has a
 * scale and a zero point, as the functions above compute them from its range. Signed codes are
 * stored as two's complement.
 */
void quant_round_f32(const struct code_range *codes, const float *x, size_t rows, size_t cols,
                     const float *scale, const float *zero, unsigned char *out);
void quant_round_f64(const struct code_range *codes, const double *x, size_t rows, size_t cols,
                     const double *scale, const double *zero, unsigned char *out);

#endif
