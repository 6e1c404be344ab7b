/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit test of filters/cluster's kernels: both ways to the optimal partition against all partitions
 * that there are (few values) and against dynamic programming without a shortcut (more of them).
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/cluster/assign_codes.h"
#include "filters/cluster/lagrange.h"
#include "filters/cluster/optimal.h"
#include "filters/cluster/windows.h"
#include "tests/unit/check.h"

static void
expect(bool ok, const char *what, size_t n, size_t k, int kind)
{
	CHECK(ok, "%s: %zu values, %zu clusters, kind %d", what, n, k, kind);
}

/* Weights of several kinds: bell, even, few different ones, far outliers, tight groups. */
static double
weight(int kind)
{
	const double bell = random_normal();

	switch (kind) {
	case 0:
		return bell;
	case 1:
		return random_uniform() * 3.0 + 100.0;
	case 2:
		return floor(random_uniform() * 12.0) / 7.0;
	case 3:
		return random_uniform() < 0.02 ? (random_uniform() - 0.5) * 1e30 : bell;
	default:
		return floor(random_uniform() * 6.0) + 1e-5 * bell;
	}
}

static struct points
make_points(size_t size, int kind, bool wide, int threads)
{
	struct tmo_error err = {0};
	struct points p;
	int status;

	if (wide) {
		uint64_t *keys = calloc(size, 8), *spare = calloc(size, 8);

		for (size_t i = 0; i < size; i++)
			keys[i] = tmo_key_f64(weight(kind) * (kind == 1 ? 1e300 : 1.0));
		status = tmo_sort_u64(&keys, &spare, size, threads, &err);
		if (status == 0)
			status = cluster_points_make(&p, NULL, NULL, keys, spare, size, threads,
			                             &err);
	} else {
		uint32_t *keys = calloc(size, 4), *spare = calloc(size, 4);

		for (size_t i = 0; i < size; i++)
			keys[i] = tmo_key_f32((float)weight(kind));
		status = tmo_sort_u32(&keys, &spare, size, threads, &err);
		if (status == 0)
			status = cluster_points_make(&p, keys, spare, NULL, NULL, size, threads,
			                             &err);
	}
	if (status < 0) {
		puts(err.text);
		exit(1);
	}
	return p;
}

/* The squared error of points i to j - 1, added up from scratch. */
static double
slow_cost(const struct points *p, size_t i, size_t j)
{
	double sum = 0.0, n = 0.0, cost = 0.0;

	for (size_t a = i; a < j; a++) {
		const double count = p->count[a + 1] - p->count[a];

		sum += count * (cluster_points_scaled(p, a) - cluster_points_scaled(p, i));
		n += count;
	}
	for (size_t a = i; a < j; a++) {
		const double d = cluster_points_scaled(p, a) - cluster_points_scaled(p, i) - sum / n;

		cost += (p->count[a + 1] - p->count[a]) * d * d;
	}
	return cost;
}

/* The least cost of points from i on in k clusters, by trying everything. */
static double
try_all(const struct points *p, size_t i, size_t k)
{
	double best = INFINITY;

	if (k == 1)
		return slow_cost(p, i, p->n);
	for (size_t j = i + 1; j + (k - 1) <= p->n; j++)
		best = fmin(best, slow_cost(p, i, j) + try_all(p, j, k - 1));
	return best;
}

/* The same by dynamic programming over all k and all places. */
static double
plain_dp(const struct points *p, size_t k)
{
	const size_t n = p->n;
	double *cost = calloc((n + 1) * (n + 1), sizeof(*cost));
	double *best = calloc(n + 1, sizeof(*best)), result;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j <= n; j++)
			cost[i * (n + 1) + j] = cluster_points_cost(p, i, j);
	for (size_t j = 1; j <= n; j++)
		best[j] = cost[j];
	for (size_t m = 2; m <= k; m++)
		for (size_t j = n; j >= m; j--) {
			double least = INFINITY;

			for (size_t i = m - 1; i < j; i++)
				least = fmin(least, best[i] + cost[i * (n + 1) + j]);
			best[j] = least;
		}
	result = best[n];
	free(cost);
	free(best);
	return result;
}

static void
check_cuts(const struct points *p, size_t k, const size_t *cut, double best, const char *what,
           int kind)
{
	const double whole = p->square[p->n] - p->square[0];
	double cost = 0.0;

	for (size_t c = 0; c < k; c++) {
		if (cut[c] >= cut[c + 1]) {
			expect(false, "an empty cluster", p->n, k, kind);
			return;
		}
		cost += slow_cost(p, cut[c], cut[c + 1]);
	}
	expect(cut[0] == 0 && cut[k] == p->n, "ends", p->n, k, kind);
	expect(cost <= best * (1.0 + 1e-9) + whole * 1e-14, what, p->n, k, kind);
}

static void
test_partition(size_t size, size_t k, int kind, bool wide, bool all)
{
	struct points p = make_points(size, kind, wide, 1 + (int)(size % 3));
	struct tmo_error err = {0};
	size_t *cut;
	double best;
	bool done;

	if (k > p.n)
		k = p.n;
	cut = calloc(k + 1, sizeof(*cut));
	best = all ? try_all(&p, 0, k) : plain_dp(&p, k);
	cut[k] = p.n;
	expect(cluster_optimal_cuts(&p, k, cut, 2, &err) == 0, err.text, p.n, k, kind);
	check_cuts(&p, k, cut, best, "optimal", kind);
	if (k > 1 && k < p.n) {
		for (size_t c = 1; c < k; c++)
			cut[c] = p.n * c / k;
		expect(cluster_windows_cuts(&p, k, cut, SIZE_MAX / 2, &done, 2, &err) == 0 && done,
		       err.text, p.n, k, kind);
		check_cuts(&p, k, cut, best, "windows", kind);
		for (size_t c = 0; c <= k; c++)
			cut[c] = c < k ? c : p.n;
		expect(cluster_lagrange_cuts(&p, k, cut, &err) == 0, err.text, p.n, k, kind);
		check_cuts(&p, k, cut, best, "lagrange", kind);
	}
	free(cut);
	cluster_points_free(&p);
}

/* 40,000 values: both ways come to the same, and to less than Lloyd's algorithm does. */
static void
test_large(size_t k, int kind)
{
	struct points p = make_points(40000, kind, false, 2);
	size_t *cut = calloc(k + 1, sizeof(*cut));
	struct tmo_error err = {0};
	double windows, lagrange, heuristic;
	bool done;

	cut[k] = p.n;
	for (size_t c = 0; c < k; c++)
		cut[c] = p.n * c / k;
	heuristic = cluster_partition_lloyd(&p, k, cut);
	expect(cluster_lagrange_cuts(&p, k, cut, &err) == 0, err.text, p.n, k, kind);
	lagrange = cluster_partition_cost(&p, k, cut);
	expect(cluster_windows_cuts(&p, k, cut, SIZE_MAX / 2, &done, 2, &err) == 0 && done, err.text,
	       p.n, k, kind);
	windows = cluster_partition_cost(&p, k, cut);
	expect(fabs(windows - lagrange) <= 1e-9 * windows, "two ways, two results", p.n, k, kind);
	expect(windows <= heuristic, "not below Lloyd's", p.n, k, kind);
	free(cut);
	cluster_points_free(&p);
}

/* Book and codes: every weight has the nearest value; zeros have 0.0, if they keep it, and alone. */
static void
test_book(size_t size, size_t most, int kind, bool keep, size_t outer)
{
	const size_t run = size / outer, step = 2 * run;
	float *x = calloc(outer * step, sizeof(*x));
	uint16_t *codes = calloc(outer * step, sizeof(*codes));
	struct group g = { .x = x, .strip = {
		.width = 1, .pitch = 1, .length = run, .step = 1, .lines = outer, .start = run,
		.loops = 1, .loop = { { outer, step } },
	} };
	const struct method m = { .most = most, .keep_zeros = keep };
	struct tmo_error err = {0};
	struct codebook b;

	for (size_t i = 0; i < outer * step; i++) {
		x[i] = random_uniform() < 0.3 ? -0.0f : (float)weight(kind);
		codes[i] = 0xdead;
	}
	expect(cluster_codebook_make(&b, &g, &m, 2, &err) == 0 &&
	       cluster_codebook_set_limits(&b, &err) == 0, err.text, size, most, kind);
	expect(b.count >= 1 && b.count <= most, "size of book", b.count, most, kind);
	for (size_t i = 1; i < b.count; i++)
		expect(b.value[i - 1] < b.value[i], "order of book", i, most, kind);
	cluster_assign_codes(&b, &g, NULL, codes, 2);
	for (size_t i = 0; i < outer * step; i++) {
		double nearest = INFINITY;

		if (i % step < run) {
			expect(codes[i] == 0xdead, "writes beside the group", i, most, kind);
			continue;
		}
		if (codes[i] >= b.count) {
			expect(false, "code", i, most, kind);
			continue;
		}
		if (keep && x[i] == 0.0f) {
			expect(b.value[codes[i]] == 0.0, "a zero is not kept", i, most, kind);
			continue;
		}
		for (size_t c = 0; c < b.count; c++)
			if (!keep || b.value[c] != 0.0)
				nearest = fmin(nearest, fabs(x[i] - b.value[c]));
		expect(fabs(x[i] - b.value[codes[i]]) <= nearest * (1.0 + 1e-12), "not the nearest",
		       i, most, kind);
	}
	cluster_codebook_free(&b);
	free(codes);
	free(x);
}

/*
 * Doubles that are neighbours, or nearly: whole numbers of the least step that doubles have there.
 * Few different ones keep what they are; each of many has the nearest value, the lower of two.
 */
static void
test_neighbours(size_t most, int exponent)
{
	enum { SIZE = 40 };
	const long long base = exponent == -1074 ? -20 : 1ll << 52;
	double x[SIZE];
	long long step[SIZE];
	uint16_t codes[SIZE];
	struct group g = { .x64 = x, .strip = { .width = 1, .pitch = 1, .length = SIZE, .step = 1, .lines = 1 } };
	const struct method m = { .most = most };
	struct tmo_error err = {0};
	struct codebook b;

	for (size_t i = 0; i < SIZE; i++) {
		step[i] = base + (long long)random_below(50);
		x[i] = ldexp((double)step[i], exponent);
	}
	expect(cluster_codebook_make(&b, &g, &m, 1, &err) == 0 &&
	       cluster_codebook_set_limits(&b, &err) == 0, err.text, SIZE, most, exponent);
	cluster_assign_codes(&b, &g, NULL, codes, 1);
	for (size_t i = 0; i < SIZE; i++) {
		long long nearest = 100;
		size_t code = 0;

		for (size_t c = 0; c < b.count; c++) {
			const long long d = step[i] - (long long)ldexp(b.value[c], -exponent);

			if ((d < 0 ? -d : d) < nearest) {
				nearest = d < 0 ? -d : d;
				code = c;
			}
		}
		expect(codes[i] == code, "a neighbour's value", i, most, exponent);
		expect(most < SIZE || nearest == 0, "few values, not kept", i, most, exponent);
	}
	cluster_codebook_free(&b);
}

int
main(void)
{
	static const int exponents[] = { -1074, -1074 + 52, -52, 971 };

	for (int round = 0; round < 40; round++)
		test_neighbours(round < 20 ? 40 : 2 + (size_t)random_below(20), exponents[round % 4]);
	for (int round = 0; round < 60; round++)
		test_partition(2 + (size_t)random_below(10), 1 + (size_t)random_below(6),
		               round % 5, round % 2 == 1, true);
	for (int round = 0; round < 60; round++)
		test_partition(20 + (size_t)random_below(300), 2 + (size_t)random_below(40),
		               round % 5, round % 2 == 1, false);
	for (int kind = 0; kind < 2; kind++) {
		test_large(16, kind);
		test_large(100, kind);
	}
	for (int round = 0; round < 40; round++)
		test_book(100 + (size_t)random_below(1000), 2 + (size_t)random_below(20),
		          round % 5, round % 2 == 1, round % 3 == 0 ? 7 : 1);
	return check_status();
}
