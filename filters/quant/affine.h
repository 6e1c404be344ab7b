/* SPDX-License-Identifier: Apache-2.0 */
/* affine.h: an array to codes with scales and zero points, by several threads. */
#ifndef QUANT_AFFINE_H
#define QUANT_AFFINE_H

#include "fit.h"
#include "tensor/blocks.h"
#include "round.h"
#include "tmo.h"

/* What there is to do. The outputs are the caller's: see quant_affine. */
struct affine {
	const struct tmo_blocks *blocks;
	struct fit fit;			/* and the codes that there are */
	bool wide;			/* x and scale are double, else float */
	const void *x;
	const char *what;		/* what the message calls an index of x */
	unsigned char *codes;		/* one for each element */
	void *scale;			/* one for each entry */
	unsigned char *zero_point;	/* likewise; NULL: not wanted */
};

/*
 * Fails if a value is NaN or infinite, or 0 and the codes are binary, which have none: the message
 * names the first. The scales of ternary and binary codes: see ternary_binary.h; FIT_MSE is its `best`.
 */
int quant_affine(const struct affine *a, int threads, struct tmo_error *err);

#endif
