/* SPDX-License-Identifier: Apache-2.0 */
/* measure.h: zeros of an array, and what sets it apart from another. No result depends on threads. */
#ifndef EVAL_MEASURE_H
#define EVAL_MEASURE_H

#include "tmo.h"

/* How many elements are zero; −0 counts. Any type but TMO_NONE. */
int eval_measure_zeros(const void *data, enum tmo_type type, size_t n, int threads, size_t *zeros,
                       struct tmo_error *err);

/*
 * What sets x apart from a reference: sums over all elements, which add up over tensors; start with
 * {0}. NaN and infinities that are the same in both are left out; others are an infinite error.
 */
struct difference {
	double unit;		/* a power of 2: the sums are of values divided by it; 0: of none */
	double square;		/* reference² */
	double square_x;	/* x² */
	double product;		/* reference · x */
	double error;		/* (reference − x)² */
	double largest;		/* |reference − x| */
};

/* Of n elements each; the types may differ. */
int eval_measure_difference(const void *reference, enum tmo_type reference_type, const void *x,
                            enum tmo_type type, size_t n, int threads, struct difference *d,
                            struct tmo_error *err);
void eval_difference_add(struct difference *sum, const struct difference *d);
/* The signal-to-quantization-noise ratio in dB; infinite if there is no difference. */
double eval_difference_sqnr(const struct difference *d);
/* The cosine of the angle between both, as vectors: 1 if both are 0, 0 if one is. */
double eval_difference_cosine(const struct difference *d);

#endif
