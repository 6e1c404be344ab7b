/* SPDX-License-Identifier: Apache-2.0 */
/* share.h: the values that a group of weights shares, and which weight has which. */
#ifndef CLUSTER_SHARE_H
#define CLUSTER_SHARE_H

#include "tmo.h"

/*
 * Weights that share one codebook: `outer` pieces of `run` weights each, piece a at
 * start + a * step. Exactly one of x and x64 is not NULL.
 */
struct group {
	const float *x;
	const double *x64;
	size_t start, outer, run, step;
};

/* What there is among them. */
struct census {
	size_t zeros;		/* −0 counts */
	size_t bad;		/* the first that is no finite number; SIZE_MAX: all are */
};
int group_census(const struct group *g, int threads, struct census *census,
                 struct tmo_error *err);

/*
 * A codebook: ascending, each value nearest to at least one of the weights. If zero is not
 * negative, value[zero] is 0.0 and for the zeros alone: `limit` and `code` leave it out.
 */
struct book {
	size_t count;
	double *value;
	long zero;
	size_t limits;		/* a weight above exactly i of limit[] has code[i] */
	double *limit;
	uint16_t *code;
};

/*
 * The book of at most `most` values (2 to 65536) with the least squared error; with keep_zeros and
 * zeros in the group, 0.0 is one of them and the others are the best for the rest. Values are
 * rounded to f32 unless the weights are f64. All weights must be finite, at least one.
 */
int book_make(struct book *b, const struct group *g, size_t most, bool keep_zeros, int threads,
              struct tmo_error *err);
void book_free(struct book *b);

/* The codes of the group's weights, at the weights' own places in codes8 or codes16. */
void book_codes(const struct book *b, const struct group *g, uint8_t *codes8, uint16_t *codes16,
                int threads);

#endif
