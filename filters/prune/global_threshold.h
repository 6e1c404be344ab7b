/* SPDX-License-Identifier: Apache-2.0 */
/*
 * global_threshold.h: the threshold under which weights or units become zero: one for a whole stream, or
 * one for a tensor's weights.
 */
#ifndef PRUNE_GLOBAL_THRESHOLD_H
#define PRUNE_GLOBAL_THRESHOLD_H

#include "score.h"
#include "threshold.h"

/*
 * Over all units of a stream. Start with {0}; free with prune_global_free. The order of calls: for each
 * reading of the stream prune_global_add_* for all of its tensors, then prune_global_narrow, until that
 * says true; then the tensors once more, in the same order, to prune_global_cut_weights or _mark_units.
 */
struct global_threshold {
	struct selection selection;
	uint64_t total;			/* units */
	uint64_t spared;		/* of them, that stay whatever the threshold */
	uint64_t kept;			/* that stay, those included */
	bool read;			/* all were counted once */
	uint64_t ties;			/* of those that equal the threshold: how many still may stay */
	double threshold;		/* the least magnitude, or score, that stays */
};
void prune_global_free(struct global_threshold *g);

/* A tensor's weights by their magnitudes (fails at a NaN), or its units by their scores. */
int prune_global_add_weights(struct global_threshold *g, const struct tmo_tensor *t, int threads,
                             struct tmo_error *err);
int prune_global_add_units(struct global_threshold *g, const struct scored *scored, int threads,
                           struct tmo_error *err);
/* True: the threshold is found, so that the share `sparsity` of all goes; else read once more. */
bool prune_global_narrow(struct global_threshold *g, double sparsity);

/*
 * Zeros the weights that do not stay, or marks the units that do. Of those that equal the threshold the
 * first stay, as many as keep the share exact, or with all_ties all.
 */
void prune_global_cut_weights(struct global_threshold *g, struct tmo_tensor *t, bool all_ties,
                              int threads);
void prune_global_mark_units(struct global_threshold *g, struct scored *scored, bool all_ties);

/*
 * One tensor alone: zeros its least weights. *stay is how many are left, zeros that tie included;
 * *threshold the least magnitude of them. Fails at a NaN.
 */
int prune_cut_tensor(struct tmo_tensor *t, double sparsity, bool all_ties, int threads,
                     uint64_t *stay, double *threshold, struct tmo_error *err);

#endif
