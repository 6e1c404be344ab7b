/* SPDX-License-Identifier: Apache-2.0 */
/*
 * functions.h: the functions of libcommon/base/math, what they are compared with, and how far they may be
 * from it. For their unit tests and bench/math_errors.c.
 */
#ifndef UNIT_FUNCTIONS_H
#define UNIT_FUNCTIONS_H

#include <math.h>
#include <stddef.h>

#include "base/math/elementary.h"
#include "base/math/exponential.h"
#include "base/math/trigonometric.h"
#include "tests/unit/check.h"

#define POW_MOST 0.501	/* tmo_pow's error, in ulp */

enum symmetry { NEITHER, ODD, EVEN };

struct function {
	const char *name;
	float (*of)(float);
	double (*wanted)(double);	/* good to a billionth of a float's last place */
	enum symmetry symmetry;
	double most;			/* ulp, as its declaration says */
	uint64_t hash;			/* see check_hash */
};

static inline double
wanted_sigmoid(double x)
{
	return x < 0.0 ? exp(x) / (1.0 + exp(x)) : 1.0 / (1.0 + exp(-x));
}

static inline const struct function *
exponential_functions(size_t *count)
{
	static const struct function functions[] = {
		{"exp", tmo_exp, exp, NEITHER, 1.1, 0xedf67a304b03bc4au},
		{"expm1", tmo_expm1, expm1, NEITHER, 1.5, 0xa13bc40358f73e33u},
		{"log", tmo_log, log, NEITHER, 0.9, 0x48da0535262ac605u},
		{"tanh", tmo_tanh, tanh, ODD, 1.5, 0x542857bfa0f91b46u},
		{"sigmoid", tmo_sigmoid, wanted_sigmoid, NEITHER, 2.5, 0xb7879eac11918d8eu},
		{"erf", tmo_erf, erf, ODD, 1.1, 0xf1765f505be3c950u},
	};

	*count = sizeof(functions) / sizeof(*functions);
	return functions;
}

static inline double
wanted_softplus(double x)
{
	return x > 0.0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

static inline const struct function *
elementary_functions(size_t *count)
{
	static const struct function functions[] = {
		{"log1p", tmo_log1p, log1p, NEITHER, 0.501, 0x98bab530f7c37123u},
		{"softplus", tmo_softplus, wanted_softplus, NEITHER, 0.501, 0x46f91765a0e77529u},
		{"sinh", tmo_sinh, sinh, ODD, 0.501, 0x5d43276a28435230u},
		{"cosh", tmo_cosh, cosh, EVEN, 0.501, 0xe3dce0a3fb24ea6cu},
		{"asinh", tmo_asinh, asinh, ODD, 0.501, 0xed5880776bf94d69u},
		{"acosh", tmo_acosh, acosh, NEITHER, 0.501, 0xac2b26ce8afc2ae3u},
		{"atanh", tmo_atanh, atanh, ODD, 0.501, 0xe1aad0ee125b7e6fu},
	};

	*count = sizeof(functions) / sizeof(*functions);
	return functions;
}

static inline const struct function *
trigonometric_functions(size_t *count)
{
	static const struct function functions[] = {
		{"sin", tmo_sin, sin, ODD, 0.501, 0x457b6c8cbc5c4bdbu},
		{"cos", tmo_cos, cos, EVEN, 0.501, 0x3593aec6190a8307u},
		{"tan", tmo_tan, tan, ODD, 0.501, 0xb5825db8a8a1c451u},
		{"asin", tmo_asin, asin, ODD, 0.501, 0xdec87acaa9286351u},
		{"acos", tmo_acos, acos, NEITHER, 0.501, 0x0180b23dd878f40cu},
		{"atan", tmo_atan, atan, ODD, 0.501, 0xfc654d8ee5c5fb22u},
	};

	*count = sizeof(functions) / sizeof(*functions);
	return functions;
}

/*
 * In units of a float's last place at what is wanted; infinity where there is no measure: a NaN where a
 * number is wanted or the other way round, NaNs of other bits than 7fc00000, a zero of the wrong sign. What
 * is too large for a float counts as 2^128, and so does infinity.
 */
static inline double
error_in_ulp(float got, double wanted)
{
	const double limit = 0x1p128;
	const double value = isinf(got) ? (double)copysignf(1.0f, got) * limit : (double)got;
	const double aim = fabs(wanted) > limit ? copysign(limit, wanted) : wanted;
	int exponent;

	if (isnan(wanted) || isnan(got))
		return isnan(wanted) && tmo_bits_of_f32(got) == 0x7fc00000u ? 0.0 : INFINITY;
	if (got == 0.0f && !signbit(got) != !signbit(wanted))
		return INFINITY;
	/* by bits, since frexp and ldexp would take most of the time */
	exponent = (int)(tmo_bits_of_f64(aim) >> 52 & 0x7ff) - 1023;
	exponent = exponent < -126 ? -126 : exponent > 127 ? 127 : exponent;
	return fabs(value - aim) * tmo_f64_of_bits((uint64_t)(1023 + 23 - exponent) << 52);
}

static inline void
check_error(const struct function *f, float x)
{
	const float got = f->of(x);
	const double wanted = f->wanted((double)x), error = error_in_ulp(got, wanted);

	CHECK(error <= f->most, "%s(%a): %a, wanted %a: %.3f ulp, at most %g are said",
		f->name, (double)x, (double)got, wanted, error, f->most);
}

/* Each step-th float, and those around what is special in some function. */
static inline void
check_errors(const struct function *f, uint32_t step)
{
	const float places[] = {0.0f, 0x1p-149f, 0x1p-126f, 0x1p-24f, 0x1p-12f, 0.5f, 0.55f, 0.925f, 1.0f, 1.5707964f,
		2.0f, 3.1415927f, 4.0f, 10.0f, 16.635532f, 17.0f, 30.0f, 45.0f, 87.33655f, 88.72284f, 89.0f, 89.41599f,
		103.278929f, 103.97208f, 104.0f, 0x1p24f, 0x1p31f, 0x1p64f, 0x1.fffffep127f, INFINITY};

	for (uint64_t bits = 0; bits <= UINT32_MAX; bits += step)
		check_error(f, tmo_f32_of_bits((uint32_t)bits));
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		for (uint32_t near = 0; near < 400; near++) {
			const float x = tmo_f32_of_bits(tmo_bits_of_f32(places[i]) + near - 200);

			check_error(f, x);
			check_error(f, -x);
		}
}

static inline uint64_t
hash_result(uint64_t hash, float result)
{
	return (hash ^ tmo_bits_of_f32(result)) * 0x100000001b3u;
}

/*
 * The results of some 200,000 floats of all kinds have the hash that they had when they were first computed:
 * on every machine, from every compiler.
 */
static inline void
check_hash(const struct function *f)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (uint64_t bits = 0; bits <= UINT32_MAX; bits += 20011)
		hash = hash_result(hash, f->of(tmo_f32_of_bits((uint32_t)bits)));
	CHECK(hash == f->hash, "%s: other bits than before, 0x%016jxu", f->name, (uintmax_t)hash);
}

#endif
