/* SPDX-License-Identifier: Apache-2.0 */
/* ternary_binary.h: scales of codes that are only a sign, or a sign and zero: means of magnitudes. */
#ifndef QUANT_TERNARY_BINARY_H
#define QUANT_TERNARY_BINARY_H

#include "round.h"
#include "tensor/blocks.h"
#include "tmo.h"

struct sign_scales {
	enum code_kind kind;	/* CODE_TERNARY or CODE_BINARY */
	bool best;		/* ternary: the least squared error that there is, not TWN's rule */
	bool pow2;		/* scales are powers of two: with best the best, else the nearest */
	double limit;		/* no scale is larger */
};

/*
 * The scale of each entry, and for ternary codes its border: magnitudes above that become 1 or -1, others
 * 0. x, all of it finite, border and scale are double if wide, else float.
 *
 *	binary	scale is the mean of |x| (XNOR-Net, Rastegari et al. 2016: the optimum)
 *	TWN	border is 0.7 times the mean of |x|, scale the mean of the |x| above it (Ternary
 *		Weight Networks, Li et al. 2016)
 *	best	the k largest magnitudes, k such that (their sum)^2 / k is largest; scale is their mean
 *
 * An entry of nothing but zeros has the scale 1.
 */
int quant_sign_scales(const struct sign_scales *how, const struct tmo_blocks *b, bool wide,
                      const void *x, void *border, void *scale, int threads,
                      struct tmo_error *err);

/*
 * The best of n magnitudes, sorted upwards. Returns the scale; *border is one of the magnitudes,
 * or 0, or with pow2 half the scale.
 */
double quant_best_ternary(const double *sorted, size_t n, bool pow2, double *border);

#endif
