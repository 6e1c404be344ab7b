/* SPDX-License-Identifier: Apache-2.0 */
/* score.h: what a tensor's weights, blocks or channels are worth, and which of them stay. */
#ifndef PRUNE_SCORE_H
#define PRUNE_SCORE_H

#include "gamma.h"
#include "prune_options.h"
#include "stream/lookup.h"
#include "units.h"

/* What judging needs beside the tensor. {0} to start with. */
struct score_inputs {
	struct gammas gammas;
	struct tmo_lookup *norms;
	struct tmo_tensor norm;		/* of the inputs of the tensor at hand */
};
void prune_score_inputs_free(struct score_inputs *in);

struct scored {
	struct prune_units units;
	double *score;			/* of each unit; owned; NULL: the magnitudes are */
	unsigned char *keep;		/* room for a mark for each; owned */
};
void prune_scored_free(struct scored *s);

/* Why the pattern cannot be cut into a tensor of this kind, or NULL. */
const char *prune_why_not(const struct score_inputs *in, const struct prune *o,
                          const struct tmo_pattern *p, const struct tmo_tensor *t);

/* Scores the units of a tensor that has weights; what s held is freed first. Fails at NaN. */
int prune_score_tensor(struct score_inputs *in, const struct prune *o, const struct tmo_pattern *p,
                       const struct tmo_tensor *t, int threads, struct scored *s,
                       struct tmo_error *err);

/* Marks what stays in a tensor that is judged alone: of channels a share of each own's. */
int prune_mark_best(const struct prune *o, const struct tmo_pattern *p, const struct tmo_tensor *t,
                    int threads, struct scored *s, struct tmo_error *err);

/* Marks the best channel of each own (expert, group, direction) that would be left without any. */
void prune_spare_owns(const struct tmo_pattern *p, const struct tmo_tensor *t, struct scored *s);

/* Zeros the units that are not marked. */
void prune_zero_unmarked(struct tmo_tensor *t, const struct scored *s, int threads);

/* n * (1 - sparsity), halves to even, but one at least: how many stay. */
uint64_t prune_kept_count(uint64_t n, double sparsity);

int prune_fail_nan(size_t index, struct tmo_error *err);	/* the message for one */

#endif
