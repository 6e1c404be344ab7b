/* SPDX-License-Identifier: Apache-2.0 */
/* values.h: the values of one entry of a partition, wherever they lie, as doubles. */
#ifndef QUANT_VALUES_H
#define QUANT_VALUES_H

#include <stdint.h>

#include "tensor/blocks.h"
#include "tmo.h"

struct values {
	const void *x;
	bool wide;			/* x is double, else float */
	bool magnitudes;		/* their signs are dropped */
	double factor;			/* they are multiplied by it, a power of two */
	struct tmo_strip strip;		/* where they lie: one entry wide */
	size_t count;			/* values in all */
	const double *times;		/* how often each counts, as they follow; NULL: once */
};

/* Those of entry `entry`, as they are. */
struct values quant_values_of(const struct tmo_blocks *b, bool wide, const void *x, size_t entry);

/* The values [from, from + n) of them. */
void quant_values_read(const struct values *v, size_t from, size_t n, double *out);

/* How often they fall in each of equal bins. */
struct bins {
	size_t n;
	double low, high, width;	/* others are not counted; width: of a bin */
	uint64_t *count;
	double *sum;			/* of the values in each; NULL: not wanted */
	double squares;			/* of all that are counted */
};

int quant_bins_new(struct bins *b, size_t n, bool sums, struct tmo_error *err);
void quant_bins_free(struct bins *b);
/*
 * Counts all values in [low, high], each as often as it counts, which sums and squares do not heed:
 * the same for any number of threads.
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
