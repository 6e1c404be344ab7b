/* SPDX-License-Identifier: Apache-2.0 */
/*
 * optimal.h: the partition of points into k runs with the least squared error of all: in one
 * dimension that is k-means solved exactly, since clusters are runs of neighbours.
 *
 * A partition is its cuts: cut[0] = 0, cut[k] = p->n, cluster c is points cut[c] to cut[c + 1] - 1.
 */
#ifndef CLUSTER_OPTIMAL_H
#define CLUSTER_OPTIMAL_H

#include "points.h"

/*
 * The optimal partition into k clusters (1 <= k <= p->n; cut has room for k + 1). Takes whichever
 * of the two ways below is shorter.
 */
int cluster_optimal_cuts(const struct points *p, size_t k, size_t *cut, int threads,
                         struct tmo_error *err);

/*
 * Dynamic programming in windows: for few clusters. Bounds on a coarse grid say how far from a
 * good partition each cut of an optimal one can lie; the grid gets finer, the windows narrower,
 * until they are few enough points to be searched exactly. cut holds some partition without empty
 * clusters. *done is false, and cut a good one and no more, if the windows would have more than
 * `room` places in all.
 */
int cluster_windows_cuts(const struct points *p, size_t k, size_t *cut, size_t room, bool *done,
                         int threads, struct tmo_error *err);

/*
 * Lagrange: every cluster costs a price instead of their number being fixed; the right price gives
 * k of them. O(n log n) a price whatever k is: for many clusters. cut holds some partition
 * without empty clusters; a good one saves prices.
 */
int cluster_lagrange_cuts(const struct points *p, size_t k, size_t *cut, struct tmo_error *err);

/* The squared error of a partition. */
double cluster_partition_cost(const struct points *p, size_t k, const size_t *cut);
/* Lloyd's algorithm: moves the cuts between the means until nothing gets better. Returns the cost. */
double cluster_lloyd_cuts(const struct points *p, size_t k, size_t *cut);

#endif
