/* SPDX-License-Identifier: Apache-2.0 */
/* weighted_values.h: the points of weights that do not count alike. */
#ifndef CLUSTER_WEIGHTED_VALUES_H
#define CLUSTER_WEIGHTED_VALUES_H

#include "group.h"
#include "points.h"

/* Whether a group with importances has some above 0 among what is not dropped. */
bool cluster_any_weight(const struct group *g, bool drop_zeros);

/* The points of one that has, with masses. The caller frees p, not after a failure. */
int cluster_weighted_values(struct points *p, const struct group *g, bool drop_zeros, int threads,
                            struct tmo_error *err);

#endif
