/* SPDX-License-Identifier: Apache-2.0 */
/* lloyd.h: Lloyd's algorithm from any values. */
#ifndef CLUSTER_LLOYD_H
#define CLUSTER_LLOYD_H

#include "points.h"

/*
 * At most `steps` times: each point to the nearest of k values (of two the lower), each value to
 * the mean of its points; until no point changes over. The values are ascending and different, and
 * remain in order; one that has no points stays where it is. A step takes k searches, short ones
 * where little moves, in the sums of points, which are of double precision; the means that come
 * out at the end are added up afresh.
 */
int cluster_lloyd(const struct points *p, double *value, size_t k, size_t steps,
                  struct tmo_error *err);

#endif
