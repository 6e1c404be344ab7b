/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.h: k values to start from, for points [from, to), at least one; as tfmot's clustering has
 * them, each operation rounded to f32 (f64 weights: to f64). They may repeat and come in any order.
 */
#ifndef CLUSTER_INIT_H
#define CLUSTER_INIT_H

#include "base/random.h"
#include "points.h"

/* From the least to the largest, the same distance apart; the least alone if k is 1. */
void cluster_init_linear(const struct points *p, size_t from, size_t to, size_t k, double *value);

/*
 * Where the share of weights that are no larger first exceeds 0.01 … 1 (k numbers, the same distance
 * apart), on a grid of 30 places that begins and ends 0.01 beyond the weights; if they are all of
 * one sign, and 0 is not among them for that, no nearer to 0 than half way.
 */
void cluster_init_density(const struct points *p, size_t from, size_t to, size_t k, bool one_sign,
                          double *value);

/* Anywhere between the least and the largest, all places alike. */
void cluster_init_random(const struct points *p, size_t from, size_t to, size_t k,
                         struct tmo_rng *rng, double *value);

#endif
