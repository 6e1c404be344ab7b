/* SPDX-License-Identifier: Apache-2.0 */
#include "base/math/trigonometric.h"

#include <math.h>

#include "base/math/float_bits.h"

/* Coefficients and the digits of 2 / pi are from bench/math_fit.py. */

#define HALF_PI 0x1.921fb54442d18p0
#define QUARTER_PI 0x1.921fb54442d18p-1

/* An angle: quarters of a turn, counted modulo 2^32, and what is left, in [-pi / 4, pi / 4]. */
struct angle {
	uint32_t quarters;
	double rest;
};

/*
 * x times 2 / pi modulo 4 (Payne and Hanek, "Radian reduction for trigonometric functions", SIGNUM
 * Newsletter 18, 1983). x is m 2^e, m an integer of 24 bits. Digits of 2 / pi that make multiples of 4 are left out,
 * 96 bits after them are enough: what they lack is 2^-70 of a quarter, and no float is nearer to a multiple
 * of pi / 2 than 2^-31.
 */
static struct angle
reduce(float x)
{
	static const uint32_t two_over_pi[] = {0, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u,
		0x3c439041u, 0xfe5163abu};
	const uint32_t bits = tmo_bits_of_f32(x);
	const uint64_t m = (bits & 0x7fffffu) | 0x800000u;
	const uint32_t first = (bits >> 23 & 0xff) - 150 - 2 + 32;	/* digit, after 32 zeros */
	const uint32_t *const word = two_over_pi + first / 32;
	uint64_t product[3], quarters;

	for (int i = 0; i < 3; i++)
		product[i] = m * (uint32_t)(((uint64_t)word[i] << 32 | word[i + 1]) >> (32 - first % 32));
	product[1] += product[2] >> 32;
	product[0] = (product[0] << 32) + product[1];	/* in 2^-64 of a turn */
	quarters = (product[0] + (UINT64_C(1) << 61)) >> 62;
	return (struct angle){
		.quarters = (uint32_t)quarters,
		.rest = ((double)(int64_t)(product[0] - (quarters << 62)) + (double)(uint32_t)product[2] * 0x1p-32) *
			(HALF_PI * 0x1p-62),
	};
}

/* Of |x|; of infinity or NaN the rest is NaN. */
static struct angle
angle_of(float x)
{
	const float magnitude = tmo_f32_magnitude(x);

	if (magnitude <= (float)QUARTER_PI)
		return (struct angle){.rest = (double)magnitude};
	return magnitude < INFINITY ? reduce(magnitude) : (struct angle){.rest = NAN};
}

static double
sin_near(double x)
{
	const double square = x * x;
	double p = 0x1.5d8fa0749ff16p-33;

	p = p * square + -0x1.ae5e59ebe70c2p-26;
	p = p * square + 0x1.71de356705606p-19;
	p = p * square + -0x1.a01a019bfd089p-13;
	p = p * square + 0x1.111111110f7c9p-7;
	p = p * square + -0x1.5555555555548p-3;
	return x + x * square * p;
}

static double
cos_near(double x)
{
	const double square = x * x;
	double p = 0x1.1bc7b0eb575b9p-29;

	p = p * square + -0x1.27e02a4d46e4dp-22;
	p = p * square + 0x1.a019faa9deb1ap-16;
	p = p * square + -0x1.6c16c1676b32dp-10;
	p = p * square + 0x1.555555555310ep-5;
	return 1.0 - 0.5 * square + square * square * p;
}

static double
sin_of(struct angle a)
{
	const double magnitude = a.quarters & 1 ? cos_near(a.rest) : sin_near(a.rest);

	return a.quarters & 2 ? -magnitude : magnitude;
}

static double
with_sign_of(double x, float sign)
{
	return signbit(sign) ? -x : x;
}

float
tmo_sin(float x)
{
	return tmo_f32_one_nan((float)with_sign_of(sin_of(angle_of(x)), x));
}

float
tmo_cos(float x)
{
	struct angle a = angle_of(x);

	a.quarters++;
	return tmo_f32_one_nan((float)sin_of(a));
}

void
tmo_turn(uint64_t k, uint64_t n, double *cosine, double *sine)
{
	const uint64_t quarters = (4 * k + n / 2) / n;
	struct angle a = {(uint32_t)quarters, (double)(int64_t)(4 * k - quarters * n) / (double)n * HALF_PI};

	*sine = sin_of(a);
	a.quarters++;
	*cosine = sin_of(a);
}

float
tmo_tan(float x)
{
	const struct angle a = angle_of(x);
	const double s = sin_near(a.rest), c = cos_near(a.rest);

	return tmo_f32_one_nan((float)with_sign_of(a.quarters & 1 ? -c / s : s / c, x));
}

/* Of x in [-1/2, 1/2]. */
static double
asin_near(double x)
{
	const double square = x * x;
	double p = 0x1.0234b0d226fd5p-5;

	p = p * square + -0x1.7f68e44ebe0a4p-7;
	p = p * square + 0x1.2b088493fb3e4p-6;
	p = p * square + 0x1.336c795e6af4cp-7;
	p = p * square + 0x1.d54ed9ee0848cp-7;
	p = p * square + 0x1.1bacce9c03941p-6;
	p = p * square + 0x1.6e9702850f507p-6;
	p = p * square + 0x1.f1c69c9189ec9p-6;
	p = p * square + 0x1.6db6dd0dde2d9p-5;
	p = p * square + 0x1.3333333091784p-4;
	p = p * square + 0x1.5555555556cffp-3;
	return x + x * square * p;
}

/* Of x in [1/2, 1]; NaN beyond. */
static double
acos_far(double x)
{
	return 2.0 * asin_near(sqrt(0.5 * (1.0 - x)));
}

float
tmo_asin(float x)
{
	const double magnitude = fabs((double)x);
	const double angle = magnitude <= 0.5 ? asin_near(magnitude) : HALF_PI - acos_far(magnitude);

	return tmo_f32_one_nan((float)with_sign_of(angle, x));
}

float
tmo_acos(float x)
{
	double angle;

	if (fabsf(x) <= 0.5f)
		angle = HALF_PI - asin_near((double)x);
	else
		angle = x < 0.0f ? 2.0 * HALF_PI - acos_far(-(double)x) : acos_far((double)x);
	return tmo_f32_one_nan((float)angle);
}

/* The tangent of the angle less pi / 4 or pi / 2 is at most sqrt 2 - 1, that of pi / 8, or nearly. */
float
tmo_atan(float x)
{
	const double magnitude = fabs((double)x);
	const double turned = magnitude > 2.414 ? HALF_PI : magnitude > 0.4142 ? QUARTER_PI : 0.0;
	const double t = magnitude > 2.414 ? -1.0 / magnitude :
		magnitude > 0.4142 ? (magnitude - 1.0) / (magnitude + 1.0) : magnitude;
	const double square = t * t;
	double p = -0x1.254e23765a99fp-6;

	p = p * square + 0x1.37c83c5bafba6p-5;
	p = p * square + -0x1.9ccd37bb73e96p-5;
	p = p * square + 0x1.df0e0124a6ba7p-5;
	p = p * square + -0x1.10eba03b84dc6p-4;
	p = p * square + 0x1.3b1116d8f836fp-4;
	p = p * square + -0x1.745cf8b92644dp-4;
	p = p * square + 0x1.c71c70e4b5551p-4;
	p = p * square + -0x1.24924922a972fp-3;
	p = p * square + 0x1.99999999957acp-3;
	p = p * square + -0x1.555555555553dp-2;
	return tmo_f32_one_nan((float)with_sign_of(turned + (t + t * square * p), x));
}
