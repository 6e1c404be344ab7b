/* SPDX-License-Identifier: Apache-2.0 */
/* grid_sums.h: the prefix sums of points at some places only, which grids of windows.c look at. */
#ifndef CLUSTER_GRID_SUMS_H
#define CLUSTER_GRID_SUMS_H

#include "points.h"

/* As in points, count or mass is NULL. */
struct grid_sums {
	double *sum, *square, *mass;
	uint32_t *count;
};

/* All places: the points' own sums, which are not to be freed. */
static inline struct grid_sums
cluster_grid_sums_of(const struct points *p)
{
	return (struct grid_sums){ p->sum, p->square, p->mass, p->count };
}

/*
 * Room for n places, of points that have counts or masses; cluster_grid_sums_set fills in place i:
 * what stands before point `at`. cluster_grid_sums_free may follow whether there was room or not.
 */
int cluster_grid_sums_new(struct grid_sums *e, const struct points *p, size_t n,
                          struct tmo_error *err);
void cluster_grid_sums_free(struct grid_sums *e);

static inline void
cluster_grid_sums_set(struct grid_sums *e, size_t i, const struct points *p, size_t at)
{
	e->sum[i] = p->sum[at];
	e->square[i] = p->square[at];
	if (p->mass != NULL)
		e->mass[i] = p->mass[at];
	else
		e->count[i] = p->count[at];
}

/* The squared error of what lies between place h of end and place g of start. */
static inline double
cluster_grid_sums_cost(const struct grid_sums *end, size_t h, const struct grid_sums *start,
                       size_t g)
{
	const double s = start->sum[g] - end->sum[h];
	const double n = start->mass != NULL ? start->mass[g] - end->mass[h]
	                                     : (double)(start->count[g] - end->count[h]);
	const double cost = start->square[g] - end->square[h] - s * s / n;

	/* Bins next to each other have at most one point between end and start. */
	return g - h > 1 && cost > 0.0 ? cost : 0.0;
}

#endif
