/* SPDX-License-Identifier: Apache-2.0 */
/* score.h: what a tensor's weights, blocks or channels are worth, and which of them stay. */
#ifndef PRUNE_SCORE_H
#define PRUNE_SCORE_H

#include "gamma.h"
#include "prune_options.h"
#include "stream/lookup.h"
#include "units.h"

/* What scoring needs beside the tensor. Start with {0}; free with prune_score_inputs_free. */
struct score_inputs {
	struct gammas gammas;		/* --pattern channel:bn: found and taken before */
	struct tmo_lookup *norms;	/* owned: --input-norms, or NULL */
	struct tmo_tensor norm;		/* what was read of it for the tensor at hand */
};
void prune_score_inputs_free(struct score_inputs *in);

/* A tensor's units, what each is worth, and which stay. Start with {0}; free with prune_scored_free. */
struct scored {
	struct prune_units units;
	double *score;			/* owned: of each unit; NULL with N:M by magnitude, where
					   the weights themselves are compared */
	unsigned char *keep;		/* owned: of each unit 1 if it stays, once they are marked */
	size_t spared;			/* so many are marked by prune_spare (spare.h) already */
};
void prune_scored_free(struct scored *s);

/* Why a tensor of this kind has no such units, for a note; NULL if it has. */
const char *prune_why_not(const struct score_inputs *in, const struct prune *o,
                          const struct tmo_pattern *p, const struct tmo_tensor *t);

/*
 * Fills in s for a tensor that has weights; what it held is freed first. Nothing is marked yet. Fails at a
 * NaN, and where norms or gammas are missing or do not fit.
 */
int prune_score_tensor(struct score_inputs *in, const struct prune *o, const struct tmo_pattern *p,
                       const struct tmo_tensor *t, int threads, struct scored *s,
                       struct tmo_error *err);

/*
 * Marks what stays where the units of one tensor are compared with each other only: the share of them
 * that --sparsity leaves, those that are spared counted; of channels a share of those of each own (expert,
 * group, direction).
 */
int prune_mark_best(const struct prune *o, const struct tmo_pattern *p, const struct tmo_tensor *t,
                    int threads, struct scored *s, struct tmo_error *err);

/* Marks, beside what is marked already, the best channel of each own that would be left without any. */
void prune_spare_owns(const struct tmo_pattern *p, const struct tmo_tensor *t, struct scored *s);

/* Zeros the units that are not marked. */
void prune_zero_unmarked(struct tmo_tensor *t, const struct scored *s, int threads);

/* n * (1 - sparsity), halves to even, but one at least: how many stay. */
uint64_t prune_kept_count(uint64_t n, double sparsity);

/* Fails with the message for a NaN among the weights. */
int prune_fail_nan(size_t index, struct tmo_error *err);

#endif
