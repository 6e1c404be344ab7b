/* SPDX-License-Identifier: Apache-2.0 */
/* global_threshold.h: what is compared with each other: the weights of one tensor, or all units of a stream. */
#ifndef PRUNE_GLOBAL_THRESHOLD_H
#define PRUNE_GLOBAL_THRESHOLD_H

#include "score.h"
#include "threshold.h"

/* All units of a stream, over several readings. {0} to start with. */
struct global_threshold {
	struct selection selection;
	uint64_t total, kept, ties;	/* units; those that stay; of those at the threshold */
	double threshold;
};
void prune_global_free(struct global_threshold *g);

/* At each reading: a tensor's weights by their magnitudes (fails at a NaN), or units by scores. */
int prune_global_add_weights(struct global_threshold *g, const struct tmo_tensor *t, int threads,
                             struct tmo_error *err);
int prune_global_add_units(struct global_threshold *g, const struct scored *scored, int threads,
                           struct tmo_error *err);
/* After a reading. True: the threshold is found; else read once more. */
bool prune_global_narrow(struct global_threshold *g, double sparsity);

/* Then, tensor by tensor in the same order: zeros what does not stay, or marks what does. */
void prune_global_cut_weights(struct global_threshold *g, struct tmo_tensor *t, bool all_ties,
                              int threads);
void prune_global_mark_units(struct global_threshold *g, struct scored *scored, bool all_ties);

/* The weights of one tensor by their magnitudes. Sets what stays, and the least of it. */
int prune_cut_tensor(struct tmo_tensor *t, double sparsity, bool all_ties, int threads,
                     uint64_t *stay, double *threshold, struct tmo_error *err);

#endif
