/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exponential.c: each function within the error that it states, of what libm computes in doubles; the bits
 * that it has everywhere; and a loop over it, which the compiler may vectorize, against single calls.
 */
#include <stdio.h>

#include "tests/unit/functions.h"

enum { COUNT = 100000 };

static float x[COUNT], y[COUNT];

static void
check_loop(const char *name, float (*of)(float))
{
	for (int i = 0; i < COUNT; i++)
		CHECK(tmo_bits_of_f32(y[i]) == tmo_bits_of_f32(of(x[i])), "%s(%a) has other bits in a loop", name,
			(double)x[i]);
}

#define CHECK_LOOP(function) \
	do { \
		for (int i = 0; i < COUNT; i++) \
			y[i] = function(x[i]); \
		check_loop(#function, function); \
	} while (0)

static void
test_loops(void)
{
	for (int i = 0; i < COUNT; i++)
		x[i] = i % 2 ? (float)(8.0 * random_normal()) : tmo_f32_of_bits((uint32_t)(random_bits() >> 32));
	CHECK_LOOP(tmo_exp);
	CHECK_LOOP(tmo_expm1);
	CHECK_LOOP(tmo_log);
	CHECK_LOOP(tmo_tanh);
	CHECK_LOOP(tmo_sigmoid);
	CHECK_LOOP(tmo_erf);
}

int
main(void)
{
	size_t count;
	const struct function *const functions = exponential_functions(&count);

	for (size_t i = 0; i < count; i++) {
		check_errors(&functions[i], 65537);
		check_hash(&functions[i]);
	}
	test_loops();
	return check_status();
}
