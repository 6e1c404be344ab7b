/* SPDX-License-Identifier: Apache-2.0 */
/* fit.c: fitted ranges against sorting and a literal KL method; partitions, threads, extremes. */
#include "tests/unit/fitted.h"
#include "tests/unit/partition.h"

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
percentile(const double *x, size_t n, double p, bool magnitudes)
{
	double *const sorted = malloc(n * sizeof(*sorted)), place = p / 100 * (double)(n - 1);
	const size_t k = (size_t)place;
	double t = place - floor(place), a, b;

	for (size_t i = 0; i < n; i++)
		sorted[i] = magnitudes ? fabs(x[i]) : x[i];
	qsort(sorted, n, sizeof(*sorted), by_value);
	a = sorted[k];
	b = sorted[k + 1 < n ? k + 1 : k];
	free(sorted);
	return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

static void
test_percentile(void)
{
	static const size_t sizes[] = {1, 2, 7, 100, 5000};
	static const double percents[] = {50, 75, 99, 99.9, 99.999, 100};
	double x[5000];

	for (int shape = 0; shape < SHAPES; shape++)
		for (size_t s = 0; s < 5; s++)
			for (size_t p = 0; p < 6; p++)
				for (int symmetric = 0; symmetric < 2; symmetric++) {
					const size_t n = sizes[s];
					const struct fit f = {
						.method = FIT_PERCENTILE, .percentile = percents[p],
						.codes = quant_code_range(8, symmetric, 1e300),
					};
					double lo, hi, scale, zero = 0;
					struct answer a;

					draw(shape, x, n);
					a = fit_one(&f, x, n, true, 1);
					lo = symmetric ? 0 : percentile(x, n, 100 - percents[p], false);
					hi = percentile(x, n, percents[p], symmetric);
					lo = lo > 0 ? 0 : lo;
					hi = hi < 0 ? 0 : hi;
					if (lo == 0 && hi == 0) {
						hi = percentile(x, n, 100, symmetric);
						lo = symmetric ? 0 : percentile(x, n, 0, false);
						lo = lo > 0 ? 0 : lo;
						hi = hi < 0 ? 0 : hi;
					}
					scale = (hi - lo) / (symmetric ? 127 : 255);
					if (scale > 0 && !symmetric)
						zero = rint(-lo / scale);
					scale = scale > 0 ? scale : 1;
					CHECK(fabs(a.scale - scale) <= 1e-15 * scale && a.zero == zero,
					      "shape %d n %zu P %g symmetric %d: %.17g %g, not %.17g %g",
					      shape, n, percents[p], symmetric, a.scale, a.zero, scale,
					      zero);
				}
}

/* ONNX Runtime's get_entropy_threshold, step by step. */
static double
divergence(const double *hist, int start, int end, int groups)
{
	static double p[2048], q[2048];
	const int n = end - start, each = n / groups;
	double sum_p = 0, sum_q = 0, sum = 0;
	int zeros_p = 0, zeros_q = 0;

	memset(q, 0, sizeof(q));
	for (int i = 0; i < n; i++)
		p[i] = hist[start + i];
	for (int i = 0; i < start; i++)
		p[0] += hist[i];
	for (int i = end; i < 2048; i++)
		p[n - 1] += hist[i];
	for (int g = 0; g < groups; g++) {
		double held = 0;
		int filled = 0;

		for (int i = g * each; i < (g + 1 == groups ? n : (g + 1) * each); i++)
			held += hist[start + i];
		for (int i = g * each; i < (g + 1) * each; i++)
			filled += p[i] != 0;
		for (int i = g * each; i < (g + 1) * each; i++)
			q[i] = filled > 0 ? floor(held / filled) : 0;
	}
	for (int i = 0; i < n; i++) {
		zeros_p += p[i] == 0;
		zeros_q += q[i] == 0;
	}
	if (zeros_q == n)
		return INFINITY;
	for (int i = 0; i < n; i++) {
		p[i] = p[i] == 0 ? 1e-4 : p[i] - 1e-4 * zeros_p / (n - zeros_p);
		q[i] = q[i] == 0 ? 1e-4 : q[i] - 1e-4 * zeros_q / (n - zeros_q);
		sum_p += p[i];
		sum_q += q[i];
	}
	for (int i = 0; i < n; i++)
		sum += p[i] / sum_p * log((p[i] / sum_p) / (q[i] / sum_q));
	return sum;
}

static void
test_entropy(void)
{
	double *const x = malloc(20000 * sizeof(*x));

	for (int shape = 0; shape < SHAPES; shape++)
		for (int bits = 4; bits <= 8; bits += 4)
			for (size_t n = 200; n <= 20000; n *= 100) {
				const struct fit f = {
					.method = FIT_ENTROPY, .codes = quant_code_range(bits, true, 1e300),
				};
				const int groups = 1 << (bits - 1);
				double hist[2048] = {0}, most = 0, least = INFINITY, got = INFINITY, half;
				struct answer a;

				draw(shape, x, n);
				a = fit_one(&f, x, n, true, 1);
				for (size_t i = 0; i < n; i++)
					most = fabs(x[i]) > most ? fabs(x[i]) : most;
				for (size_t i = 0; i < n; i++) {
					const int bin = (int)floor((x[i] + most) / (most / 1024));

					hist[bin > 2047 ? 2047 : bin]++;
				}
				for (int i = groups / 2; i <= 1024; i++) {
					const int end = 1024 + i + 1;
					const double d = divergence(hist, 1024 - i, end < 2048 ? end : 2048,
					                            groups);
					const double edge = fmin(end - 1024, 1024) * (most / 1024);

					least = d < least ? d : least;
					half = a.scale * (groups - 1);
					/* The range ends at an edge, or at the largest value within. */
					if (half <= edge * (1 + 1e-9) && half > edge - most / 512 * 1.001)
						got = d < got ? d : got;
				}
				CHECK(got <= least + 1e-9 || (isinf(least) && isinf(got)),
				      "shape %d bits %d n %zu: %g, there is %g", shape, bits, n, got, least);
			}
	free(x);
}

/* All partitions, entry by entry, against the entry's values alone; any number of threads. */
static void
compare_entries(const struct tmo_blocks *l, const double *x, size_t count, enum fit_method method,
                const size_t *entry_of)
{
	const struct fit f = {
		.method = method, .percentile = 98, .codes = quant_code_range(4, method == FIT_MSE, 1e38),
	};
	double *lo[3], *hi[3], *scale[3], *own = malloc(count * sizeof(*own));

	for (int t = 0; t < 3; t++) {
		struct tmo_error err = {0};

		lo[t] = calloc(l->entries, sizeof(double));
		hi[t] = calloc(l->entries, sizeof(double));
		scale[t] = calloc(l->entries, sizeof(double));
		for (size_t i = 0; i < count; i++) {
			double *const a = &lo[t][entry_of[i]], *const b = &hi[t][entry_of[i]];

			*a = x[i] < *a ? x[i] : *a;
			*b = x[i] > *b ? x[i] : *b;
		}
		CHECK(quant_fit(&f, l, true, x, lo[t], hi[t], scale[t], 1 + 3 * t, &err) == 0, "%s",
		      err.text);
		CHECK(memcmp(lo[t], lo[0], l->entries * sizeof(double)) == 0 &&
		      memcmp(scale[t], scale[0], l->entries * sizeof(double)) == 0, "threads matter");
	}
	for (size_t e = 0; e < l->entries; e++) {
		size_t n = 0;
		struct answer a;

		for (size_t i = 0; i < count; i++)
			if (entry_of[i] == e)
				own[n++] = x[i];
		a = fit_one(&f, own, n, true, 1);
		CHECK(a.scale == scale[0][e] && a.zero == lo[0][e], "method %d entry %zu: %g %g, not %g %g",
		      (int)method, e, scale[0][e], lo[0][e], a.scale, a.zero);
	}
	for (int t = 0; t < 3; t++) {
		free(lo[t]);
		free(hi[t]);
		free(scale[t]);
	}
	free(own);
}

static void
test_partitions(void)
{
	static const size_t shape[] = {6, 10, 7};
	double x[420];
	size_t entry_of[420];

	draw(NORMAL, x, 420);
	for (int method = FIT_PERCENTILE; method <= FIT_ENTROPY; method++)
		for (int axis = 0; axis < 3; axis++)
			for (size_t group = 0; group < 5; group += 2) {
				const size_t inner = axis == 0 ? 70 : axis == 1 ? 7 : 1, n = shape[axis];
				const size_t groups = group == 0 ? 0 : (n + group - 1) / group;
				const struct tmo_blocks b = partition_along(3, shape, axis, group);

				for (size_t i = 0; i < 420; i++) {
					const size_t at = i / inner % n;

					entry_of[i] = group == 0 ? at :
						(i / inner / n * groups + at / group) * inner + i % inner;
				}
				compare_entries(&b, x, 420, (enum fit_method)method, entry_of);
			}
}

/* More values than are sorted or read at a time; and such as lie at the ends of the types. */
static void
test_extremes(void)
{
	const size_t n = 300000;
	double *const x = malloc(n * sizeof(*x));

	for (int shape = 0; shape < SHAPES; shape++)
		for (int symmetric = 0; symmetric < 2; symmetric++) {
			struct fit f = {.method = FIT_MSE, .codes = quant_code_range(4, symmetric, 1e38)};
			double least = INFINITY, got;
			struct answer a, b;

			draw(shape, x, n);
			a = fit_one(&f, x, n, false, 1);
			b = fit_one(&f, x, n, false, 5);
			CHECK(a.scale == b.scale && a.zero == b.zero, "threads matter");
			got = error_of(x, n, a.scale, f.codes.low - a.zero, f.codes.high - a.zero);
			for (double k = 0.5; k < 3; k *= 1.04) {
				const double e = error_of(x, n, a.scale * k, f.codes.low - a.zero,
				                          f.codes.high - a.zero);

				least = e < least ? e : least;
			}
			CHECK(got <= least * 1.001 + 1e-9, "shape %d: %g, there is %g", shape, got, least);
			f.method = FIT_PERCENTILE;
			f.percentile = 99.5;
			a = fit_one(&f, x, n, true, 3);
			if (symmetric)
				CHECK(fabs(a.scale * 7 - percentile(x, n, 99.5, true)) < 1e-12, "percentile %g",
				      a.scale * 7);
		}
	for (double size = 0x1p-1060; size < INFINITY; size *= 0x1p+100)
		for (int method = FIT_PERCENTILE; method <= FIT_ENTROPY; method++) {
			const struct fit f = {
				.method = (enum fit_method)method, .percentile = 99,
				.codes = quant_code_range(4, method != FIT_MSE, 0x1.fffffffffffffp+1023),
			};
			struct answer a;

			for (size_t i = 0; i < 100; i++)
				x[i] = ((double)i - 30) / 70 * size;
			a = fit_one(&f, x, 100, true, 1);
			CHECK(isfinite(a.scale) && a.scale > 0, "size %g: scale %g", size, a.scale);
		}
	free(x);
}

int
main(void)
{
	test_percentile();
	test_entropy();
	test_partitions();
	test_extremes();
	return check_status();
}
