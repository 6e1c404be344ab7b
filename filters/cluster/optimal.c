/* SPDX-License-Identifier: Apache-2.0 */
#include "optimal.h"

#define LLOYD_STEPS_MAX 100
/* Places that all windows together may have: 8 bytes each, so half the size of f32 weights. */
#define ROOM_MIN ((size_t)1 << 21)

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
cluster_lloyd_cuts(const struct points *p, size_t k, size_t *cut)
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

int
cluster_optimal_cuts(const struct points *p, size_t k, size_t *cut, int threads,
                     struct tmo_error *err)
{
	const size_t room = p->n / 2 + ROOM_MIN;
	bool done = false;

	cut[0] = 0;
	cut[k] = p->n;
	if (k == 1)
		return 0;
	if (k == p->n) {
		for (size_t c = 1; c < k; c++)
			cut[c] = c;
		return 0;
	}
	for (size_t c = 1; c < k; c++)
		cut[c] = (size_t)((double)p->n * (double)c / (double)k);
	/* Measured: the first grid takes as long as all prices for some 16 * k * k values. */
	if (k < p->n / 16 / k && cluster_windows_cuts(p, k, cut, room, &done, threads, err) < 0)
		return -1;
	return done ? 0 : cluster_lagrange_cuts(p, k, cut, err);
}
