/* SPDX-License-Identifier: Apache-2.0 */
/* importance.h: how much each weight's error counts, from a stream beside the stream. */
#ifndef CLUSTER_IMPORTANCE_H
#define CLUSTER_IMPORTANCE_H

#include "stream/lookup.h"

/*
 * Loads the importances of t: the tensor of its name, of its shape, as f32 or f64 in i->data or
 * i->data64; i is empty before and the caller's to free. Fails if there is none, or a number among
 * them that is negative, infinite or NaN.
 */
int cluster_importance_load(struct tmo_lookup *r, const struct tmo_tensor *t, struct tmo_tensor *i,
                            int threads, struct tmo_error *err);

/* The first of n numbers (data or data64 is not NULL) that cannot be an importance; n: all can. */
size_t cluster_importance_invalid(const float *data, const double *data64, size_t n);

#endif
