/* SPDX-License-Identifier: Apache-2.0 */
/* unique_values.h: what there is in a group: one look over its weights, and its points. */
#ifndef CLUSTER_UNIQUE_VALUES_H
#define CLUSTER_UNIQUE_VALUES_H

#include "group.h"
#include "points.h"

struct census {
	size_t zeros;		/* −0 counts */
	size_t bad;		/* the first that is no finite number; SIZE_MAX: all are */
};
int cluster_census(const struct group *g, int threads, struct census *census,
                   struct tmo_error *err);

/*
 * The points of a group of finite weights: without its zeros if they are dropped, and, if the group has
 * importances, without the weights of importance 0. p->n is 0 if nothing is left. The caller frees p, not
 * after a failure. *zeros is how many zeros the group has.
 */
int cluster_unique_values(struct points *p, const struct group *g, bool drop_zeros, size_t *zeros,
                          int threads, struct tmo_error *err);

#endif
