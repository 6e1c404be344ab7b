/* SPDX-License-Identifier: Apache-2.0 */
/* entropy.h: how many different bit patterns an array has, and their entropy. */
#ifndef EVAL_ENTROPY_H
#define EVAL_ENTROPY_H

#include "tmo.h"

struct entropy {
	size_t distinct;	/* patterns */
	double bits;		/* for each element, of order 0: no code for one at a time takes less */
};

/* Of n elements of `width` bytes, 1, 2, 4 or 8. No result depends on threads. */
int eval_measure_entropy(const void *data, size_t n, size_t width, int threads, struct entropy *v,
                         struct tmo_error *err);

#endif
