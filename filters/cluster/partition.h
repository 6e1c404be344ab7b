/* SPDX-License-Identifier: Apache-2.0 */
/*
 * partition.h: points in k clusters, each a run of neighbours: in one dimension all good clusters are.
 *
 * A partition is its cuts: cut[0] = 0, cut[k] = p->n, cluster c is points cut[c] to cut[c + 1] - 1. No
 * cluster is empty.
 */
#ifndef CLUSTER_PARTITION_H
#define CLUSTER_PARTITION_H

#include "points.h"

/* The sum of the clusters' squared errors about their means, in the scale of the points' sums. */
double cluster_partition_cost(const struct points *p, size_t k, const size_t *cut);

/*
 * Lloyd's algorithm on cuts: moves each to the middle between the means beside it, until none moves or
 * after a hundred steps. Returns the cost of the partition, which is no larger than before.
 */
double cluster_partition_lloyd(const struct points *p, size_t k, size_t *cut);

#endif
