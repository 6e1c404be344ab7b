/* SPDX-License-Identifier: Apache-2.0 */
/* init_plusplus.h: values to start from by k-means++, drawn among the weights of a group. */
#ifndef CLUSTER_INIT_PLUSPLUS_H
#define CLUSTER_INIT_PLUSPLUS_H

#include "group.h"

/*
 * k values (see kmeans_plusplus.h) among all weights of the group, those below 0 (sign < 0) or those
 * above (sign > 0); there is at least one. *count may stay below k.
 */
int cluster_init_plusplus(const struct group *g, int sign, size_t k, uint64_t seed, double *value,
                          size_t *count, int threads, struct tmo_error *err);

#endif
