/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_codebooks.h: a tensor in groups of weights that have a codebook each, and its encoding. */
#ifndef CLUSTER_TENSOR_CODEBOOKS_H
#define CLUSTER_TENSOR_CODEBOOKS_H

#include <stdatomic.h>

#include "codebook.h"
#include "tensor/granularity.h"

/* What is kept of a group's codebook until the codes are written; its values are in plan.books. */
struct codebook_summary {
	uint32_t count;			/* of values */
	uint16_t zero;			/* index of 0.0, if it has_zero */
	bool has_zero, zero_alone;	/* see struct codebook */
	size_t zeros_lost;		/* weights of 0 that get another value */
};

/*
 * The order of calls: cluster_plan_groups; method, counts_zeros, and whole.w if weights do not count alike,
 * set by the caller; cluster_plan_make_books, cluster_plan_encode; cluster_plan_free after any of them.
 */
struct plan {
	const struct method *method;	/* borrowed */
	struct tmo_blocks blocks;	/* an entry is a group */
	int outside, inside;		/* threads for different groups, and within each */
	struct group whole;		/* all weights of the tensor, as one group */
	size_t room;			/* for values, in each of the books */
	struct tmo_array books;		/* as codebook.npy has them; a group after the other */
	struct codebook_summary *summary;	/* owned: for each group */
	bool counts_zeros;		/* those that are lost are counted: there may be some */
	/* Told now and then how much of the books is made, by any thread; NULL: nobody is. */
	void (*told)(void *arg, double part);
	void *told_arg;
	atomic_size_t made;		/* books */
};

/* All weights of t, which count alike. */
struct group cluster_group_whole(const struct tmo_tensor *t);

/*
 * Cuts t, which has values and elements, into groups: by a granularity that it can have
 * (tmo_granularity_for), `group` weights each where it is the one by groups. They will have codebooks of
 * at most `most` values.
 */
int cluster_plan_groups(struct plan *plan, const struct tmo_tensor *t,
                        enum tmo_granularity granularity, size_t group, size_t most, int threads,
                        struct tmo_error *err);
void cluster_plan_free(struct plan *plan);

/* Makes the codebooks of all groups. */
int cluster_plan_make_books(struct plan *plan, struct tmo_error *err);
/* Then: how many values the longest of them has, and the bits of a code for it. */
size_t cluster_plan_values(const struct plan *plan, int *bits);
/*
 * Gives t, which is plain, its codes and its codebooks, which t owns then. All have as many values as the
 * longest: a shorter one repeats its last value.
 */
int cluster_plan_encode(struct plan *plan, struct tmo_tensor *t, struct tmo_error *err);
/* Then, with counts_zeros: how many weights of 0 got another value. */
size_t cluster_plan_zeros_lost(const struct plan *plan);

#endif
