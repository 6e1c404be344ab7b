/* SPDX-License-Identifier: Apache-2.0 */
#include "partition.h"

#define LLOYD_STEPS_MAX 100

double
cluster_partition_cost(const struct points *p, size_t k, const size_t *cut)
{
	double cost = 0.0;

	for (size_t c = 0; c < k; c++)
		cost += cluster_points_cost(p, cut[c], cut[c + 1]);
	return cost;
}

/* The first of the points [from, to) whose value (scaled, from the middle) is above limit. */
static size_t
first_above(const struct points *p, size_t from, size_t to, double limit)
{
	while (from < to) {
		const size_t half = from + (to - from) / 2;

		if (cluster_points_scaled(p, half) - p->middle > limit)
			to = half;
		else
			from = half + 1;
	}
	return from;
}

static double
mean(const struct points *p, size_t i, size_t j)
{
	return (p->sum[j] - p->sum[i]) / cluster_points_mass(p, i, j);
}

double
cluster_partition_lloyd(const struct points *p, size_t k, size_t *cut)
{
	double best = cluster_partition_cost(p, k, cut);

	for (int step = 0; step < LLOYD_STEPS_MAX; step++) {
		bool moved = false;
		double left = mean(p, cut[0], cut[1]);

		/* A cut moves between its neighbours only: no cluster is ever empty. */
		for (size_t c = 1; c < k; c++) {
			const double right = mean(p, cut[c], cut[c + 1]);
			const size_t to = first_above(p, cut[c - 1] + 1, cut[c + 1] - 1,
			                              (left + right) / 2);

			moved |= to != cut[c];
			cut[c] = to;
			left = right;
		}
		if (!moved)
			break;
	}
	const double after = cluster_partition_cost(p, k, cut);
	return after < best ? after : best;
}
