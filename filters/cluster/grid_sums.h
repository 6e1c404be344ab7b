/* SPDX-License-Identifier: Apache-2.0 */
/* grid_sums.h: the prefix sums of points at some places only, which grids of windows.c look at. */
#ifndef CLUSTER_GRID_SUMS_H
#define CLUSTER_GRID_SUMS_H

#include "points.h"

/* As in points, count or mass is NULL. */
struct edges {
	double *sum, *square, *mass;
	uint32_t *count;
};

/* All places: the points' own sums, which are not to be freed. */
static inline struct edges
edges_of(const struct points *p)
{
	return (struct edges){ p->sum, p->square, p->mass, p->count };
}

/*
 * Room for n places, of points that have counts or masses; edges_set fills in place i: what stands
 * before point `at`. edges_free may follow whether there was room or not.
 */
int edges_new(struct edges *e, const struct points *p, size_t n, struct tmo_error *err);
void edges_free(struct edges *e);

static inline void
edges_set(struct edges *e, size_t i, const struct points *p, size_t at)
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
edges_cost(const struct edges *end, size_t h, const struct edges *start, size_t g)
{
	const double s = start->sum[g] - end->sum[h];
	const double n = start->mass != NULL ? start->mass[g] - end->mass[h]
	                                     : (double)(start->count[g] - end->count[h]);
	const double cost = start->square[g] - end->square[h] - s * s / n;

	/* Bins next to each other have at most one point between end and start. */
	return g - h > 1 && cost > 0.0 ? cost : 0.0;
}

#endif
