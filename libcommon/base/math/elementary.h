/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elementary.h: functions of floats that are called less often than those of exponential.h: computed in doubles,
 * by + - * / sqrt and bits alone, and rounded once. So each is within 0.501 ulp over all floats (tmo_pow:
 * over those pairs that were tried), as bench/math_errors.c measures it: but for one result in tens of
 * millions it is the float nearest to the exact one. A result that is NaN is 7fc00000.
 */
#ifndef TMO_ELEMENTARY_H
#define TMO_ELEMENTARY_H

/*
 * x to the power of y. Special cases as C's pow (C11, F.9.4.4): 1 if y is 0 or x is 1, whatever the other
 * is; NaN if x is below 0 and y is no integer; infinities and zeros have the sign of x if y is odd.
 */
float tmo_pow(float x, float y);

float tmo_log1p(float x);	/* the natural logarithm of 1 + x */
float tmo_softplus(float x);	/* of 1 + e^x */

float tmo_sinh(float x);
float tmo_cosh(float x);
float tmo_asinh(float x);
float tmo_acosh(float x);
float tmo_atanh(float x);

#endif
