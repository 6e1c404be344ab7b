/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "lloyd.h"

#include <stdlib.h>

/* As the sums have it: scaled, and from the middle. */
static inline double
place(const struct points *p, size_t i)
{
	return cluster_points_scaled(p, i) - p->middle;
}

/* The first point above limit: sought from point `at` on, in steps that double. */
static size_t
first_above(const struct points *p, size_t at, double limit)
{
	size_t low = at, high = at, step = 1;

	while (high < p->n && !(place(p, high) > limit)) {
		low = high + 1;
		high = p->n - low > step ? low + step : p->n;
		step *= 2;
	}
	while (low > 0 && low == at && place(p, low - 1) > limit) {
		high = low - 1;
		low = at = high > step ? high - step : 0;
		step *= 2;
	}
	while (low < high) {
		const size_t half = low + (high - low) / 2;

		if (place(p, half) > limit)
			high = half;
		else
			low = half + 1;
	}
	return low;
}

/* Cuts between the values; false if they are where they were. */
static bool
assign(const struct points *p, const double *value, size_t k, size_t *cut)
{
	bool moved = false;

	for (size_t c = 1; c < k; c++) {
		size_t to = first_above(p, cut[c], (value[c - 1] + value[c]) / 2);

		/* Rounding can turn around limits that are next to each other. */
		if (to < cut[c - 1])
			to = cut[c - 1];
		moved |= to != cut[c];
		cut[c] = to;
	}
	return moved;
}

/* The mean of points i to j - 1; rounding does not take it beyond them. */
static double
mean(const struct points *p, size_t i, size_t j)
{
	const double m = (p->sum[j] - p->sum[i]) / cluster_points_mass(p, i, j);
	const double low = place(p, i), high = place(p, j - 1);

	return m < low ? low : m > high ? high : m;
}

static inline double
inwards(const struct points *p, double value)
{
	return value * p->scale - p->middle;
}

/* Values of clusters: means, or what they were if they never had a point. */
static void
give_back(const struct points *p, double *value, const double *now, size_t k, const size_t *cut)
{
	for (size_t c = 0; c < k; c++)
		if (cut[c] < cut[c + 1])
			value[c] = cluster_points_mean(p, cut[c], cut[c + 1]);
		else if (now[c] != inwards(p, value[c]))
			value[c] = (now[c] + p->middle) / p->scale;
}

int
cluster_lloyd(const struct points *p, double *value, size_t k, size_t steps, struct tmo_error *err)
{
	size_t *cut = tmo_alloc(k + 1, sizeof(*cut), err);
	double *now = tmo_alloc(k, sizeof(*now), err);

	if (cut == NULL || now == NULL) {
		free(cut);
		free(now);
		return -1;
	}
	for (size_t c = 0; c < k; c++)
		now[c] = inwards(p, value[c]);
	for (size_t c = 0; c <= k; c++)
		cut[c] = (size_t)((double)p->n * (double)c / (double)k);
	for (size_t step = 0; step < steps; step++) {
		if (!assign(p, now, k, cut) && step > 0)
			break;
		for (size_t c = 0; c < k; c++)
			if (cut[c] < cut[c + 1])
				now[c] = mean(p, cut[c], cut[c + 1]);
	}
	if (steps > 0)
		give_back(p, value, now, k, cut);
	free(cut);
	free(now);
	return 0;
}
