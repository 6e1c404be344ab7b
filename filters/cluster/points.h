/* SPDX-License-Identifier: Apache-2.0 */
/* points.h: the different values of a group of weights, in order, with prefix sums. */
#ifndef CLUSTER_POINTS_H
#define CLUSTER_POINTS_H

#include "sort.h"

/*
 * n different values in ascending order, as keys (see sort.h). The sums are of the values (less a
 * middle one, times a power of two: neither matters to who belongs together), each as often as it
 * occurs; entry i is about the values before i. They run outwards from the middle, where they
 * are 0, so that one huge value at an end costs the others no accuracy.
 */
struct points {
	size_t n;
	bool wide;			/* f64: keys64, else keys32 */
	uint32_t *keys32;
	uint64_t *keys64;
	uint32_t *count;		/* n + 1 entries each */
	double *sum, *square;
	double scale;			/* a power of two: 1 for f32 */
	double middle;			/* already scaled */
};

/*
 * Takes over sorted keys and spare room for as many (both from malloc, freed here or with the
 * points, also on failure). size is 1 to UINT32_MAX. Exactly one of the pairs is not NULL.
 */
int points_make(struct points *p, uint32_t *sorted32, uint32_t *spare32, uint64_t *sorted64,
                uint64_t *spare64, size_t size, int threads, struct tmo_error *err);
void points_free(struct points *p);
/* Frees the sums, which only the search for a partition needs. */
void points_free_sums(struct points *p);

/* Value i as it was, and scaled. */
static inline double
points_value(const struct points *p, size_t i)
{
	return p->wide ? tmo_f64_of_key(p->keys64[i]) : (double)tmo_f32_of_key(p->keys32[i]);
}

static inline double
points_scaled(const struct points *p, size_t i)
{
	return points_value(p, i) * p->scale;
}

/* The squared error of values i to j - 1 about their mean; 0 for none or one. */
static inline double
points_cost(const struct points *p, size_t i, size_t j)
{
	double s, cost;

	if (j - i <= 1)
		return 0.0;
	s = p->sum[j] - p->sum[i];
	cost = p->square[j] - p->square[i] - s * s / (double)(p->count[j] - p->count[i]);
	return cost > 0.0 ? cost : 0.0;
}

/* The mean of values i to j - 1 (at least one), unscaled; added up afresh from value i on. */
double points_mean(const struct points *p, size_t i, size_t j);

#endif
