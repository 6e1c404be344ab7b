/* SPDX-License-Identifier: Apache-2.0 */
/* encode.h: a tensor's values, or its codebook, in fewer bits. */
#ifndef QUANT_ENCODE_H
#define QUANT_ENCODE_H

#include "cast.h"
#include "fit.h"
#include "tmo.h"

enum granularity { PER_TENSOR, PER_CHANNEL, PER_GROUP };

/* Codes with scales. What stands for integers only is 0 for the other kinds. */
struct coding {
	enum code_kind kind;
	int bits;			/* integers */
	bool symmetric, away, by_factor, precise, blocked;	/* integers: see round.h */
	bool lowest;			/* symmetric integers: one more below, and steps for it */
	enum granularity granularity;
	size_t group;			/* weights in a group */
	enum fit_method method;
	double percentile;
	bool pow2;
	bool keep;			/* fp8: NaN and infinity are kept */
};

/*
 * Plain values to codes with scales. The tensor has elements, and the axis that the granularity
 * asks for: the output axis for channels, the input axis for groups.
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
