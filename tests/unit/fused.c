/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fused.c: the fused multiply-add, with and without an instruction, against libm's fmaf: bits of all
 * exponents, sums that cancel, ties, subnormal and overflowing results, zeros of both signs.
 */
#include <math.h>
#include <stdio.h>

#include "base/math/fused.h"
#include "tests/unit/check.h"

static void
compare(float a, float b, float c)
{
	const float want = tmo_f32_one_nan(fmaf(a, b, c));
	const float by_doubles = tmo_f32_one_nan(tmo_fma_substitute(a, b, c));
	const float fused = tmo_f32_one_nan(tmo_fma(a, b, c));

	CHECK(tmo_bits_of_f32(by_doubles) == tmo_bits_of_f32(want),
		"%a * %a + %a: %a by doubles, wanted %a", a, b, c, by_doubles, want);
	CHECK(tmo_bits_of_f32(fused) == tmo_bits_of_f32(want), "%a * %a + %a: %a, wanted %a", a, b, c, fused, want);
}

static float
random_f32(void)
{
	return tmo_f32_of_bits((uint32_t)(random_bits() >> 32));
}

/* Of any sign and significand (few bits of it at times), exponents low … low + span - 1. */
static float
random_near(uint32_t low, uint32_t span)
{
	const uint32_t significand = (uint32_t)(random_bits() >> 41);
	const uint32_t kept = random_below(2) ? 0x7fffffu : 0x7fffffu << random_below(24) & 0x7fffffu;
	const uint32_t sign = (uint32_t)random_below(2) << 31;

	return tmo_f32_of_bits(sign | (low + (uint32_t)random_below(span)) << 23 | (significand & kept));
}

static void
test_random(int n)
{
	for (int i = 0; i < n; i++)
		compare(random_f32(), random_f32(), random_f32());
}

/* c is the product's neighbour with the other sign: what is left is what the product's rounding lost. */
static void
test_cancelling(int n)
{
	for (int i = 0; i < n; i++) {
		const float a = random_near(60, 130), b = random_near(60, 130), product = a * b;
		const uint32_t away = (uint32_t)random_below(5) - 2;

		compare(a, b, -tmo_f32_of_bits(tmo_bits_of_f32(product) + away));
	}
}

/* A large and a small term, 20 to 60 bits apart: the small one decides a tie, or what is next to one. */
static void
test_ties(int n)
{
	for (int i = 0; i < n; i++) {
		const float a = random_near(100, 40), b = tmo_f32_of_bits((uint32_t)(random_below(80) + 87) << 23);
		const float c = random_near(60, 130);

		compare(a, b, c);
		compare(a, random_near(90, 60), c);
	}
}

static void
test_subnormal(int n)
{
	for (int i = 0; i < n; i++) {
		const uint32_t half = 30 + (uint32_t)random_below(60);

		compare(random_near(half, 4), random_near(101 - half, 30), random_near(0, 4));
		compare(random_near(0, 1), random_near(100, 60), random_near(0, 3));
	}
}

static void
test_overflow(int n)
{
	for (int i = 0; i < n; i++) {
		const uint32_t half = 130 + (uint32_t)random_below(100);

		compare(random_near(half, 2), random_near(380 - half, 3), random_near(250, 5));
	}
}

static void
test_special(void)
{
	const float values[] = {0.0f, 1.0f, 1.5f, 0x1p-149f, 0x1.fffffcp-127f, 0x1p-126f, 0x1p-75f, 0x1.8p-75f,
		0x1.fffffep127f, 0x1p127f, 0x1p64f, 0x1.000002p0f, 0x1.fffffep-1f, 0x1p-24f, INFINITY, NAN};
	enum { COUNT = 2 * sizeof(values) / sizeof(*values) };

	for (int i = 0; i < COUNT; i++)
		for (int j = 0; j < COUNT; j++)
			for (int k = 0; k < COUNT; k++)
				compare(i % 2 ? values[i / 2] : -values[i / 2], j % 2 ? values[j / 2] : -values[j / 2],
					k % 2 ? values[k / 2] : -values[k / 2]);
}

/* Which NaN it was does not come through. */
static void
test_one_nan(void)
{
	const uint32_t nans[] = {0x7fc00000u, 0xffc00000u, 0x7f800001u, 0xffffffffu, 0x7fc12345u};

	for (size_t i = 0; i < sizeof(nans) / sizeof(*nans); i++)
		CHECK(tmo_bits_of_f32(tmo_f32_one_nan(tmo_f32_of_bits(nans[i]))) == 0x7fc00000u, "%x", nans[i]);
	CHECK(tmo_bits_of_f32(tmo_f32_one_nan(-0.0f)) == 0x80000000u, "-0 is a number");
	CHECK(tmo_f32_one_nan(INFINITY) == INFINITY, "infinity is no NaN");
}

int
main(void)
{
	enum { COUNT = 400000 };

	test_random(COUNT);
	test_cancelling(COUNT);
	test_ties(COUNT);
	test_subnormal(COUNT);
	test_overflow(COUNT);
	test_special();
	test_one_nan();
	return check_status();
}
