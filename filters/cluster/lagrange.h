/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lagrange.h: the optimal partition by Lagrange's way: every cluster costs a price instead of their
 * number being fixed; the right price gives k of them. O(n log n) a price whatever k is: for many
 * clusters.
 */
#ifndef CLUSTER_LAGRANGE_H
#define CLUSTER_LAGRANGE_H

#include "partition.h"

/* cut holds some partition into k clusters, and becomes the optimal one; a good one saves prices. */
int cluster_lagrange_cuts(const struct points *p, size_t k, size_t *cut, struct tmo_error *err);

#endif
