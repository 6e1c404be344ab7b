/* SPDX-License-Identifier: Apache-2.0 */
/* round.h: from ranges to scales, and from values to codes. */
#ifndef QUANT_ROUND_H
#define QUANT_ROUND_H

#include <stdbool.h>
#include <stddef.h>

enum code_kind {
	CODE_INT,
	CODE_F8E4M3, CODE_F8E5M2,	/* bit patterns */
	CODE_NF4,			/* the 16 values of QLoRA, from -1 to 1 */
	CODE_TERNARY,			/* -1, 0, 1 */
	CODE_BINARY			/* 0 for -1, 1 for 1 */
};

/*
 * The codes that there are. Integers: low to high; symmetric: the zero point is 0. quant_fit
 * (fit.h) is asked for integers, fp8 (steps 448 or 57344) and nf4 (steps 1), which are symmetric
 * and whose codes nonuniform.h computes from x / scale.
 */
struct code_range {
	enum code_kind kind;
	int low, high;
	bool symmetric;
	double steps;		/* scale = largest magnitude / steps; asymmetric: width / steps */
	double limit;		/* no code may stand for a larger magnitude */
	bool away;		/* integers: halves are rounded away from zero, else to even */
	bool by_factor;		/* integers: x * (steps / range) instead of x / scale */
	bool precise;		/* asymmetric: scale and zero point are computed in double */
	bool blocked;		/* with precise: the zero point is computed from the scale rounded to
				   f32, as it is stored, not from the one in double */
};

/* Integers of 2 to 8 bits; symmetric: -high to high. The rest is false. */
struct code_range quant_code_range(int bits, bool symmetric, double limit);
/* The other kinds: all are symmetric. */
struct code_range quant_code_range_of(enum code_kind kind, double limit);

/*
 * For each of n ranges [lo, hi], which hold 0, the scale, in *scale. lo is replaced by the zero
 * point, a whole number. A range of nothing but 0 has the scale 1.
 */
void quant_scale_f32(const struct code_range *codes, size_t n, float *lo, const float *hi,
                     float *scale);
void quant_scale_f64(const struct code_range *codes, size_t n, double *lo, const double *hi,
                     double *scale);

/*
 * Integers: out = rint(x / scale) + zero, cut to the range of codes; x is rows by cols, each column
 * has a scale and a zero point, as the functions above compute them from its range. Signed codes are
 * stored as two's complement. Where codes say by_factor, scale is what x is multiplied by.
 */
void quant_round_f32(const struct code_range *codes, const float *x, size_t rows, size_t cols,
                     const float *scale, const float *zero, unsigned char *out);
void quant_round_f64(const struct code_range *codes, const double *x, size_t rows, size_t cols,
                     const double *scale, const double *zero, unsigned char *out);

#endif
