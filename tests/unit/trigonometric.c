/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trigonometric.c: each function within the error that it states, of what libm computes in doubles, and the
 * bits that it has everywhere.
 */
#include "tests/unit/functions.h"

/* The floats nearest to multiples of pi / 2, of all sizes: where most digits of 2 / pi are needed. */
static void
test_near_zeros(const struct function *functions, size_t count)
{
	for (size_t f = 0; f < count; f++)
		for (int i = 0; i < 200000; i++) {
			const double multiple = floor(exp2(1.0 + 30.0 * random_uniform()));
			const float x = (float)(multiple * 1.5707963267948966);

			check_error(&functions[f], x);
		}
	for (size_t f = 0; f < count; f++) {
		check_error(&functions[f], 16367173.0f * 0x1p72f);	/* 1.6e-9 from one, nearer than any other */
		check_error(&functions[f], -16367173.0f * 0x1p72f);
	}
}

/* Against libm's long doubles, whose own error is far below what is allowed. */
static void
test_turns(void)
{
	double worst = 0;

	for (uint64_t n = 1; n < 300; n++)
		for (uint64_t k = 0; k < n; k++) {
			const long double angle = 2 * acosl(-1.0L) * (long double)k / (long double)n;
			double cosine, sine;

			tmo_turn(k, n, &cosine, &sine);
			worst = fmax(worst, (double)fmaxl(fabsl(cosine - cosl(angle)), fabsl(sine - sinl(angle))));
		}
	CHECK(worst <= 0x1p-51, "turns: %g", worst);
}

int
main(void)
{
	size_t count;
	const struct function *const functions = trigonometric_functions(&count);

	for (size_t i = 0; i < count; i++) {
		check_errors(&functions[i], 9973);
		check_hash(&functions[i]);
	}
	test_near_zeros(functions, count);
	test_turns();
	return check_status();
}
