/* SPDX-License-Identifier: Apache-2.0 */
/* codebook.h: the values that a group of weights shares. */
#ifndef CLUSTER_CODEBOOK_H
#define CLUSTER_CODEBOOK_H

#include "group.h"

/* Where the search for values starts. */
enum init { INIT_OPTIMAL, INIT_PLUSPLUS, INIT_DENSITY, INIT_LINEAR, INIT_RANDOM };

/* How a codebook is made. */
struct method {
	size_t most;		/* values that it may have, 2 to 65536 */
	bool keep_zeros;	/* 0.0 is one of them, and for the zeros alone */
	enum init init;
	size_t steps;		/* of Lloyd's algorithm, at most; INIT_OPTIMAL needs none */
	uint64_t seed;		/* of INIT_PLUSPLUS and INIT_RANDOM */
	uint64_t stream;	/* of INIT_RANDOM's numbers (random.h): each tensor has its own */
};

/*
 * A weight's code is the index of a value. The weights are assigned by limits between the values: one
 * that is above exactly i of the limits has code[i].
 */
struct codebook {
	size_t count;
	double *value;		/* owned: `count`, ascending, each nearest to one weight at least */
	long zero;		/* index of 0.0, which the zeros have; -1: no special case */
	bool zero_alone;	/* other weights do not have it: `limit` and `code` leave it out */
	size_t limits;
	double *limit;		/* owned: `limits`, ascending; NULL until they are set */
	uint16_t *code;		/* owned: limits + 1 */
};

/*
 * Makes the values of at most m->most; those of least squared error with INIT_OPTIMAL. A group of no
 * more different values than there may be keeps them, whatever m->init. They are rounded to f32 unless
 * the weights are f64. All weights must be finite, at least one. After a failure nothing is to be freed.
 */
int cluster_codebook_make(struct codebook *b, const struct group *g, const struct method *m,
                          int threads, struct tmo_error *err);
/* Sets limits, limit and code of a codebook whose other fields are set. */
int cluster_codebook_set_limits(struct codebook *b, struct tmo_error *err);
void cluster_codebook_free(struct codebook *b);

#endif
