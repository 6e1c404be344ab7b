/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Percentiles as numpy has them by default: between the two values next to the rank, linearly.
 * The value of a rank is found by counting into bins, then counting again within the bin that has
 * it, until few values or one are left: two passes where the values are spread, never many. (Of
 * few values there are no bins: they are sorted.)
 */
#include <math.h>
#include <stdlib.h>

#include "codebook_usage.h"
#include "fit_methods.h"

#define BINS ((size_t)1 << 12)
#define FEW ((size_t)64)
#define BLOCK ((size_t)1024)

/* Goes to the bin that holds the rank; the rank is then one within it. */
static size_t
bin_of_rank(const struct bins *b, uint64_t *rank)
{
	size_t i = 0;

	while (*rank >= b->count[i])
		*rank -= b->count[i++];
	return i;
}

/* The values in a bin: their range, and themselves while there is room for FEW. */
static void
look_into(const struct bins *b, size_t bin, const struct values *v, double *low, double *high,
          double *few)
{
	double x[BLOCK], least = INFINITY, most = -INFINITY;
	size_t kept = 0;

	for (size_t i = 0; i < v->count; i += BLOCK) {
		const size_t n = v->count - i < BLOCK ? v->count - i : BLOCK;

		quant_values_read(v, i, n, x);
		for (size_t j = 0; j < n; j++) {
			if (!(x[j] >= b->low && x[j] <= b->high) || quant_bin_of(b, x[j]) != bin)
				continue;
			least = x[j] < least ? x[j] : least;
			most = x[j] > most ? x[j] : most;
			if (kept < FEW)
				few[kept++] = x[j];
		}
	}
	*low = least;
	*high = most;
}

static double
rank_of_few(double *x, size_t n, uint64_t rank)
{
	for (size_t i = 1; i < n; i++) {
		const double own = x[i];
		size_t j = i;

		for (; j > 0 && x[j - 1] > own; j--)
			x[j] = x[j - 1];
		x[j] = own;
	}
	return x[rank];
}

/* The value of this rank, from 0, of all that are in [low, high]. */
static int
select_rank(const struct values *v, double low, double high, uint64_t rank, double *value,
            struct fit_room *room, struct tmo_error *err)
{
	struct bins *const b = &room->bins;
	double few[FEW];

	if (v->times != NULL)
		return quant_used_rank(v, (double)rank, value, err);
	if (v->count <= FEW) {
		quant_values_read(v, 0, v->count, few);
		*value = rank_of_few(few, v->count, rank);
		return 0;
	}
	if (b->count == NULL && quant_bins_new(b, BINS, false, err) < 0)
		return -1;
	b->n = v->count < BINS ? v->count : BINS;
	for (;;) {
		uint64_t held;
		size_t bin;

		if (quant_bins_count(b, v, low, high, room->threads, err) < 0)
			return -1;
		bin = bin_of_rank(b, &rank);
		held = b->count[bin];
		look_into(b, bin, v, &low, &high, few);
		if (held <= FEW) {
			*value = rank_of_few(few, held, rank);
			return 0;
		}
		/* All the same, or so near each other, and to 0, that no bins can part them. */
		if (!(high - low > 0x1p-900)) {
			*value = low;
			return 0;
		}
	}
}

static double
how_many(const struct values *v)
{
	double n = 0;

	if (v->times == NULL)
		return (double)v->count;
	for (size_t i = 0; i < v->count; i++)
		n += v->times[i];
	return n;
}

static int
percentile_of(const struct values *v, double percentile, double low, double high, double *value,
              struct fit_room *room, struct tmo_error *err)
{
	const double place = percentile / 100 * (how_many(v) - 1), whole = floor(place);
	const double t = place - whole;
	double a, b;

	if (select_rank(v, low, high, (uint64_t)whole, &a, room, err) < 0)
		return -1;
	b = a;
	if (t > 0 && select_rank(v, low, high, (uint64_t)whole + 1, &b, room, err) < 0)
		return -1;
	*value = t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
	return 0;
}

int
quant_fit_percentile(const struct values *v, double percentile, bool magnitudes, double *low,
                     double *high, struct fit_room *room, struct tmo_error *err)
{
	struct values its = *v;
	double a, b;

	its.magnitudes = magnitudes;
	if (magnitudes) {
		if (percentile_of(&its, percentile, 0, -*low > *high ? -*low : *high, &b, room,
		                  err) < 0)
			return -1;
		a = -b;
	} else if (percentile_of(&its, 100 - percentile, *low, *high, &a, room, err) < 0 ||
	           percentile_of(&its, percentile, *low, *high, &b, room, err) < 0) {
		return -1;
	}
	/* Where all that lies between is 0, nothing would be left of the rest: it keeps its range. */
	if (a < 0 || b > 0) {
		*low = a < 0 ? a : 0;
		*high = b > 0 ? b : 0;
	}
	return 0;
}
