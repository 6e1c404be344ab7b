/* SPDX-License-Identifier: Apache-2.0 */
/* plan.h: a tensor as groups of weights that share a codebook, and the encoded form of it. */
#ifndef CLUSTER_PLAN_H
#define CLUSTER_PLAN_H

#include "share.h"

/* The tensor as groups that have a codebook each. */
struct plan {
	size_t groups, most;
	bool keep_zeros;
	int outside, inside;		/* threads for different groups, and within each */
	int axis;			/* of the groups; -1: one for all */
	struct group whole, first;	/* group i is `first`, i * first.run further on */
	struct book *book;
	bool *failed;			/* for each group */
};

/* One group, or one for each channel; most and keep_zeros are left to the caller. */
int plan_groups(struct plan *plan, const struct tmo_tensor *t, bool channels, int threads,
                struct tmo_error *err);
void plan_free(struct plan *plan);

int plan_make_books(struct plan *plan, struct tmo_error *err);
/* Gives t, which is plain, its codes and its codebook; a shorter book repeats its last value. */
int plan_encode(const struct plan *plan, struct tmo_tensor *t, struct tmo_error *err);

#endif
