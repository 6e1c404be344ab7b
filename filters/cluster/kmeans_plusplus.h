/* SPDX-License-Identifier: Apache-2.0 */
/* kmeans_plusplus.h: k-means++, as TensorFlow draws it. */
#ifndef CLUSTER_KMEANS_PLUSPLUS_H
#define CLUSTER_KMEANS_PLUSPLUS_H

#include "tmo.h"

/*
 * Draws k of the n values x (1 <= k <= 65536, 1 <= n <= UINT32_MAX), each with a chance in
 * proportion to its squared distance from those drawn already: 3 + floor(ln k) candidates each time,
 * of which the one is taken that leaves the least sum of squared distances. chosen gets their
 * indices, in the order of the draws, *count of them: fewer than k once all values are taken.
 *
 * All is f32, as TensorFlow's KmeansPlusPlusInitialization has it, with Philox in the same
 * order; the sum of distances is that of 16 lanes, as its vectors of 8 come to with AVX. weight, if it is
 * not NULL, is how much each squared distance counts; the first value is then drawn by weight.
 * No |x| may be above 2^41 nor a weight above 1, so that nothing overflows.
 */
int cluster_kmeans_plusplus(const float *x, const float *weight, size_t n, size_t k, uint64_t seed,
                            uint32_t *chosen, size_t *count, int threads, struct tmo_error *err);

#endif
