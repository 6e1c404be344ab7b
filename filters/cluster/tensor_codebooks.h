/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_codebooks.h: a tensor as groups of weights that share a codebook, and the encoded form of it. */
#ifndef CLUSTER_TENSOR_CODEBOOKS_H
#define CLUSTER_TENSOR_CODEBOOKS_H

#include "codebook.h"
#include "tensor/granularity.h"

/* What there is of a group's book until the codes are written; its values are in plan.books. */
struct codebook_summary {
	uint32_t count;
	uint16_t zero;
	bool has_zero, zero_alone;
};

/* The tensor as groups that have a codebook each. */
struct plan {
	const struct method *method;	/* the caller's to set */
	struct tmo_blocks blocks;	/* an entry is a group */
	int outside, inside;		/* threads for different groups, and within each */
	struct group whole;		/* all of the tensor; its weights' importances, if there are any */
	size_t room;			/* for values, in each of the books */
	struct tmo_array books;
	struct codebook_summary *summary;		/* for each group */
};

/* All weights of t, which count alike. */
struct group cluster_whole(const struct tmo_tensor *t);

/*
 * How the weights of t, which has values and elements, are shared: by a granularity that it can have
 * (tmo_granularity_for), in groups of `group`; of at most `most` values each.
 */
int cluster_plan_groups(struct plan *plan, const struct tmo_tensor *t,
                        enum tmo_granularity granularity, size_t group, size_t most, int threads,
                        struct tmo_error *err);
void cluster_plan_free(struct plan *plan);

int cluster_plan_make_books(struct plan *plan, struct tmo_error *err);
/* How many values the longest of the books has, and the bits of a code for it. */
size_t cluster_plan_values(const struct plan *plan, int *bits);
/* Gives t, which is plain, its codes and its codebook; a shorter book repeats its last value. */
int cluster_plan_encode(struct plan *plan, struct tmo_tensor *t, struct tmo_error *err);

#endif
