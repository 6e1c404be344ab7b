/* SPDX-License-Identifier: Apache-2.0 */
/* global_threshold.h: what is compared with each other: the weights of one tensor, or all units of a stream. */
#ifndef PRUNE_GLOBAL_THRESHOLD_H
#define PRUNE_GLOBAL_THRESHOLD_H

#include "score.h"
#include "threshold.h"

/* All units of a stream, over several readings. {0} to start with. */
struct pool {
	struct selection selection;
	uint64_t total, kept, ties;	/* units; those that stay; of those at the threshold */
	double threshold;
};
void pool_free(struct pool *p);

/* At each reading: a tensor's weights by their magnitudes (fails at a NaN), or units by scores. */
int pool_add_weights(struct pool *p, const struct tmo_tensor *t, int threads,
                     struct tmo_error *err);
int pool_add_units(struct pool *p, const struct verdict *v, int threads, struct tmo_error *err);
/* After a reading. True: the threshold is found; else read once more. */
bool pool_settle(struct pool *p, double sparsity);

/* Then, tensor by tensor in the same order: zeros what does not stay, or marks what does. */
void pool_cut_weights(struct pool *p, struct tmo_tensor *t, bool all_ties, int threads);
void pool_mark_units(struct pool *p, struct verdict *v, bool all_ties);

/* The weights of one tensor by their magnitudes. Sets what stays, and the least of it. */
int weights_cut_alone(struct tmo_tensor *t, double sparsity, bool all_ties, int threads,
                      uint64_t *stay, double *threshold, struct tmo_error *err);

#endif
