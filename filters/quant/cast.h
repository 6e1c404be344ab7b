/* SPDX-License-Identifier: Apache-2.0 */
/* cast.h: values to the bit patterns of a float type of 16 or 8 bits. */
#ifndef QUANT_CAST_H
#define QUANT_CAST_H

#include "tmo.h"

struct cast {
	enum tmo_type type;	/* f16, bf16, f8e4m3, f8e5m2 */
	enum tmo_type dtype;	/* what the patterns decode to; f16 is narrower than bf16 */
	bool saturate;		/* what is beyond the largest finite number becomes that number */
	bool keep;		/* NaN and infinity stay what they are */
};

/*
 * Rounds n values (double if wide, else float) to the type: nearest, ties to even. Without
 * saturate a finite value that rounds beyond the largest finite number is an error that names its
 * index; of bf16 for a tensor of f16 that number is 65280, as the next one is infinite there. Without keep
 * NaN and infinity are errors too. f8e4m3 has no infinity: the conversion is always
 * the saturating one of the OCP specification, by which infinity becomes 448 too. out has n
 * patterns, of 2 bytes or 1.
 */
int quant_cast(const struct cast *how, const void *x, bool wide, size_t n, void *out, int threads,
               struct tmo_error *err);

#endif
