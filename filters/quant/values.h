/* SPDX-License-Identifier: Apache-2.0 */
/* values.h: the values of one entry of a partition, wherever they lie, as doubles. */
#ifndef QUANT_VALUES_H
#define QUANT_VALUES_H

#include <stdint.h>

#include "tensor/blocks.h"
#include "tmo.h"

/* Borrows what it is made of. */
struct values {
	const void *x;
	bool wide;			/* x is double, else float */
	bool magnitudes;		/* their signs are dropped */
	double factor;			/* they are multiplied by it, a power of two */
	struct tmo_strip strip;		/* where they lie: one entry wide */
	size_t count;			/* values in all */
	const double *times;		/* how often each counts, in their order; NULL: once */
};

/* Those of entry `entry` of the partition of x, with signs, factor 1, each once. */
struct values quant_values_of(const struct tmo_blocks *b, bool wide, const void *x, size_t entry);

/* The values [from, from + n) of them. */
void quant_values_read(const struct values *v, size_t from, size_t n, double *out);

/* A histogram: how often values fall in each of n bins of equal width. */
struct bins {
	size_t n;
	double low, high, width;	/* what is beyond low or high is not counted; width: of a bin */
	uint64_t *count;		/* owned: n */
	double *sum;			/* owned: of the values in each; NULL: not wanted */
	double squares;			/* the sum of the squares of all that are counted */
};

/* Room for n bins, with or without their sums. */
int quant_bins_new(struct bins *b, size_t n, bool sums, struct tmo_error *err);
void quant_bins_free(struct bins *b);
/*
 * Counts all values in [low, high], each as often as v->times says. Sums and squares take each once. No
 * result depends on threads.
 */
int quant_bins_count(struct bins *b, const struct values *v, double low, double high, int threads,
                     struct tmo_error *err);

/* The bin of x, which is in [low, high]; it grows with x. */
static inline size_t
quant_bin_of(const struct bins *b, double x)
{
	const size_t i = (size_t)((x - b->low) / b->width);

	return i < b->n ? i : b->n - 1;
}

#endif
