/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exponential.h: the functions that networks call most, of floats, made of fused multiply-adds, + - * / and
 * bits. No branches: loops over them vectorize, in a file for any instruction set, and have the same
 * bits in all. (Where the compiler may not take comparisons for harmless, see configure, they are slower.)
 *
 * Each says its largest error over all 2^32 floats, which bench/math_errors.c measures, in ulp: units of a
 * float's last place at the exact result. A result that is NaN is 7fc00000. Zeros keep their sign, subnormal
 * numbers are not flushed, and what is too large is infinite. Coefficients are from bench/math_fit.py.
 */
#ifndef TMO_EXPONENTIAL_H
#define TMO_EXPONENTIAL_H

#include <math.h>

#include "base/math/fused.h"

/* 2^n for a normal result. */
static inline float
tmo_power_of_2(int32_t n)
{
	return tmo_f32_of_bits((uint32_t)(n + 127) << 23);
}

/*
 * x = n log 2 + r, |r| <= log 2 / 2: returns e^r - 1. x is in [-104, 89]; a NaN is returned. The number that
 * is added rounds to an integer, and leaves it in its low bits.
 */
static inline float
tmo_exp_reduced(float x, int32_t *n)
{
	const float shifted = tmo_fma(x, 0x1.715476p0f, 0x1.8p23f), whole = shifted - 0x1.8p23f;
	const float r = tmo_fma(whole, 0x1.05c61p-29f, tmo_fma(whole, -0x1.62e43p-1f, x));
	float p = 0x1.6a2442p-10f;

	p = tmo_fma(p, r, 0x1.1239e2p-7f);
	p = tmo_fma(p, r, 0x1.5558f2p-5f);
	p = tmo_fma(p, r, 0x1.555492p-3f);
	p = tmo_fma(p, r, 0x1.fffffcp-2f);
	*n = (int32_t)(tmo_bits_of_f32(shifted) - 0x4b400000u);
	return tmo_fma(r * r, p, r);
}

static inline float
tmo_within(float x, float low, float high)
{
	const float not_above = x > high ? high : x;

	return not_above < low ? low : not_above;
}

/* e^x; within 1.1 ulp. Multiplied by 2^n in two steps, the last of which rounds a subnormal result. */
static inline float
tmo_exp(float x)
{
	int32_t n;
	const float y = tmo_exp_reduced(tmo_within(x, -104.0f, 89.0f), &n) + 1.0f;
	const int32_t half = n >> 1;

	return tmo_f32_one_nan(y * tmo_power_of_2(half) * tmo_power_of_2(n - half));
}

/* e^x - 1; within 1.5 ulp. From 2^65 on in halves: 2^128 is no float. */
static inline float
tmo_expm1(float x)
{
	int32_t n;
	const float p = tmo_exp_reduced(tmo_within(x, -30.0f, 89.0f), &n);
	const int32_t large = n > 64;
	const float scale = tmo_power_of_2(n - large), y = tmo_fma(scale, p, scale - 1.0f);

	return tmo_f32_one_nan(tmo_f32_with_sign(large ? y + y : y, x));
}

/*
 * The natural logarithm; within 0.9 ulp; -infinity of either zero, NaN below. x = 2^n (1 + f), 1 + f from
 * sqrt(1/2) to sqrt 2.
 */
static inline float
tmo_log(float x)
{
	const int32_t subnormal = x < 0x1p-126f;
	const uint32_t bits = tmo_bits_of_f32(subnormal ? x * 0x1p23f : x) + (0x3f800000u - 0x3f3504f3u);
	const float n = (float)((int32_t)(bits >> 23) - 127 - (subnormal ? 23 : 0));
	const float f = tmo_f32_of_bits((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
	float p = 0x1.1457cp-4f, y;

	p = tmo_fma(p, f, -0x1.de3c38p-4f);
	p = tmo_fma(p, f, 0x1.e6f074p-4f);
	p = tmo_fma(p, f, -0x1.fc2202p-4f);
	p = tmo_fma(p, f, 0x1.233768p-3f);
	p = tmo_fma(p, f, -0x1.555c4ep-3f);
	p = tmo_fma(p, f, 0x1.99a4b6p-3f);
	p = tmo_fma(p, f, -0x1.000006p-2f);
	p = tmo_fma(p, f, 0x1.555548p-2f);
	/* log 2 in two parts, the first with zeros at its end, so that n of it are exact */
	y = tmo_fma(f * f, tmo_fma(f, p, -0.5f), n * 0x1.7f7d1cp-20f);
	y = tmo_fma(n, 0x1.62e4p-1f, f + y);
	y = x == 0.0f ? -INFINITY : y;
	y = x < 0.0f ? NAN : y;
	return tmo_f32_one_nan(x < INFINITY ? y : x);
}

/* Within 1.5 ulp. From 0.55 on 1 - 2 / (e^2x + 1). */
static inline float
tmo_tanh(float x)
{
	int32_t n;
	const float magnitude = tmo_f32_magnitude(x), square = x * x;
	const float p = tmo_exp_reduced(2.0f * tmo_within(magnitude, 0.0f, 10.0f), &n);
	const float scale = tmo_power_of_2(n), exp_2x_less_1 = tmo_fma(scale, p, scale - 1.0f);
	const float far = 1.0f - 2.0f / (exp_2x_less_1 + 2.0f);
	float near = -0x1.9b304ep-8f;

	near = tmo_fma(near, square, 0x1.593d08p-6f);
	near = tmo_fma(near, square, -0x1.b9287ap-5f);
	near = tmo_fma(near, square, 0x1.110d26p-3f);
	near = tmo_fma(near, square, -0x1.55554ap-2f);
	near = tmo_fma(x * square, near, x);
	return tmo_f32_one_nan(tmo_f32_with_sign(magnitude < 0.55f ? near : far, x));
}

/* 1 / (1 + e^-x); within 2.5 ulp. */
static inline float
tmo_sigmoid(float x)
{
	const float e = tmo_exp(-tmo_f32_magnitude(x));

	return tmo_f32_one_nan((x < 0.0f ? e : 1.0f) / (1.0f + e));
}

/*
 * The error function; within 1.1 ulp. From 0.925 on 1 - e^-(x + x P(x)): beyond 4 it is 1, and the polynomial
 * is good for nothing.
 */
static inline float
tmo_erf(float x)
{
	int32_t n;
	const float magnitude = tmo_f32_magnitude(x), square = x * x, t = tmo_within(magnitude, 0.0f, 4.0f);
	float near = 0x1.5cd4bcp-14f, far = 0x1.78ddbcp-17f;

	near = tmo_fma(near, square, -0x1.aa3f32p-11f);
	near = tmo_fma(near, square, 0x1.54c7f6p-8f);
	near = tmo_fma(near, square, -0x1.b80e9p-6f);
	near = tmo_fma(near, square, 0x1.ce2e0ap-4f);
	near = tmo_fma(near, square, -0x1.812742p-2f);
	near = tmo_fma(near, square, 0x1.06eba8p-3f);
	near = tmo_fma(near, x, x);
	far = tmo_fma(far, t, -0x1.527c6ap-12f);
	far = tmo_fma(far, t, 0x1.dd6cd2p-9f);
	far = tmo_fma(far, t, -0x1.85515ap-6f);
	far = tmo_fma(far, t, 0x1.b32572p-4f);
	far = tmo_fma(far, t, 0x1.45328ep-1f);
	far = tmo_fma(far, t, 0x1.0778dcp-3f);
	far = tmo_exp_reduced(-tmo_fma(far, t, t), &n) + 1.0f;
	far = tmo_f32_with_sign(magnitude < 4.0f ? 1.0f - far * tmo_power_of_2(n) : 1.0f, x);
	return tmo_f32_one_nan(magnitude > 0.925f ? far : near);
}

#endif
