/* SPDX-License-Identifier: Apache-2.0 */
/* measure.h: numbers about arrays. Results do not depend on threads. */
#ifndef EVAL_MEASURE_H
#define EVAL_MEASURE_H

#include "tmo.h"

/* How many different patterns of `width` bytes (1, 2, 4, 8) there are, and their entropy in bits. */
struct entropy {
	size_t distinct;
	double bits;		/* the entropy, of order 0: what a code for one of them takes, at least */
};
int eval_measure_entropy(const void *data, size_t n, size_t width, int threads, struct entropy *v,
                         struct tmo_error *err);

/* How many elements are zero; −0 counts. Any type but TMO_NONE. */
int eval_measure_zeros(const void *data, enum tmo_type type, size_t n, int threads, size_t *zeros,
                       struct tmo_error *err);

/* What sets x apart from a reference. Sums add up over tensors; start with {0}. */
struct difference {
	double unit;		/* a power of 2: the sums are of values divided by it; 0: of none */
	double square;		/* of the reference, summed */
	double square_x;
	double product;
	double error;		/* (reference − x)², summed */
	double largest;		/* |reference − x|; infinite if one of the two is no finite number
				   and the other is another */
};
int eval_measure_difference(const void *reference, enum tmo_type reference_type, const void *x,
                            enum tmo_type type, size_t n, int threads, struct difference *d,
                            struct tmo_error *err);
void eval_difference_add(struct difference *sum, const struct difference *d);
double eval_difference_sqnr(const struct difference *d);	/* in dB; infinite if there is none */
double eval_difference_cosine(const struct difference *d);	/* 1 if both are 0, 0 if one is */

#endif
