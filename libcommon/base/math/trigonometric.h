/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigonometric.h: circular functions of floats and their inverses, in radians, computed in doubles as those of
 * elementary.h, and as good: within 0.501 ulp over all floats, also the largest. NaN is 7fc00000: of
 * infinities, and beyond [-1, 1] of tmo_asin and tmo_acos.
 */
#ifndef TMO_TRIGONOMETRIC_H
#define TMO_TRIGONOMETRIC_H

#include <stdint.h>

float tmo_sin(float x);
float tmo_cos(float x);
float tmo_tan(float x);

float tmo_asin(float x);	/* in [-pi / 2, pi / 2], as tmo_atan */
float tmo_acos(float x);	/* in [0, pi] */
float tmo_atan(float x);

/*
 * Cosine and sine of k / n of a turn, k below n, n at most 2^60: in doubles, for tables of Fourier transforms and
 * windows. Within 2^-51 of the exact ones.
 */
void tmo_turn(uint64_t k, uint64_t n, double *cosine, double *sine);

#endif
