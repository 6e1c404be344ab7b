/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant's codes that are no rint of a quotient: other roundings, fp8, nf4, ternary, binary. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/minifloat.h"
#include "filters/quant/nonuniform.h"
#include "filters/quant/ternary_binary.h"
#include "tests/unit/check.h"
#include "tests/unit/partition.h"

#define N ((size_t)4000)

/* Whole and half numbers among others, all floats. */
static double
some_value(void)
{
	const double x = (double)(float)((double)random_below(200001) / 1000 - 100);

	switch (random_below(8)) {
	case 0: return 0;
	case 1: return rint(x);
	case 2: return rint(x) + 0.5;
	case 3: return (double)nextafterf((float)(rint(x) + 0.5), 0);
	default: return x;
	}
}

/* ---- integers: halves away from zero, factors ---- */

static void
test_roundings(void)
{
	float x[N], scale, zero = 0;
	double wide[N], wide_scale, wide_zero = 0;
	unsigned char out[N], wide_out[N];

	for (int turn = 0; turn < 16; turn++) {
		struct code_range codes = quant_code_range(8, true, 1e30);

		codes.away = turn % 2 == 1;
		codes.by_factor = turn / 2 % 2 == 1;
		wide_scale = scale = turn < 8 ? 1 : (float)(1 + random_below(5)) / 3;
		for (size_t i = 0; i < N; i++)
			wide[i] = x[i] = (float)some_value();
		quant_round_f32(&codes, x, N, 1, &scale, &zero, out);
		quant_round_f64(&codes, wide, N, 1, &wide_scale, &wide_zero, wide_out);
		for (size_t i = 0; i < N; i++) {
			const double q = (double)(codes.by_factor ? x[i] * scale : x[i] / scale);
			const double wq = codes.by_factor ? wide[i] * wide_scale : wide[i] / wide_scale;
			const double want = fmax(-127, fmin(127, codes.away ? round(q) : rint(q)));
			const double wide_want = fmax(-127, fmin(127, codes.away ? round(wq) : rint(wq)));

			CHECK((signed char)out[i] == want, "%d: %.9g: %d, wanted %g", turn, (double)x[i],
			      (signed char)out[i], want);
			CHECK((signed char)wide_out[i] == wide_want, "%d: double %.17g: %d, wanted %g",
			      turn, wide[i], (signed char)wide_out[i], wide_want);
		}
	}
}

/* What is far out of range, when a scale was fitted to less than all. */
static void
test_clipping(void)
{
	const float x[] = {3e38f, -3e38f, 1e10f, -1e10f, 0, 128, -128, 1e-38f}, zero = 0;
	const float scales[] = {1, 1e-30f, 1e-45f};
	const int want[] = {127, -127, 127, -127, 0, 127, -127};
	unsigned char out[8];

	for (int turn = 0; turn < 6; turn++) {
		struct code_range codes = quant_code_range(8, true, 1e38);

		codes.away = turn % 2 == 1;
		quant_round_f32(&codes, x, 8, 1, &scales[turn / 2], &zero, out);
		for (size_t i = 0; i < 7; i++)
			CHECK((signed char)out[i] == want[i], "%g / %g: %d", (double)x[i],
			      (double)scales[turn / 2], (signed char)out[i]);
	}
}

/* vectors/round.txt: NAME times|over SCALE ZERO LOW HIGH : in : codes */
static void
test_published(const char *path)
{
	FILE *const f = check_open(path);
	char line[400], name[40], way[10];
	int cases = 0;

	for (; check_line(f, line, sizeof(line)); cases++) {
		struct code_range codes = {.kind = CODE_INT, .away = true};
		char *in = strchr(line, ':'), *want = in != NULL ? strchr(in + 1, ':') : NULL;
		unsigned char out[20];
		float x[20], scale, zero;
		size_t n = 0;

		CHECK(want != NULL && sscanf(line, "%39s %9s %f %f %d %d", name, way, &scale, &zero, &codes.low,
		             &codes.high) == 6, "not understood: %s", line);
		if (want == NULL)
			continue;
		codes.by_factor = strcmp(way, "times") == 0;
		for (char *end = ++in; n < 20; in = end) {
			x[n] = strtof(in, &end);
			if (end == in)
				break;
			n++;
		}
		CHECK(n > 0, "no numbers: %s", line);
		quant_round_f32(&codes, x, n, 1, &scale, &zero, out);
		want++;
		for (size_t i = 0; i < n; i++) {
			const long code = strtol(want, &want, 10);

			CHECK((unsigned char)code == out[i], "%s: %g: code %d, wanted %ld", name,
			      (double)x[i], out[i], code);
		}
	}
	CHECK(cases >= 7, "%d cases", cases);
}

/* ---- fp8, nf4 ---- */

/* The pattern of the level nearest to q; of two the even one. Signs of zeros are q's. */
static unsigned
nearest_fp8(double q, bool e4m3)
{
	double least = (double)INFINITY;
	unsigned best = 0;

	for (unsigned code = 0; code < 128; code++) {
		const double level = (double)(e4m3 ? tmo_f8e4m3_to_f32((uint8_t)code) :
		                              tmo_f8e5m2_to_f32((uint8_t)code));
		const double distance = fabs(fabs(q) - level);

		if (isfinite(level) && (distance < least || (distance == least && code % 2 == 0))) {
			least = distance;
			best = code;
		}
	}
	return best | (signbit(q) ? 0x80 : 0);
}

static unsigned
nearest_nf4(double q)
{
	unsigned best = 0;

	for (unsigned k = 1; k < 16; k++)
		if (fabs(q - (double)quant_nf4[k]) < fabs(q - (double)quant_nf4[best]) - 1e-7)
			best = k;
	return best;
}

static void
expect_level(enum code_kind kind, double q, unsigned got)
{
	const double error = fabs(q - (double)quant_nf4[got & 15]);
	const double best = fabs(q - (double)quant_nf4[nearest_nf4(q)]);

	if (kind == CODE_NF4)
		CHECK(got < 16 && error <= best + 1e-7, "nf4 %.9g: %u, wanted %u", q, got, nearest_nf4(q));
	else
		CHECK(got == nearest_fp8(q, kind == CODE_F8E4M3), "kind %d %.9g: %02x, wanted %02x", kind,
		      q, got, nearest_fp8(q, kind == CODE_F8E4M3));
}

/* In one column and in three, each with a scale. */
static void
test_levels(enum code_kind kind)
{
	const struct code_range codes = quant_code_range_of(kind, 1e38);
	const float scale[] = {0.25f, 1, 3};
	const double wide_scale[] = {0.25, 1, 3};
	float x[N];
	double wide[N];
	unsigned char out[N], wide_out[N];

	for (size_t i = 0; i < N; i++) {
		const double size = ldexp(1, (int)random_below(12) - 6) * (kind == CODE_NF4 ? 1.0 / 64 : 8);

		wide[i] = x[i] = (float)(some_value() * size);
	}
	for (size_t cols = 1; cols <= 3; cols += 2) {
		const size_t rows = N / cols;

		quant_nonuniform_f32(&codes, x, rows, cols, scale, NULL, out);
		quant_nonuniform_f64(&codes, wide, rows, cols, wide_scale, NULL, wide_out);
		for (size_t i = 0; i < rows * cols; i++) {
			const size_t j = i % cols;
			const float q = x[i] / scale[j];
			const double top = codes.steps;

			expect_level(kind, fmax(-top, fmin(top, (double)q)), out[i]);
			expect_level(kind, fmax(-top, fmin(top, wide[i] / wide_scale[j])), wide_out[i]);
		}
	}
}

static void
test_nf4_table(void)
{
	/* bitsandbytes, csrc/kernels.cu, dQuantizeNF4 (MIT): a code above each of them. */
	static const float borders[] = {
		-0.8480964004993439f, -0.6106329262256622f, -0.4599952697753906f, -0.33967943489551544f,
		-0.23460740596055984f, -0.13791173323988914f, -0.045525018125772476f,
		0.03979014977812767f, 0.1202552504837513f, 0.2035212516784668f, 0.2920137718319893f,
		0.3893125355243683f, 0.5016634166240692f, 0.6427869200706482f, 0.8614784181118011f,
	};
	const struct code_range codes = quant_code_range_of(CODE_NF4, 1e38);
	const float scale = 1;
	unsigned char out[16];

	quant_nonuniform_f32(&codes, quant_nf4, 16, 1, &scale, NULL, out);
	for (unsigned k = 0; k < 16; k++)
		CHECK(out[k] == k, "value %u has the code %u", k, out[k]);
	for (unsigned k = 0; k < 15; k++) {
		const float x[] = {borders[k], nextafterf(borders[k], 2)};
		const double middle = ((double)quant_nf4[k] + (double)quant_nf4[k + 1]) / 2;

		quant_nonuniform_f32(&codes, x, 2, 1, &scale, NULL, out);
		CHECK(out[0] == k && out[1] == k + 1, "border %u: %u and %u", k, out[0], out[1]);
		CHECK(fabs((double)borders[k] - middle) < 1e-7, "border %u is no middle", k);
	}
}

/* ---- ternary, binary ---- */

static int
upwards(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What is left of the squares, and the scale, of the best ternary codes, by trying all numbers. */
static double
least_error(const double *sorted, size_t n, bool pow2)
{
	double least = (double)INFINITY;

	for (int e = pow2 ? -12 : 0; e <= (pow2 ? 12 : 0); e++) {
		double sum = 0, total = 0;

		for (size_t i = 0; i < n; i++)
			total += sorted[i] * sorted[i];
		least = fmin(least, total);
		for (size_t k = 1; k <= n; k++) {
			const double s = pow2 ? ldexp(1, e) : (sum + sorted[n - k]) / (double)k;

			sum += sorted[n - k];
			least = fmin(least, total - 2 * s * sum + (double)k * s * s);
		}
	}
	return least;
}

static void
test_best_ternary(void)
{
	for (int turn = 0; turn < 400; turn++) {
		const size_t n = 1 + random_below(40);
		const bool pow2 = turn % 2 == 1;
		double x[40], scale, border, error = 0, least;

		for (size_t i = 0; i < n; i++)
			x[i] = turn % 10 > 1 ? fabs(some_value()) / (double)(1 + random_below(20)) :
				i == 0 ? 3.2 : 1 + 1e-4 * random_uniform(); /* one outlier */
		qsort(x, n, sizeof(*x), upwards);
		scale = quant_best_ternary(x, n, pow2, &border);
		for (size_t i = 0; i < n; i++)
			error += pow(x[i] - (x[i] > border ? scale : 0), 2);
		least = least_error(x, n, pow2);
		CHECK(error <= least + 1e-9 * (1 + least), "%d: error %.12g, the least is %.12g", turn,
		      error, least);
		CHECK(!pow2 || frexp(scale, &(int){0}) == 0.5, "%g is no power of two", scale);
	}
}

/* TWN's rule and XNOR-Net's on rows, columns and groups, by hand. */
static void
test_means(void)
{
	static float x[60 * 700];
	const size_t shape[] = {60, 700};
	const struct tmo_blocks partitions[] = {
		partition_whole(60 * 700), partition_along(2, shape, 0, 0),
		partition_along(2, shape, 1, 0), partition_along(2, shape, 1, 32),
	};
	float scale[60 * 700], border[60 * 700];
	struct tmo_error err = {0};

	for (size_t i = 0; i < 60 * 700; i++)
		x[i] = (float)some_value();
	for (int turn = 0; turn < 8; turn++) {
		const struct tmo_blocks *const l = &partitions[turn / 2];
		const struct sign_scales how = {
			.kind = turn % 2 == 0 ? CODE_TERNARY : CODE_BINARY, .limit = 1e38,
		};

		CHECK(quant_sign_scales(&how, l, false, x, border, scale, 2, &err) == 0, "%s", err.text);
		for (size_t e = 0; e < l->entries; e++) {
			double sum = 0, count = 0, above = 0, number = 0, want;

			for (int pass = 0; pass < 2; pass++)
				for (size_t i = 0; i < 60 * 700; i++) {
					const size_t row = i / 700, col = i % 700;
					const size_t entry = turn < 2 ? 0 : turn < 4 ? row : turn < 6 ? col :
						row * 22 + col / 32;
					const double a = fabs((double)x[i]);

					if (entry != e)
						continue;
					sum += pass == 0 ? a : 0;
					count += pass == 0;
					above += pass == 1 && a > 0.7 * sum / count ? a : 0;
					number += pass == 1 && a > 0.7 * sum / count;
				}
			want = how.kind == CODE_BINARY ? sum / count : above / number;
			CHECK(fabs((double)scale[e] - want) <= 1e-6 * want, "%d: scale %zu is %g, wanted %g",
			      turn, e, (double)scale[e], want);
			CHECK(how.kind == CODE_BINARY ||
			      fabs((double)border[e] - 0.7 * sum / count) <= 1e-6 * sum / count,
			      "border %zu is %g", e, (double)border[e]);
			e += l->entries > 100 ? 97 : 0;
		}
	}
}

static void
test_signs(void)
{
	const struct code_range ternary = quant_code_range_of(CODE_TERNARY, 1e38);
	const struct code_range binary = quant_code_range_of(CODE_BINARY, 1e38);
	const float x[] = {-2, -1, -0.5f, 0, 0.5f, 1, 2}, border = 1, scale = 1;
	const int want[] = {-1, 0, 0, 0, 0, 0, 1};
	unsigned char out[7];

	quant_nonuniform_f32(&ternary, x, 7, 1, &scale, &border, out);
	for (size_t i = 0; i < 7; i++)
		CHECK((signed char)out[i] == want[i], "%g: %d", (double)x[i], (signed char)out[i]);
	quant_nonuniform_f32(&binary, x, 7, 1, &scale, &border, out);
	for (size_t i = 0; i < 7; i++)
		CHECK(out[i] == (x[i] >= 0), "%g: %d", (double)x[i], out[i]);
}

/* The argument: vectors/round.txt. */
int
main(int argc, char **argv)
{
	test_roundings();
	test_clipping();
	test_published(argc > 1 ? argv[1] : "tests/vectors/round.txt");
	test_levels(CODE_F8E4M3);
	test_levels(CODE_F8E5M2);
	test_levels(CODE_NF4);
	test_nf4_table();
	test_best_ternary();
	test_means();
	test_signs();
	return check_status();
}
