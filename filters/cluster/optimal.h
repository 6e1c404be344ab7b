/* SPDX-License-Identifier: Apache-2.0 */
/*
 * optimal.h: the partition of points into k clusters with the least squared error of all: in one
 * dimension that is k-means solved exactly. There are two ways, windows.h and lagrange.h; this takes the
 * shorter.
 */
#ifndef CLUSTER_OPTIMAL_H
#define CLUSTER_OPTIMAL_H

#include "points.h"

/* 1 <= k <= p->n; cut, which gets the cuts (partition.h), has room for k + 1. */
int cluster_optimal_cuts(const struct points *p, size_t k, size_t *cut, int threads,
                         struct tmo_error *err);

#endif
