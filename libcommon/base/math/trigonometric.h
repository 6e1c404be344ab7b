/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigonometric.h: circular functions of floats and their inverses, in radians, computed in doubles as those of
 * elementary.h, and as good: within 0.501 ulp over all floats, also the largest. NaN is 7fc00000: of
 * infinities, and beyond [-1, 1] of tmo_asin and tmo_acos.
 */
#ifndef TMO_TRIGONOMETRIC_H
#define TMO_TRIGONOMETRIC_H

float tmo_sin(float x);
float tmo_cos(float x);
float tmo_tan(float x);

float tmo_asin(float x);	/* in [-pi / 2, pi / 2], as tmo_atan */
float tmo_acos(float x);	/* in [0, pi] */
float tmo_atan(float x);

#endif
