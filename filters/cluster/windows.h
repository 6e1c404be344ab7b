/* SPDX-License-Identifier: Apache-2.0 */
/*
 * windows.h: the optimal partition by dynamic programming in windows: for few clusters. Bounds on a
 * coarse grid say how far from a good partition each cut of an optimal one can lie; the grid gets finer,
 * the windows narrower, until they are few enough points to be searched exactly.
 */
#ifndef CLUSTER_WINDOWS_H
#define CLUSTER_WINDOWS_H

#include "partition.h"

/*
 * cut holds some partition into k clusters, and becomes the optimal one. *done is false, and cut a good
 * one and no more, if the windows would have more than `room` places (of 8 bytes) in all.
 */
int cluster_windows_cuts(const struct points *p, size_t k, size_t *cut, size_t room, bool *done,
                         int threads, struct tmo_error *err);

#endif
