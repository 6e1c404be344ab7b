/* SPDX-License-Identifier: Apache-2.0 */
/* points.h: the different values of a group of weights, in order, with prefix sums. */
#ifndef CLUSTER_POINTS_H
#define CLUSTER_POINTS_H

#include "base/sort.h"

/*
 * n different values in ascending order, as keys (see sort.h). The sums are of the values (less a
 * middle one, times a power of two: neither matters to who belongs together), each as often as it
 * occurs; entry i is about the values before i. They run outwards from the middle, where they
 * are 0, so that one huge value at an end costs the others no accuracy.
 *
 * Where weights do not count alike, a value has a mass in the place of a number of occurrences: a
 * whole number too, so that differences of the sums of masses, 2^53 at most, are exact.
 */
struct points {
	size_t n;
	bool wide;			/* f64: keys64, else keys32 */
	uint32_t *keys32;
	uint64_t *keys64;
	uint32_t *count;		/* n + 1 entries each; NULL if there are masses */
	double *mass;			/* NULL if there are counts */
	double *sum, *square;
	double scale;			/* a power of two: 1 for f32 */
	double middle;			/* already scaled */
};

/*
 * Takes over sorted keys and spare room for as many (both from malloc, freed here or with the
 * points, also on failure). size is 1 to UINT32_MAX. Exactly one of the pairs is not NULL.
 */
int cluster_points_make(struct points *p, uint32_t *sorted32, uint32_t *spare32, uint64_t *sorted64,
                        uint64_t *spare64, size_t size, int threads, struct tmo_error *err);
/* Fills in the sums of points that have their keys, and their counts or masses. */
int cluster_points_sum(struct points *p, int threads, struct tmo_error *err);
void cluster_points_free(struct points *p);
/* Frees the sums, which only the search for a partition needs. */
void cluster_points_free_sums(struct points *p);

/* Value i as it was, and scaled. */
static inline double
cluster_points_value(const struct points *p, size_t i)
{
	return p->wide ? tmo_f64_of_key(p->keys64[i]) : (double)tmo_f32_of_key(p->keys32[i]);
}

static inline double
cluster_points_scaled(const struct points *p, size_t i)
{
	return cluster_points_value(p, i) * p->scale;
}

/* How often values i to j - 1 occur, or their mass. */
static inline double
cluster_points_mass(const struct points *p, size_t i, size_t j)
{
	return p->mass != NULL ? p->mass[j] - p->mass[i] : (double)(p->count[j] - p->count[i]);
}

/* The first value above limit; p->n if there is none. */
size_t cluster_points_above(const struct points *p, double limit);

/*
 * The squared error of values i to j - 1 about their mean; 0 for none or one. In a loop that knows
 * whether there are masses, the question is not asked each time.
 */
static inline double
cluster_points_cost_if(const struct points *p, size_t i, size_t j, bool masses)
{
	double n, s, cost;

	if (j - i <= 1)
		return 0.0;
	n = masses ? p->mass[j] - p->mass[i] : (double)(p->count[j] - p->count[i]);
	s = p->sum[j] - p->sum[i];
	cost = p->square[j] - p->square[i] - s * s / n;
	return cost > 0.0 ? cost : 0.0;
}

static inline double
cluster_points_cost(const struct points *p, size_t i, size_t j)
{
	return cluster_points_cost_if(p, i, j, p->mass != NULL);
}

/* The mean of values i to j - 1 (at least one), unscaled; added up afresh from value i on. */
double cluster_points_mean(const struct points *p, size_t i, size_t j);

#endif
