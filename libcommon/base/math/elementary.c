/* SPDX-License-Identifier: Apache-2.0 */
#include "base/math/elementary.h"

#include <math.h>
#include <stdbool.h>

#include "base/math/float_bits.h"

/* Coefficients are from bench/math_fit.py. */

#define LOG_2 0x1.62e42fefa39efp-1
#define LOG_2_HIGH 0x1.62e42feep-1	/* and zeros, so that integers of some bits times it are exact */
#define LOG_2_LOW 0x1.a39ef35793c76p-33

static float
rounded(double x)
{
	return tmo_f32_one_nan((float)x);
}

/*
 * e^x, x held within [-200, 200], where no float is reached any more. The number that is added rounds to an
 * integer n and leaves it in its low bits; x = n log 2 + r.
 */
static double
exp_of(double x)
{
	const double held = x > 200.0 ? 200.0 : x < -200.0 ? -200.0 : x;
	const double shifted = held * 0x1.71547652b82fep0 + 0x1.8p52, whole = shifted - 0x1.8p52;
	const double r = held - whole * LOG_2_HIGH - whole * LOG_2_LOW;
	double p = 0x1.27079df7763ap-22;

	p = p * r + 0x1.72e9287ff9c4ap-19;
	p = p * r + 0x1.a01b7c7165b09p-16;
	p = p * r + 0x1.a0198d4c9b60cp-13;
	p = p * r + 0x1.6c16c0c81aae8p-10;
	p = p * r + 0x1.11111125b6ff4p-7;
	p = p * r + 0x1.5555555589159p-5;
	p = p * r + 0x1.55555555507b6p-3;
	p = p * r + 0x1.ffffffffffed2p-2;
	return (1.0 + (r + r * r * p)) * tmo_f64_of_bits((tmo_bits_of_f64(shifted) + 1023) << 52);
}

/* Of a number that is not subnormal. x = 2^n m, m from sqrt(1/2) to sqrt 2, log m = 2 artanh s. */
static double
log_of(double x)
{
	const uint64_t half_root = 0x3fe6a09e667f3bcdu, bits = tmo_bits_of_f64(x) - half_root;
	const double n = (double)((int64_t)bits >> 52);
	const double f = tmo_f64_of_bits((bits & 0xfffffffffffffu) + half_root) - 1.0;
	const double s = f / (2.0 + f), square = s * s;
	double p = 0x1.2f0d96e925c12p-3;

	p = p * square + 0x1.39a0f41e10d25p-3;
	p = p * square + 0x1.746646364799ap-3;
	p = p * square + 0x1.c71c51e7c2146p-3;
	p = p * square + 0x1.2492494217ed5p-2;
	p = p * square + 0x1.999999997fb2bp-2;
	p = p * square + 0x1.5555555555593p-1;
	p = n * LOG_2 + (2.0 * s + s * square * p);
	p = x < INFINITY ? p : x;
	p = x >= 0.0 ? p : NAN;
	return x == 0.0 ? -INFINITY : p;
}

/* What 1 + x loses is made up for by the logarithm's derivative, but where there is none. */
static double
log1p_of(double x)
{
	const double sum = 1.0 + x, lost = (x - (sum - 1.0)) / sum;

	return log_of(sum) + (lost == lost ? lost : 0.0);
}

static bool
is_integer(float x)
{
	const float magnitude = tmo_f32_magnitude(x);

	return magnitude >= 0x1p24f || (float)(int32_t)magnitude == magnitude;
}

static bool
is_odd(float x)
{
	const float magnitude = tmo_f32_magnitude(x);

	return magnitude < 0x1p24f && (float)(int32_t)magnitude == magnitude && ((int32_t)magnitude & 1) != 0;
}

float
tmo_pow(float x, float y)
{
	const float magnitude = tmo_f32_magnitude(x);
	float power;

	if (y == 0.0f || x == 1.0f)
		return 1.0f;
	if (x != x || y != y || (x < 0.0f && x > -INFINITY && !is_integer(y)))
		return tmo_f32_one_nan(NAN);
	if (magnitude == 1.0f)
		power = 1.0f;	/* also to the power of infinity */
	else
		power = rounded(exp_of((double)y * log_of((double)magnitude)));
	return is_odd(y) ? tmo_f32_with_sign(power, x) : power;
}

float
tmo_log1p(float x)
{
	return rounded(copysign(log1p_of((double)x), (double)x));
}

float
tmo_softplus(float x)
{
	return rounded((x > 0.0f ? (double)x : 0.0) + log1p_of(exp_of(-fabs((double)x))));
}

/* The difference loses the more, the smaller x is; below 2^-12 the next power of the series is nothing. */
float
tmo_sinh(float x)
{
	const double magnitude = fabs((double)x), e = exp_of(magnitude);
	const double far = 0.5 * (e - 1.0 / e), near = magnitude + magnitude * magnitude * magnitude / 6.0;

	return rounded(copysign(magnitude < 0x1p-12 ? near : far, (double)x));
}

float
tmo_cosh(float x)
{
	const double e = exp_of(fabs((double)x));

	return rounded(0.5 * (e + 1.0 / e));
}

float
tmo_asinh(float x)
{
	const double magnitude = fabs((double)x), square = magnitude * magnitude;

	const double y = log1p_of(magnitude + square / (1.0 + sqrt(1.0 + square)));

	return rounded(copysign(magnitude < INFINITY ? y : magnitude, (double)x));
}

float
tmo_acosh(float x)
{
	const double above_1 = (double)x - 1.0;

	return rounded(x < 1.0f ? NAN : log1p_of(above_1 + sqrt(above_1 * (above_1 + 2.0))));
}

float
tmo_atanh(float x)
{
	const double magnitude = fabs((double)x);

	return rounded(copysign(0.5 * log1p_of(2.0 * magnitude / (1.0 - magnitude)), (double)x));
}
