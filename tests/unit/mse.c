/* SPDX-License-Identifier: Apache-2.0 */
/* mse.c: scales of the least squared error against slow, obvious searches. */
#include "base/minifloat.h"
#include "filters/quant/nonuniform.h"
#include "tests/unit/fitted.h"

/* The least error of many scales from wide to narrow, for each zero point. */
static double
search(const struct code_range *c, const double *x, size_t n, int steps)
{
	const double span = c->high - c->low;
	double most = 0, best = INFINITY;

	for (size_t i = 0; i < n; i++)
		most = fabs(x[i]) > most ? fabs(x[i]) : most;
	for (int k = 0; k < steps; k++) {
		const double scale = 6 * most / span * exp(-6.0 * k / steps);

		for (int z = c->symmetric ? 0 : c->low; z <= (c->symmetric ? 0 : c->high); z++) {
			const double e = error_of(x, n, scale, c->low - z, c->high - z);

			best = e < best ? e : best;
		}
	}
	return best;
}

static void
test_mse(void)
{
	static const size_t sizes[] = {1, 2, 16, 32, 128, 700, 3000};
	double *const x = malloc(3000 * sizeof(*x));

	for (int bits = 2; bits <= 8; bits++)
		for (int symmetric = 0; symmetric < 2; symmetric++)
			for (int shape = 0; shape < SHAPES; shape++)
				for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++) {
					const size_t n = sizes[s];
					const struct fit f = {
						.method = FIT_MSE,
						.codes = quant_code_range(bits, symmetric, 1e38),
					};
					const int work = symmetric ? 400000 : 400000 >> bits;
					double squares = 0, least, got;
					struct answer a;

					draw(shape, x, n);
					for (size_t i = 0; i < n; i++)
						squares += x[i] * x[i];
					a = fit_one(&f, x, n, shape % 2 == 0, 1);
					CHECK(a.scale > 0, "scale %g", a.scale);
					CHECK(a.zero == rint(a.zero) && a.zero >= f.codes.low &&
					      a.zero <= f.codes.high, "zero %g", a.zero);
					got = error_of(x, n, a.scale, f.codes.low - a.zero,
					               f.codes.high - a.zero);
					least = search(&f.codes, x, n, work / (int)n / (n > 200 ? 1 : 4) + 20);
					CHECK(got <= least * 1.001 + 1e-12 * squares,
					      "bits %d symmetric %d shape %d n %zu: %g, there is %g", bits,
					      symmetric, shape, n, got, least);
				}
	free(x);
}

/* Levels that are no integers: the same search with their own rounding. */
static void
test_mse_levels(void)
{
	static const enum code_kind kinds[] = {CODE_NF4, CODE_F8E4M3, CODE_F8E5M2};
	double x[600];

	for (size_t k = 0; k < 3; k++)
		for (int shape = 0; shape < SHAPES; shape++) {
			struct fit f = {.method = FIT_MSE, .codes = quant_code_range_of(kinds[k], 1e38)};
			double best = INFINITY, got = 0, squares = 0;
			struct answer a;

			draw(shape, x, 600);
			for (size_t i = 0; i < 600; i++)
				squares += x[i] * x[i];
			a = fit_one(&f, x, 600, false, 1);
			CHECK(a.zero == 0, "zero %g", a.zero);
			for (int step = -1; step < 400; step++) {
				const float scale = step < 0 ? (float)a.scale :
					(float)(45 / f.codes.steps * exp(-0.03 * step));
				unsigned char code;
				double sum = 0;

				for (size_t i = 0; i < 600; i++) {
					const float value = (float)x[i];
					double back;

					quant_nonuniform_f32(&f.codes, &value, 1, 1, &scale, NULL, &code);
					back = kinds[k] == CODE_NF4 ? (double)quant_nf4[code] :
						(double)(kinds[k] == CODE_F8E4M3 ? tmo_f8e4m3_to_f32(code) :
						         tmo_f8e5m2_to_f32(code));
					sum += (x[i] - back * (double)scale) * (x[i] - back * (double)scale);
				}
				if (step < 0)
					got = sum;
				else if (sum < best)
					best = sum;
			}
			CHECK(got <= best * 1.001 + 1e-12 * squares, "kind %d shape %d: %g, there is %g",
			      (int)kinds[k], shape, got, best);
		}
}

static void
test_pow2(void)
{
	double x[500];

	for (int shape = 0; shape < SHAPES; shape++)
		for (int method = FIT_MINMAX; method <= FIT_ENTROPY; method++)
			for (int symmetric = 0; symmetric < 2; symmetric++) {
				const struct fit f = {
					.method = (enum fit_method)method, .percentile = 99, .pow2 = true,
					.codes = quant_code_range(5, symmetric, 1e38),
				};
				struct answer a, plain;
				struct fit free_scale = f;
				double got, best = INFINITY;
				int exponent;

				free_scale.pow2 = false;
				draw(shape, x, 500);
				a = fit_one(&f, x, 500, false, 1);
				plain = fit_one(&free_scale, x, 500, false, 1);
				CHECK(frexp(a.scale, &exponent) == 0.5, "%g is no power of two", a.scale);
				if (method != FIT_MSE) {
					CHECK(a.scale >= plain.scale && a.scale < 2 * plain.scale,
					      "method %d: %g for %g", method, a.scale, plain.scale);
					continue;
				}
				got = error_of(x, 500, a.scale, f.codes.low - a.zero,
				               f.codes.high - a.zero);
				for (int e = -12; e < 6; e++)
					for (int z = 0; z <= (symmetric ? 0 : 31); z++) {
						const double other = error_of(x, 500, ldexp(1, e),
						                              f.codes.low - z,
						                              f.codes.high - z);

						best = other < best ? other : best;
					}
				CHECK(got <= best * (1 + 1e-9) + 1e-12, "pow2 %g, there is %g", got, best);
			}
}

/* Channels of a convolution have few weights, and codes few values: all powers, for many of these. */
static void
test_pow2_of_few(void)
{
	double x[90];

	for (int turn = 0; turn < 1000; turn++) {
		const int bits = 2 + turn % 7;
		const size_t n = turn % 2 ? 9 : 90;
		const struct fit f = {
			.method = FIT_MSE, .pow2 = true, .codes = quant_code_range(bits, true, 1e38),
		};
		double got, best = INFINITY;

		draw(turn / 7 % SHAPES, x, n);
		got = error_of(x, n, fit_one(&f, x, n, turn % 3 == 0, 1).scale, f.codes.low, f.codes.high);
		for (int e = -20; e < 8; e++) {
			const double other = error_of(x, n, ldexp(1, e), f.codes.low, f.codes.high);

			best = other < best ? other : best;
		}
		CHECK(got <= best * (1 + 1e-9) + 1e-12, "turn %d: pow2 %g, there is %g", turn, got, best);
	}
}

int
main(void)
{
	test_mse();
	test_mse_levels();
	test_pow2();
	test_pow2_of_few();
	return check_status();
}
