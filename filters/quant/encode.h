/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: a tensor's values, or its codebook, in fewer bits. */
#ifndef QUANT_ENCODE_H
#define QUANT_ENCODE_H

#include "cast.h"
#include "fit.h"
#include "tensor/granularity.h"
#include "tmo.h"

/* Codes with scales: which, and how their scales are found. */
struct coding {
	enum code_kind kind;
	/* Of integers; 0 for the other kinds: */
	int bits;
	bool symmetric, away, by_factor, precise, blocked;	/* see round.h */
	bool lowest;			/* symmetric: -2^(bits - 1) is a code too, and scales fit it */
	/* Of all: */
	enum tmo_granularity granularity;	/* which weights share a scale */
	size_t group;			/* how many, where they do so in groups */
	enum fit_method method;		/* this and the next two: see fit.h */
	double percentile;
	bool pow2;
	void (*tell)(void *arg, double part);	/* as in struct fit */
	void *tell_arg;
	bool keep;			/* fp8: NaN and infinity stay, as patterns, and are not fitted */
};

/* Significant bits of a code. */
int quant_code_bits(const struct coding *how);

/*
 * All of these work in place: t gets codes, scale and whatever else its encoding is made of, and owns
 * them. After a failure it may have some of them.
 */

/*
 * Plain values, which are kept, to codes with scales. t has elements, and what the granularity asks for
 * (tmo_granularity_for).
 */
int quant_encode_values(struct tmo_tensor *t, const struct coding *how, int threads,
                        struct tmo_error *err);
/*
 * A codebook's values to integers, or to fp8, held as f16 since a codebook has no bit patterns; codes
 * stay. One scale for each of its rows, the values of one group, or one for all.
 */
int quant_encode_codebook(struct tmo_tensor *t, const struct coding *how, struct tmo_error *err);

/* Plain values, or a codebook's, to a float type without a scale. */
int quant_encode_floats(struct tmo_tensor *t, const struct cast *how, int threads,
                        struct tmo_error *err);

#endif
