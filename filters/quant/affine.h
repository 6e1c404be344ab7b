/* SPDX-License-Identifier: Apache-2.0 */
/* affine.h: an array to codes with scales and zero points: ranges, scales, codes. */
#ifndef QUANT_AFFINE_H
#define QUANT_AFFINE_H

#include "fit.h"
#include "round.h"
#include "tensor/blocks.h"
#include "tmo.h"

/* What there is to do. Inputs and outputs are the caller's. */
struct affine {
	const struct tmo_blocks *blocks;	/* which elements share a scale: an entry's */
	struct fit fit;			/* how scales are found, and the codes that there are */
	bool wide;			/* x and scale are double, else float */
	const void *x;			/* all elements */
	const char *what;		/* what the message calls an index of x */
	/* Outputs: */
	unsigned char *codes;		/* a byte for each element; signed ones in two's complement */
	void *scale;			/* one for each entry */
	unsigned char *zero_point;	/* likewise; NULL: not wanted, for they are all 0 */
};

/*
 * Fails if a value is NaN or infinite, or 0 and the codes are binary, which have no 0: the message names
 * the first. Ternary and binary codes have scales of their own (ternary_binary.h), where FIT_MSE means
 * `best`.
 */
int quant_affine(const struct affine *a, int threads, struct tmo_error *err);

#endif
