/* SPDX-License-Identifier: Apache-2.0 */
/*
 * elementary.c: each function within the error that it states, of what libm computes in doubles, and the bits
 * that it has everywhere; powers of all special numbers by one another, and of random ones.
 */
#include "tests/unit/functions.h"

static void
check_power(float x, float y)
{
	const float got = tmo_pow(x, y);
	const double wanted = pow((double)x, (double)y), error = error_in_ulp(got, wanted);

	CHECK(error <= POW_MOST, "pow(%a, %a): %a, wanted %a: %.3f ulp", (double)x, (double)y, (double)got, wanted, error);
}

static void
test_special_powers(void)
{
	const float values[] = {0.0f, 1.0f, 2.0f, 3.0f, 4.0f, 0.5f, 1.5f, 0.1f, 0x1p-149f, 0x1p-126f, 0x1.fffffep127f,
		0x1.000002p0f, 0x1.fffffep-1f, 16777215.0f, 16777216.0f, 16777218.0f, 8388607.0f, 8388607.5f, 149.0f,
		150.0f, 0x1p31f, 0x1p32f, 1e30f, INFINITY, NAN};
	enum { VALUES = 2 * sizeof(values) / sizeof(*values) };

	for (int i = 0; i < VALUES; i++)
		for (int j = 0; j < VALUES; j++)
			check_power(i % 2 ? values[i / 2] : -values[i / 2], j % 2 ? values[j / 2] : -values[j / 2]);
}

/* Of any x, or one next to 1, and a y with which the result is mostly a float; a fifth are integers. */
static void
test_random_powers(void)
{
	for (int i = 0; i < 1000000; i++) {
		const float any = tmo_f32_of_bits((uint32_t)(random_bits() >> 32));
		const float x = i % 3 ? any : (float)(1.0 + 1e-3 * random_normal() * random_uniform());
		const double most = 105.0 / fabs(log(fabs((double)x)));
		const float y = (float)(most * (2.0 * random_uniform() - 1.0));

		check_power(x, i % 5 ? y : rintf(y));
	}
}

/* Of pairs that no libm had a part in. */
static void
test_hash_of_powers(void)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (int i = 0; i < 200000; i++) {
		const float x = (float)(4.0 * random_uniform()), y = (float)(60.0 * random_uniform() - 30.0);

		hash = hash_result(hash, tmo_pow(x, y));
	}
	CHECK(hash == 0x8f09f0b5b82dda9fu, "pow: other bits than before, 0x%016jxu", (uintmax_t)hash);
}

int
main(void)
{
	size_t count;
	const struct function *const functions = elementary_functions(&count);

	for (size_t i = 0; i < count; i++) {
		check_errors(&functions[i], 9973);
		check_hash(&functions[i]);
	}
	test_special_powers();
	test_random_powers();
	test_hash_of_powers();
	return check_status();
}
