/* SPDX-License-Identifier: Apache-2.0 */
/* topk.h: scores that become others, and which units stay by their scores. */
#ifndef PRUNE_TOPK_H
#define PRUNE_TOPK_H

#include "tensor/blocks.h"
#include "tensor/pattern.h"

/* Divides all scores; a divisor of 0 or 1 leaves them as they are. */
void prune_divide(double *score, size_t n, double divisor);

/*
 * Gives each unit whose score is above 0 a random one between 0 and 1 instead, all alike, from the
 * seed's random numbers of that stream (see random.h).
 */
void prune_randomize(double *score, size_t n, uint64_t seed, uint64_t stream, int threads);

/*
 * Multiplies each weight's score by the norm of its input: norm[i], or, where the layer is split into
 * groups with inputs of their own, norm[group * length of the inputs + i]: a weight's group is its
 * entry of `groups` over `per_group`. groups NULL: one group.
 */
void prune_multiply_norms(double *score, const struct tmo_lines *inputs, const double *norm,
                          const struct tmo_blocks *groups, size_t per_group);

/*
 * keep[i] = 1 where score[i] > threshold, and where it equals that for the first *ties of these that are
 * not marked yet (NULL: for all), by which *ties becomes less. What is marked already stays so.
 */
void prune_mark(const double *score, size_t n, double threshold, uint64_t *ties,
                unsigned char *keep);

/*
 * Marks the kept largest of n scores, none of which is NaN, beside what is marked already; 1 <= kept <= n.
 * Of equal ones the first, or with all_ties all. *threshold is the least score that stays.
 */
int prune_topk(const double *score, size_t n, uint64_t kept, bool all_ties, unsigned char *keep,
               double *threshold, int threads, struct tmo_error *err);

/*
 * The same among the scores of each entry of a partition whose entries are equally large; of the kept
 * those count that are marked already and have a score of 0.
 */
int prune_topk_each(const double *score, const struct tmo_blocks *sets, uint64_t kept, bool all_ties,
                    unsigned char *keep, struct tmo_error *err);

/* The n largest magnitudes of each group of m stay (see pattern.h); of equal ones the first. */
void prune_n_of_m_f32(const float *x, const struct tmo_lines *lines, size_t n, size_t m,
                      unsigned char *keep, int threads);
void prune_n_of_m_f64(const double *x, const struct tmo_lines *lines, size_t n, size_t m,
                      unsigned char *keep, int threads);

#endif
