/* SPDX-License-Identifier: Apache-2.0 */
/* fit.h: scales that are fitted to the values, where the smallest and the largest are not all. */
#ifndef QUANT_FIT_H
#define QUANT_FIT_H

#include "round.h"
#include "tensor/blocks.h"
#include "tmo.h"

enum fit_method {
	FIT_MINMAX,		/* the whole range */
	FIT_PERCENTILE,		/* what lies beyond a percentile is cut off */
	FIT_MSE,		/* the least sum of squared errors */
	FIT_ENTROPY		/* the least divergence of the codes' histogram from the values' */
};

struct fit {
	enum fit_method method;
	double percentile;	/* from 50 to 100 */
	bool pow2;		/* scales are powers of two */
	const double *times;	/* how often each of x counts, 0 and more, where each entry's elements
				   follow each other; NULL: once */
	struct code_range codes;
	/* Is told how much is done, 0 to 1, by any thread; NULL: nobody wants to know. */
	void (*tell)(void *arg, double part);
	void *tell_arg;
};

/*
 * For each entry the scale, in *scale, and the zero point, a whole number, in the place of *lo: what
 * quant_scale makes of ranges, and what quant_round takes. x holds all elements, none of them NaN or
 * infinite; lo and hi the range of each entry, widened to include 0, as range.h measures it. Of x, lo, hi
 * and scale all are double if wide, else float. What hi holds afterwards means nothing.
 *
 * FIT_PERCENTILE takes numpy's default percentiles, of |x| if the codes are symmetric, else P and
 * 100 - P; where nothing but 0 lies between them, the whole range. FIT_MSE: the error is at most
 * 1.001 times the least of all scales (and zero points); proven in mse.c for entries of up to 2^17
 * values, beyond which the means of 2^17 bins stand for them. FIT_ENTROPY: see fit_entropy.c; it
 * wants thousands of values, and takes a millisecond for each entry.
 *
 * FIT_MINMAX without pow2 is quant_scale. With pow2 scales are the least powers of two that cover
 * the range, with FIT_MSE those of the least error.
 */
int quant_fit(const struct fit *fit, const struct tmo_blocks *b, bool wide, const void *x, void *lo,
              void *hi, void *scale, int threads, struct tmo_error *err);

#endif
