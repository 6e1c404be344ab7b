/* SPDX-License-Identifier: Apache-2.0 */
/* codebook.h: the values that a group of weights shares, and which weight has which. */
#ifndef CLUSTER_CODEBOOK_H
#define CLUSTER_CODEBOOK_H

#include "tensor/blocks.h"

/*
 * Weights that share one codebook: those of one entry of a partition. Exactly one of x and x64 is not NULL, and at most one of w and w64: how much
 * the squared error of each weight counts, finite and not negative; without both all count alike.
 */
struct group {
	const float *x;
	const double *x64;
	const float *w;
	const double *w64;
	struct tmo_strip strip;	/* where they are; one entry wide */
	size_t number;		/* which of the tensor's groups this is */
};

static inline bool
group_is_weighted(const struct group *g)
{
	return g->w != NULL || g->w64 != NULL;
}

/* What there is among them. */
struct census {
	size_t zeros;		/* −0 counts */
	size_t bad;		/* the first that is no finite number; SIZE_MAX: all are */
};
int cluster_census(const struct group *g, int threads, struct census *census,
                   struct tmo_error *err);

/* Where the search for values starts. */
enum init { INIT_OPTIMAL, INIT_PLUSPLUS, INIT_DENSITY, INIT_LINEAR, INIT_RANDOM };

/* How a book is made. */
struct method {
	size_t most;		/* values, 2 to 65536 */
	bool keep_zeros;
	enum init init;
	size_t steps;		/* of Lloyd's algorithm, at most; none are needed after OPTIMAL */
	uint64_t seed;		/* of PLUSPLUS and RANDOM; */
	uint64_t stream;	/* RANDOM's own for each tensor */
};

/*
 * A codebook: ascending, each value nearest to at least one of the weights. If zero is not
 * negative, value[zero] is 0.0; if zero_alone is set, for the zeros alone: `limit` and `code` leave
 * it out.
 */
struct codebook {
	size_t count;
	double *value;
	long zero;
	bool zero_alone;
	size_t limits;		/* a weight above exactly i of limit[] has code[i] */
	double *limit;
	uint16_t *code;
};

/*
 * The book of at most m->most values. From INIT_OPTIMAL it is the one with the least squared
 * error; with keep_zeros and zeros in the group, 0.0 is one of them and the others are for the rest.
 * A group of no more different values than there may be keeps them, whatever the start. Values are
 * rounded to f32 unless the weights are f64. All weights must be finite, at least one.
 */
int cluster_codebook_make(struct codebook *b, const struct group *g, const struct method *m,
                          int threads, struct tmo_error *err);
/* Sets limit and code of a book whose other fields are set; value is left alone. */
int cluster_codebook_set_limits(struct codebook *b, struct tmo_error *err);
void cluster_codebook_free(struct codebook *b);

/* The codes of the group's weights, at the weights' own places in codes8 or codes16. */
void cluster_codebook_assign(const struct codebook *b, const struct group *g, uint8_t *codes8,
                             uint16_t *codes16, int threads);

#endif
