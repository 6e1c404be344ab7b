/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The method of TensorRT (S. Migacz, 8-bit inference with TensorRT, GTC 2017) in the form that ONNX
 * Runtime gives it: a histogram of 2048 bins from -T to T, T the largest magnitude; for each
 * number of bins around the middle, what lies outside is added to the outermost bins (p); what lies
 * inside is merged to as many bins as there are codes on one side, and shared out again among the
 * bins that p has filled (q). The range is taken whose q has the least divergence from p, by
 * Kullback and Leibler.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit_methods.h"

#define BINS ((size_t)2048)
#define MIDDLE (BINS / 2)
#define EPSILON 1e-4			/* of an empty bin, so that no logarithm is infinite */

/*
 * The natural logarithm of x > 0, of + - * / alone, so that it is the same on every machine:
 * x = m 2^e with m near 1, and log m = 2 (z + z³/3 + z⁵/5 + …), z = (m - 1) / (m + 1).
 */
static double
log_of(double x)
{
	uint64_t bits;
	double m, z, z2, z4, even, odd;
	int e;

	/* x is a normal number; m from 1 / sqrt(2) on. */
	memcpy(&bits, &x, sizeof(bits));
	e = (int)((bits + UINT64_C(0x00095f619980c433)) >> 52) - 1023;
	bits -= (uint64_t)(int64_t)e << 52;
	memcpy(&m, &bits, sizeof(m));
	z = (m - 1) / (m + 1);
	z2 = z * z;
	z4 = z2 * z2;
	/* Two sums side by side are there sooner than one. */
	even = 1 + z4 * (1.0 / 5 + z4 * (1.0 / 9 + z4 * (1.0 / 13 + z4 * (1.0 / 17))));
	odd = 1.0 / 3 + z4 * (1.0 / 7 + z4 * (1.0 / 11 + z4 * (1.0 / 15 + z4 * (1.0 / 19))));
	return 2 * z * (even + z2 * odd) + e * 0x1.62e42fefa39efp-1;
}

/* The histogram with running totals. Bins of equal count are one class: their logarithm is one. */
struct histogram {
	const uint64_t *count;
	uint64_t upto[BINS + 1];	/* values in all bins before */
	uint32_t filled[BINS + 1];	/* bins before that are not empty */
	uint16_t class[BINS];
	size_t classes;
	double value[BINS];		/* a class's count */
	uint32_t inside[BINS];		/* bins of a class within the range, its two ends left out */
};

/* One candidate: the bins [start, end), and p there. */
struct candidate {
	size_t start, end;
	double first, last;		/* its ends, with what lies outside */
	size_t filled;
	double shift;			/* what each bin that is not empty gives to those that are */
};

static int
by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
classify(struct histogram *h)
{
	uint64_t sorted[BINS];
	size_t n = 0;

	for (size_t i = 0; i < BINS; i++)
		if (h->count[i] != 0)
			sorted[n++] = h->count[i];
	qsort(sorted, n, sizeof(*sorted), by_size);
	h->classes = 0;
	for (size_t i = 0; i < n; i++)
		if (i == 0 || sorted[i] != sorted[i - 1]) {
			sorted[h->classes] = sorted[i];
			h->value[h->classes++] = (double)sorted[i];
		}
	for (size_t i = 0; i < BINS; i++) {
		const uint64_t *const place = bsearch(&h->count[i], sorted, h->classes,
		                                      sizeof(*sorted), by_size);

		h->class[i] = place != NULL ? (uint16_t)(place - sorted) : UINT16_MAX;
	}
}

static void
set_up(struct histogram *h, const uint64_t *count)
{
	h->count = count;
	h->upto[0] = 0;
	h->filled[0] = 0;
	for (size_t i = 0; i < BINS; i++) {
		h->upto[i + 1] = h->upto[i] + count[i];
		h->filled[i + 1] = h->filled[i] + (count[i] != 0);
		h->inside[i] = 0;
	}
	classify(h);
}

/* The bins [from, to) become inner ones. */
static void
take_in(struct histogram *h, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (h->count[i] != 0)
			h->inside[h->class[i]]++;
}

static struct candidate
candidate(const struct histogram *h, size_t start, size_t end)
{
	struct candidate c = {
		.start = start, .end = end,
		.first = (double)h->upto[start + 1],
		.last = (double)(h->upto[BINS] - h->upto[end - 1]),
	};

	c.filled = h->filled[end - 1] - h->filled[start + 1] + (c.first > 0) + (c.last > 0);
	c.shift = EPSILON * (double)(end - start - c.filled) / (double)c.filled;
	return c;
}

/* x log x of a bin of p, once it was smoothed. */
static double
own_term(const struct candidate *c, double count)
{
	const double x = count > 0 ? count - c->shift : EPSILON;

	return x * log_of(x);
}

static double
own_terms(const struct histogram *h, const struct candidate *c)
{
	const size_t empty = c->end - c->start - c->filled;
	double sum = own_term(c, c->first) + own_term(c, c->last);

	/* Empty ends are among the empty ones. */
	sum += (double)(empty - (c->first > 0 ? 0 : 1) - (c->last > 0 ? 0 : 1)) * own_term(c, 0);
	for (size_t i = 0; i < h->classes; i++)
		if (h->inside[i] != 0)
			sum += h->inside[i] * own_term(c, h->value[i]);
	return sum;
}

/* Of the bins [from, to): how many of p are not empty, and their values. */
static size_t
group(const struct histogram *h, const struct candidate *c, size_t from, size_t to, double *held)
{
	size_t filled = h->filled[to] - h->filled[from];

	*held = (double)(h->upto[to] - h->upto[from]);
	if (from == c->start) {
		*held += c->first - (double)h->count[from];
		filled += h->count[from] == 0 && c->first > 0;
	}
	if (to == c->end) {
		*held += c->last - (double)h->count[to - 1];
		filled += h->count[to - 1] == 0 && c->last > 0;
	}
	return filled;
}

/* What a bin of q holds in each group, in whole numbers, as in the original. */
static uint64_t
share_of(const struct histogram *h, const struct candidate *c, size_t g, size_t groups,
         size_t each)
{
	const size_t from = c->start + g * each, to = from + each;
	double held;
	const size_t filled = group(h, c, from, to, &held);
	const size_t upto = g + 1 == groups ? c->end : to;

	return filled == 0 ? 0 : (h->upto[upto] - h->upto[from]) / filled;
}

/* The sum of p log q over the bins of c; *total becomes that of q. INFINITY if q is empty. */
static double
cross_terms(const struct histogram *h, const struct candidate *c, size_t groups, double *total)
{
	const size_t each = (c->end - c->start) / groups, rest = c->start + groups * each;
	const double log_empty = log_of(EPSILON);
	double cross = 0, held, shift, log_last = 0;
	uint64_t share[MIDDLE], last = 0;
	size_t full = 0, filled;

	*total = 0;
	for (size_t g = 0; g < groups; g++) {
		share[g] = share_of(h, c, g, groups, each);
		full += share[g] != 0 ? each : 0;
		*total += (double)share[g] * (double)each;
	}
	if (full == 0)
		return INFINITY;
	shift = EPSILON * (double)(c->end - c->start - full) / (double)full;
	for (size_t g = 0; g < groups; g++) {
		filled = group(h, c, c->start + g * each, c->start + (g + 1) * each, &held);
		held += EPSILON * (double)(each - filled) - c->shift * (double)filled;
		if (share[g] != 0 && share[g] != last) {
			last = share[g];
			log_last = log_of((double)last - shift);
		}
		cross += held * (share[g] != 0 ? log_last : log_empty);
	}
	if (rest < c->end) {
		filled = group(h, c, rest, c->end, &held);
		held += EPSILON * (double)(c->end - rest - filled) - c->shift * (double)filled;
		cross += held * log_empty;
	}
	return cross;
}

static double
divergence(const struct histogram *h, const struct candidate *c, size_t groups)
{
	const double all = (double)h->upto[BINS];
	double total;
	const double cross = cross_terms(h, c, groups, &total);

	if (isinf(cross))
		return INFINITY;
	return (own_terms(h, c) - cross) / all + log_of(total) - log_of(all);
}

/* The half width of the range, in bins, that has the least divergence; the smallest of several. */
static size_t
best_range(struct histogram *h, size_t groups)
{
	double best = INFINITY;
	size_t place = groups / 2, from = MIDDLE, to = MIDDLE;

	for (size_t i = groups / 2; i <= MIDDLE; i++) {
		const size_t start = MIDDLE - i, end = MIDDLE + i + 1 < BINS ? MIDDLE + i + 1 : BINS;
		const struct candidate c = candidate(h, start, end);
		double d;

		take_in(h, start + 1, from);
		take_in(h, to, end - 1);
		from = start + 1;
		to = end - 1;
		d = divergence(h, &c, groups);
		if (d < best) {
			best = d;
			place = i;
		}
	}
	return place;
}

int
quant_fit_entropy(const struct values *v, size_t quantized, double *low, double *high,
                  struct fit_room *room, struct tmo_error *err)
{
	const double most = -*low > *high ? -*low : *high, width = most / (double)MIDDLE;
	struct histogram h;
	double a, b;
	size_t half;

	if (room->bins.count == NULL && quant_bins_new(&room->bins, BINS, false, err) < 0)
		return -1;
	if (quant_bins_count(&room->bins, v, -most, most, room->threads, err) < 0)
		return -1;
	set_up(&h, room->bins.count);
	half = best_range(&h, quantized < 2 ? 2 : quantized);
	a = -(double)half * width;
	b = half < MIDDLE ? (double)(half + 1) * width : most;
	*low = a > *low ? a : *low;
	*high = b < *high ? b : *high;
	return 0;
}
