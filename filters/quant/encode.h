/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: a tensor's values, or its codebook, in fewer bits. */
#ifndef QUANT_ENCODE_H
#define QUANT_ENCODE_H

#include "cast.h"
#include "fit.h"
#include "tensor/granularity.h"
#include "tmo.h"

/* Codes with scales. What stands for integers only is 0 for the other kinds. */
struct coding {
	enum code_kind kind;
	int bits;			/* integers */
	bool symmetric, away, by_factor, precise, blocked;	/* integers: see round.h */
	bool lowest;			/* symmetric integers: one more below, and steps for it */
	enum tmo_granularity granularity;
	size_t group;			/* weights in a group */
	enum fit_method method;
	double percentile;
	bool pow2;
	bool keep;			/* fp8: NaN and infinity are kept */
};

/* Significant bits of a code. */
int quant_code_bits(const struct coding *how);

/*
 * Plain values to codes with scales. The tensor has elements, and what the granularity
 * asks for (tmo_granularity_for).
 */
int quant_encode_values(struct tmo_tensor *t, const struct coding *how, int threads,
                        struct tmo_error *err);
/*
 * A codebook's values to integers, or to fp8 (held as f16); codes stay. One scale for each of its
 * rows, or one for all.
 */
int quant_encode_codebook(struct tmo_tensor *t, const struct coding *how, struct tmo_error *err);

/* Plain values, or a codebook's, to a float type without a scale. */
int quant_encode_floats(struct tmo_tensor *t, const struct cast *how, int threads,
                        struct tmo_error *err);

#endif
