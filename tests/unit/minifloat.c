/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minifloat.c: every pattern of the 8- and 16-bit types, the middle between any
 * two neighbours and what lies just beside it, and random patterns, against arithmetic on numbers
 * (ldexp, frexp, rint), which shares nothing with the code under test.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/minifloat.h"
#include "tests/unit/check.h"

struct format {
	const char *name;
	enum tmo_type type;
	int bits, mantissa, bias;
	bool infinite;		/* the top exponent means infinity and NaN; else only all ones is NaN */
};

static const struct format formats[] = {
	{"f16", TMO_F16, 16, 10, 15, true},
	{"bf16", TMO_BF16, 16, 7, 127, true},
	{"f8e4m3", TMO_F8E4M3, 8, 3, 7, false},
	{"f8e5m2", TMO_F8E5M2, 8, 2, 15, true},
};

static void
expect(bool good, const struct format *f, const char *what, double x, double got, double want)
{
	CHECK(good, "%s %s of %a: got %a, wanted %a", f->name, what, x, got, want);
}

static bool
same(double a, double b)
{
	return isnan(a) ? isnan(b) : a == b && signbit(a) == signbit(b);
}

/* What a pattern means, by the definition of the format. */
static double
meaning(const struct format *f, unsigned pattern)
{
	const int exponent_bits = f->bits - 1 - f->mantissa;
	const unsigned top = (1u << exponent_bits) - 1;
	const unsigned e = pattern >> f->mantissa & top, m = pattern & ((1u << f->mantissa) - 1);
	const double sign = pattern >> (f->bits - 1) != 0 ? -1 : 1;

	if (f->infinite && e == top)
		return m != 0 ? NAN : sign * INFINITY;
	if (!f->infinite && e == top && m == (1u << f->mantissa) - 1)
		return NAN;
	if (e == 0)
		return sign * ldexp(m, 1 - f->bias - f->mantissa);
	return sign * ldexp(m + (1u << f->mantissa), (int)e - f->bias - f->mantissa);
}

/* x rounded to the format's precision, half to even. */
static double
rounded(const struct format *f, double x)
{
	int exponent;

	if (x == 0 || !isfinite(x))
		return isinf(x) && !f->infinite ? NAN : x;
	frexp(x, &exponent);
	exponent--;
	if (exponent < 1 - f->bias)
		exponent = 1 - f->bias;
	x = ldexp(rint(ldexp(x, f->mantissa - exponent)), exponent - f->mantissa);
	if (fabs(x) <= tmo_type_max(f->type))
		return x;
	return f->infinite ? copysign(INFINITY, x) : NAN;
}

static double
widened(const struct format *f, unsigned pattern)
{
	const uint16_t wide = (uint16_t)pattern;
	const uint8_t byte = (uint8_t)pattern;
	double out = 0;

	tmo_to_f64(&out, f->type, f->bits == 16 ? (const void *)&wide : &byte, 1);
	return out;
}

static unsigned
from_single(const struct format *f, float x)
{
	uint16_t wide = 0;
	uint8_t byte = 0;

	tmo_from_f32(f->bits == 16 ? (void *)&wide : &byte, f->type, &x, 1);
	return f->bits == 16 ? wide : byte;
}

static unsigned
from_double(const struct format *f, double x)
{
	uint16_t wide = 0;
	uint8_t byte = 0;

	tmo_from_f64(f->bits == 16 ? (void *)&wide : &byte, f->type, &x, 1);
	return f->bits == 16 ? wide : byte;
}

static void
check_number(const struct format *f, double x)
{
	const float single = (float)x;
	double got = meaning(f, from_single(f, single)), want = rounded(f, (double)single);

	expect(same(got, want), f, "from f32", (double)single, got, want);
	got = meaning(f, from_double(f, x));
	want = rounded(f, x);
	expect(same(got, want), f, "from f64", x, got, want);
}

static void
check_patterns(const struct format *f)
{
	double largest = 0;

	for (unsigned p = 0; p < 1u << f->bits; p++) {
		const double value = meaning(f, p), next = meaning(f, (p + 1) & ((1u << f->bits) - 1));
		const double got = widened(f, p);
		const double middle = value + (next - value) / 2;
		float single = 0;

		expect(same(got, value), f, "value", p, got, value);
		if (f->bits == 16)
			tmo_to_f32(&single, f->type, &(uint16_t){(uint16_t)p}, 1);
		else
			tmo_to_f32(&single, f->type, &(uint8_t){(uint8_t)p}, 1);
		expect(same((double)single, value), f, "f32 value", p, (double)single, value);
		if (isnan(value)) {
			expect(isnan(meaning(f, from_single(f, single))), f, "NaN", p, 0, NAN);
			continue;
		}
		expect(!isfinite(value) || from_single(f, single) == p, f, "round trip", value,
		       from_single(f, single), p);
		if (!isfinite(value))
			continue;
		largest = fmax(largest, value);
		if (!isfinite(next))
			continue;
		check_number(f, middle);
		check_number(f, nextafter(middle, INFINITY));
		check_number(f, nextafter(middle, -INFINITY));
		check_number(f, (double)nextafterf((float)middle, INFINITY));
		check_number(f, (double)nextafterf((float)middle, -INFINITY));
	}
	expect(largest == tmo_type_max(f->type), f, "maximum", 0, tmo_type_max(f->type), largest);
}

static void
check_edges(const struct format *f)
{
	const double max = tmo_type_max(f->type);
	const double step = max - meaning(f, from_single(f, (float)max) - 1);
	const double edges[] = {
		0, max, max + step / 2, max + step * 0.499, max + step * 0.501, max * 2, 1e300, 1e-300,
		0x1p-149, 0x1.fffffep127, INFINITY, NAN, 1, 1.0 / 3, 0x1.fffffffffffffp0, 0x1p-1074
	};

	for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
		check_number(f, edges[i]);
		check_number(f, -edges[i]);
	}
}

static void
check_random(const struct format *f)
{
	for (int i = 0; i < 300000; i++) {
		const uint32_t u = (uint32_t)(random_bits() >> 32);
		float x;

		memcpy(&x, &u, sizeof x);
		check_number(f, (double)x * (1 + 1e-12));
	}
}

static void
check_integers(void)
{
	static const int8_t small[] = {-128, -1, 0, 127};
	static const uint64_t large[] = {0, 1, UINT64_MAX};
	static const uint8_t truth[] = {0, 1, 2};
	double out[4];

	tmo_to_f64(out, TMO_I8, small, 4);
	expect(out[0] == -128 && out[3] == 127, &formats[0], "i8", 0, out[0], -128);
	tmo_to_f64(out, TMO_U64, large, 3);
	expect(out[1] == 1 && out[2] == 0x1p64, &formats[0], "u64", 0, out[2], 0x1p64);
	tmo_to_f64(out, TMO_BOOL, truth, 3);
	expect(out[0] == 0 && out[1] == 1 && out[2] == 1, &formats[0], "bool", 0, out[2], 1);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		check_patterns(&formats[i]);
		check_edges(&formats[i]);
		check_random(&formats[i]);
	}
	check_integers();
	return check_status();
}
