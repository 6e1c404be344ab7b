/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant's kernels around the codes: what is not finite, and how much was lost. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "filters/quant/nonfinite.h"
#include "filters/quant/sqnr.h"
#include "tests/unit/check.h"

#define N ((size_t)200000)

static void
test_odd(void)
{
	float x[] = {1, NAN, -2, INFINITY, -INFINITY, 0}, before[6];
	double wide[] = {(double)NAN, 1e300, -(double)INFINITY};
	const uint32_t signalling = 0xffa00001;	/* a NaN that arithmetic would change */
	uint8_t codes[6] = {1, 2, 3, 4, 5, 6};
	struct tmo_error err = {0};
	struct nonfinite taken;

	memcpy(&x[1], &signalling, sizeof(x[1]));
	memcpy(before, x, sizeof(x));
	CHECK(quant_nonfinite_take(x, false, 6, true, &taken, &err) == 0 && taken.count == 3, "%zu",
	      taken.count);
	CHECK(x[0] == 1 && x[1] == 0 && x[2] == -2 && x[3] == 0 && x[4] == 0, "not zeros");
	quant_nonfinite_encode(&taken, TMO_F8E4M3, codes);
	CHECK(codes[0] == 1 && (codes[1] & 0x7f) == 0x7f && codes[3] == 0x7e && codes[4] == 0xfe,
	      "%02x %02x %02x", codes[1], codes[3], codes[4]);
	quant_nonfinite_encode(&taken, TMO_F8E5M2, codes);
	CHECK((codes[1] & 0x7f) > 0x7c && codes[3] == 0x7c && codes[4] == 0xfc && codes[5] == 6,
	      "%02x %02x %02x", codes[1], codes[3], codes[4]);
	CHECK(quant_nonfinite_count(x, false, 6) == 0, "some were left");
	quant_nonfinite_restore(&taken, x, false);
	CHECK(memcmp(x, before, sizeof(x)) == 0 && quant_nonfinite_count(x, false, 6) == 3,
	      "not as before");
	free(taken.list);
	CHECK(quant_nonfinite_take(wide, true, 3, true, &taken, &err) == 0 && taken.count == 2, "%zu",
	      taken.count);
	CHECK(wide[0] == 0 && wide[1] == 1e300 && wide[2] == 0, "not zeros");
	quant_nonfinite_restore(&taken, wide, true);
	CHECK(isnan(wide[0]) && wide[1] == 1e300 && wide[2] == -INFINITY, "not as before");
	free(taken.list);
}

static void
test_sqnr(void)
{
	static float a[N], b[N];
	double signal = 0, noise = 0, db;
	struct tmo_error err = {0};
	bool enough = false;

	for (db = 0; db <= 300; db += 0.37)
		CHECK(fabs(quant_power_ratio(db) / pow(10, db / 10) - 1) < 1e-13, "10^(%g / 10) is %g", db,
		      quant_power_ratio(db));
	for (size_t i = 0; i < N; i++) {
		a[i] = (float)random_normal();
		b[i] = a[i] + (float)random_normal() / 1000;
		signal += pow((double)a[i], 2);
		noise += pow((double)a[i] - (double)b[i], 2);
	}
	db = 10 * log10(signal / noise);
	CHECK(quant_near_enough(a, b, false, N, db - 1e-6, 2, &enough, &err) == 0 && enough,
	      "%g dB are not enough for a little less", db);
	CHECK(quant_near_enough(a, b, false, N, db + 1e-6, 2, &enough, &err) == 0 && !enough,
	      "%g dB are enough for a little more", db);
	CHECK(quant_near_enough(a, a, false, N, 300, 2, &enough, &err) == 0 && enough,
	      "equal is not near enough");
}

/* NaN and infinities: what stayed the same is no error, all else is an infinite one. */
static void
test_sqnr_odd(void)
{
	static const struct {
		float a, b;
		bool enough;
	} cases[] = {
		{NAN, NAN, true}, {INFINITY, INFINITY, true}, {-INFINITY, -INFINITY, true},
		{INFINITY, 448, false}, {INFINITY, -INFINITY, false}, {NAN, 0, false}, {1, NAN, false},
		{1, -INFINITY, false}, {NAN, INFINITY, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const float a[] = {1, cases[i].a, 2}, b[] = {1, cases[i].b, 2};
		const double wide_a[] = {1, (double)cases[i].a, 2}, wide_b[] = {1, (double)cases[i].b, 2};
		struct tmo_error err = {0};
		bool narrow = !cases[i].enough, wide = narrow;

		CHECK(quant_near_enough(a, b, false, 3, 0, 1, &narrow, &err) == 0 &&
		      quant_near_enough(wide_a, wide_b, true, 3, 0, 1, &wide, &err) == 0 &&
		      narrow == cases[i].enough && wide == narrow, "%g to %g", (double)cases[i].a,
		      (double)cases[i].b);
	}
}

int
main(void)
{
	test_odd();
	test_sqnr();
	test_sqnr_odd();
	return check_status();
}
