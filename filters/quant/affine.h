/* SPDX-License-Identifier: Apache-2.0 */
/* affine.h: an array to integer codes with scales and zero points, by several threads. */
#ifndef QUANT_AFFINE_H
#define QUANT_AFFINE_H

#include "layout.h"
#include "round.h"
#include "tmo.h"

/* What there is to do. The outputs are the caller's: see quant_affine. */
struct affine {
	const struct layout *layout;
	struct code_range range;
	bool wide;			/* x and scale are double, else float */
	const void *x;
	const char *what;		/* what the message calls an index of x */
	unsigned char *codes;		/* one for each element */
	void *scale;			/* one for each entry of the layout */
	unsigned char *zero_point;	/* likewise; NULL: not wanted */
};

/* Fails if a value is NaN or infinite: the message names the first. */
int quant_affine(const struct affine *a, int threads, struct tmo_error *err);

#endif
