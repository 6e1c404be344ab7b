/* SPDX-License-Identifier: Apache-2.0 */
/* score.h: what a tensor's weights, blocks or channels are worth, and which of them stay. */
#ifndef PRUNE_SCORE_H
#define PRUNE_SCORE_H

#include "gamma.h"
#include "prune_options.h"
#include "stream/lookup.h"
#include "units.h"

/* What judging needs beside the tensor. {0} to start with. */
struct judge {
	struct gammas gammas;
	struct tmo_lookup *norms;
	struct tmo_tensor norm;		/* of the inputs of the tensor at hand */
};
void judge_free(struct judge *j);

struct verdict {
	struct prune_units units;
	double *score;			/* of each unit; owned; NULL: the magnitudes are */
	unsigned char *keep;		/* room for a mark for each; owned */
};
void verdict_free(struct verdict *v);

/* Why the pattern cannot be cut into a tensor of this kind, or NULL. */
const char *judge_cannot(const struct judge *j, const struct prune *o, const struct tmo_pattern *p,
                         const struct tmo_tensor *t);

/* Scores the units of a tensor that has weights; what v held is freed first. Fails at NaN. */
int judge_score(struct judge *j, const struct prune *o, const struct tmo_pattern *p,
                const struct tmo_tensor *t, int threads, struct verdict *v, struct tmo_error *err);

/* Marks what stays in a tensor that is judged alone. */
int judge_pick(const struct prune *o, const struct tmo_pattern *p, const struct tmo_tensor *t,
               int threads, struct verdict *v, struct tmo_error *err);

/* Zeros the units that are not marked. */
void judge_cut(struct tmo_tensor *t, const struct verdict *v, int threads);

/* n * (1 - sparsity), halves to even, but one at least: how many stay. */
uint64_t judge_kept(uint64_t n, double sparsity);

int judge_nan(size_t index, struct tmo_error *err);	/* the message for one */

#endif
