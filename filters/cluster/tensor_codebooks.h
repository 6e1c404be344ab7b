/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_codebooks.h: a tensor as groups of weights that share a codebook, and the encoded form of it. */
#ifndef CLUSTER_TENSOR_CODEBOOKS_H
#define CLUSTER_TENSOR_CODEBOOKS_H

#include "codebook.h"

/* The weights that share a codebook: all, those of a channel, or `block` along an axis. */
enum sharing { SHARED_BY_TENSOR, SHARED_BY_CHANNEL, SHARED_BY_BLOCK };

/* What there is of a group's book until the codes are written; its values are in plan.books. */
struct codebook_summary {
	uint32_t count;
	uint16_t zero;
	bool has_zero, zero_alone;
};

/* The tensor as groups that have a codebook each. */
struct plan {
	const struct method *method;	/* the caller's to set */
	size_t groups;
	int outside, inside;		/* threads for different groups, and within each */
	struct group whole, first;	/* group 0; where the others begin is tensor_codebooks.c's */
	int axis;			/* of the groups; -1: one for all */
	size_t block;			/* along it: they have a book each; 0: each index has one */
	size_t length, inner;		/* of the axis, and of what comes after it */
	size_t room;			/* for values, in each of the books */
	struct tmo_array books;
	struct codebook_summary *summary;		/* for each group */
};

/*
 * How the weights of t, which has values and elements, are shared. BY_CHANNEL and BY_BLOCK need an
 * output or input axis; of at most `most` values each.
 */
int cluster_plan_groups(struct plan *plan, const struct tmo_tensor *t, enum sharing by, size_t block,
                        size_t most, int threads, struct tmo_error *err);
void cluster_plan_free(struct plan *plan);

int cluster_plan_make_books(struct plan *plan, struct tmo_error *err);
/* Gives t, which is plain, its codes and its codebook; a shorter book repeats its last value. */
int cluster_plan_encode(struct plan *plan, struct tmo_tensor *t, struct tmo_error *err);

#endif
