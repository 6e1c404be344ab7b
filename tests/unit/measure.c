/* SPDX-License-Identifier: Apache-2.0 */
/* unit test of filters/eval's kernels, against the definitions written out. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/eval/entropy.h"
#include "filters/eval/measure.h"
#include "tests/unit/check.h"

static void
expect(bool ok, const char *what, size_t n, size_t width)
{
	CHECK(ok, "%s: n %zu, width %zu", what, n, width);
}

/* `patterns` patterns, spread over all bytes; pattern i occurs about as often as 1 / (i + 1). */
static void
test_entropy(size_t n, size_t width, size_t patterns, int threads)
{
	unsigned char *data = calloc(n + 1, width);
	size_t *count = calloc(patterns, sizeof(*count)), distinct = 0;
	struct tmo_error err = {0};
	double entropy = 0.0;
	struct entropy v;

	for (size_t i = 0; i < n; i++) {
		const size_t p = (size_t)(random_below(patterns) * (random_below(1000)) / 1000);
		const uint64_t bits = p * (width == 1 ? 1 : width == 2 ? 257 : UINT64_C(0x0101000100010101));

		memcpy(data + i * width, &bits, width);
		count[p]++;
	}
	for (size_t p = 0; p < patterns; p++) {
		const double share = (double)count[p] / (double)n;

		distinct += count[p] > 0;
		entropy -= count[p] > 0 ? share * log2(share) : 0.0;
	}
	expect(eval_measure_entropy(data, n, width, threads, &v, &err) == 0, err.text, n, width);
	expect(v.distinct == distinct, "distinct", n, width);
	expect(fabs(v.bits - entropy) <= 1e-9 * (1.0 + entropy), "entropy", n, width);
	free(data);
	free(count);
}

static void
test_zeros(void)
{
	const float f[] = {0.0f, -0.0f, 1e-45f, NAN, INFINITY, 0.0f};
	const uint16_t half[] = {0, 0x8000, 1, 0x3c00};
	const int64_t whole[] = {0, 1, -1, INT64_MIN};
	struct tmo_error err = {0};
	size_t zeros;

	expect(eval_measure_zeros(f, TMO_F32, 6, 2, &zeros, &err) == 0 && zeros == 3, "f32 zeros", 6,
	       4);
	expect(eval_measure_zeros(half, TMO_F16, 4, 2, &zeros, &err) == 0 && zeros == 2, "f16 zeros",
	       4, 2);
	expect(eval_measure_zeros(whole, TMO_I64, 4, 2, &zeros, &err) == 0 && zeros == 1,
	       "i64 zeros", 4, 8);
	expect(eval_measure_zeros(f, TMO_F32, 0, 2, &zeros, &err) == 0 && zeros == 0, "no zeros", 0,
	       4);
}

static void
test_difference(void)
{
	const float r[] = {1.0f, -2.0f, 3.0f, NAN, INFINITY};
	const double x[] = {1.5, -2.0, 2.0, NAN, INFINITY};
	const int64_t a[] = {INT64_C(1) << 60}, b[] = {(INT64_C(1) << 60) + 1};
	struct tmo_error err = {0};
	struct difference d;

	expect(eval_measure_difference(r, TMO_F32, x, TMO_F64, 5, 2, &d, &err) == 0, err.text, 5, 4);
	expect(d.error == 1.25 && d.square == 14.0 && d.largest == 1.0, "sums", 5, 4);
	expect(fabs(eval_difference_sqnr(&d) - 10.0 * log10(14.0 / 1.25)) < 1e-12, "SQNR", 5, 4);
	expect(fabs(eval_difference_cosine(&d) - 11.5 / sqrt(14.0 * 10.25)) < 1e-15, "cosine", 5, 4);
	eval_measure_difference(r, TMO_F32, r, TMO_F32, 5, 1, &d, &err);
	expect(isinf(eval_difference_sqnr(&d)) && eval_difference_sqnr(&d) > 0, "SQNR of the same",
	       5, 4);
	expect(eval_difference_cosine(&d) == 1.0, "cosine of the same", 5, 4);
	eval_measure_difference(r, TMO_F32, r + 1, TMO_F32, 4, 1, &d, &err);
	expect(isinf(eval_difference_sqnr(&d)) && eval_difference_sqnr(&d) < 0,
	       "NaN against a number", 4, 4);
	expect(isinf(d.largest), "error of NaN against a number", 4, 4);
	eval_measure_difference(a, TMO_I64, b, TMO_I64, 1, 1, &d, &err);
	expect(d.largest == 1.0, "i64 beyond the digits of a double", 1, 8);
}

/* f64 values whose squares overflow or vanish, in one array and over several. */
static void
test_range(double scale)
{
	const double r[] = {scale, 2 * scale, 0.0}, x[] = {scale, 2.5 * scale, 0.0};
	const float one[] = {1.0f, 2.0f}, other[] = {1.0f, 2.5f};
	struct difference d, total = {0};
	struct tmo_error err = {0};

	expect(eval_measure_difference(r, TMO_F64, x, TMO_F64, 3, 1, &d, &err) == 0, err.text, 3, 8);
	expect(fabs(d.largest / scale - 0.5) < 1e-15, "largest", 3, 8);
	expect(fabs(eval_difference_sqnr(&d) - 10.0 * log10(5.0 / 0.25)) < 1e-12, "SQNR", 3, 8);
	expect(fabs(eval_difference_cosine(&d) - 6.0 / sqrt(5.0 * 7.25)) < 1e-15, "cosine", 3, 8);
	eval_difference_add(&total, &d);
	eval_difference_add(&total, &d);
	expect(fabs(eval_difference_sqnr(&total) - 10.0 * log10(5.0 / 0.25)) < 1e-12, "total", 6, 8);
	eval_measure_difference(one, TMO_F32, scale > 1 ? one : other, TMO_F32, 2, 1, &d, &err);
	eval_difference_add(&d, &total);
	expect(fabs(eval_difference_sqnr(&d) - 10.0 * log10(5.0 / 0.25)) < 1e-12,
	       "the larger counts", 8, 8);
	/* Something differs, though its square is nothing beside the rest. */
	eval_measure_difference(one, TMO_F32, one, TMO_F32, 2, 1, &d, &err);
	eval_difference_add(&d, &total);
	expect(isfinite(eval_difference_sqnr(&d)) && isfinite(eval_difference_cosine(&d)), "finite",
	       8, 8);
}

/* Sums are the same to the last bit for any number of threads. */
static void
test_threads(void)
{
	const size_t n = 300001;
	float *r = calloc(n, sizeof(*r)), *x = calloc(n, sizeof(*x));
	struct difference one, seven;
	struct tmo_error err = {0};

	for (size_t i = 0; i < n; i++) {
		r[i] = (float)(random_below(100000)) / 7.0f;
		x[i] = r[i] + (float)(random_below(1000)) / 3.0f;
	}
	eval_measure_difference(r, TMO_F32, x, TMO_F32, n, 1, &one, &err);
	eval_measure_difference(r, TMO_F32, x, TMO_F32, n, 7, &seven, &err);
	expect(memcmp(&one, &seven, sizeof(one)) == 0, "threads", n, 4);
	free(r);
	free(x);
}

int
main(void)
{
	static const size_t widths[] = {1, 2, 4, 8}, sizes[] = {1, 2, 63, 1000, 65536, 200000};

	for (size_t w = 0; w < 4; w++)
		for (size_t s = 0; s < 6; s++) {
			test_entropy(sizes[s], widths[w], 1, 2);
			test_entropy(sizes[s], widths[w], 200, 3);
			if (widths[w] > 1)
				test_entropy(sizes[s], widths[w], 30000, 1);
		}
	test_zeros();
	test_difference();
	test_range(1e200);
	test_range(1e-200);
	test_range(0x1p1022);
	test_range(0x1p-1070);
	test_threads();
	return check_status();
}
