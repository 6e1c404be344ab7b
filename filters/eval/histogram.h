/* SPDX-License-Identifier: Apache-2.0 */
/* histogram.h: where weights lie, and where their errors do: for a picture, not for a decision. */
#ifndef EVAL_HISTOGRAM_H
#define EVAL_HISTOGRAM_H

#include "tmo.h"

#define HISTOGRAM_BINS 64

struct histogram {
	double low, high;			/* of all finite values, both sides; low < high */
	bool compared;
	uint64_t before[HISTOGRAM_BINS];	/* the reference's values */
	uint64_t after[HISTOGRAM_BINS];
	/* Squared errors, by where the reference's value lies, and by where the element stands: bin b
	   are elements [b n / bins, (b + 1) n / bins), so that outer axes go from left to right. */
	double error[HISTOGRAM_BINS];
	double place[HISTOGRAM_BINS];
};

/*
 * x, and reference unless NULL, are floats and of as many elements; what is not finite is left out.
 * False if there is nothing to show: no elements, or another type.
 */
bool eval_histogram_make(struct histogram *h, const struct tmo_array *reference,
                         const struct tmo_array *x);

#endif
