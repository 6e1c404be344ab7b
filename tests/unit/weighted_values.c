/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit test of filters/cluster's kernels where weights do not count alike: masses, the optimal
 * partition against all partitions and against plain dynamic programming, books, importances.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/cluster/assign_codes.h"
#include "filters/cluster/importance.h"
#include "filters/cluster/lagrange.h"
#include "filters/cluster/optimal.h"
#include "filters/cluster/unique_values.h"
#include "filters/cluster/weighted_values.h"
#include "filters/cluster/windows.h"
#include "tests/unit/check.h"

static void
expect(bool ok, const char *what, size_t n, size_t k, int kind)
{
	CHECK(ok, "%s: %zu weights, %zu clusters, kind %d", what, n, k, kind);
}

#define KINDS 6

/* A weight: bell, or few different ones. */
static double
weight(int kind)
{
	const double bell = random_normal();

	return kind == 1 ? floor(random_uniform() * 12.0) / 7.0 : bell;
}

/* How much it counts: evenly, small numbers, 1e-6 to 1e6, often nothing, tiny, huge. */
static double
importance(int kind)
{
	const double u = random_uniform();

	switch (kind) {
	case 0:
		return u;
	case 1:
		return floor(u * 4.0) + 1.0;
	case 2:
		return pow(10.0, u * 12.0 - 6.0);
	case 3:
		return u < 0.4 ? 0.0 : u;
	case 4:
		return u * 1e-40;
	default:
		return u * 3e38;
	}
}

/* Some weights with importances, in f32 or f64 each. */
struct sample {
	struct group g;
	size_t size;
	float *x, *w;
	double *x64, *w64;
};

static struct sample
make_sample(size_t size, int kind, bool wide, bool wide_importance)
{
	struct sample s = { .size = size };

	s.x = calloc(size, sizeof(*s.x));
	s.w = calloc(size, sizeof(*s.w));
	s.x64 = calloc(size, sizeof(*s.x64));
	s.w64 = calloc(size, sizeof(*s.w64));
	for (size_t i = 0; i < size; i++) {
		/* f64 weights that agree in their upper or lower halves, too */
		const double x = weight(kind), w = importance(kind);

		s.x64[i] = i % 3 == 1 ? s.x64[i - 1] * (1.0 + 0x1p-50) : x * (wide ? 1e300 : 1.0);
		s.x[i] = (float)x;
		s.w64[i] = wide_importance && kind == 5 ? w * 1e269 : w;
		s.w[i] = (float)w;
	}
	s.g = (struct group){
		.x = wide ? NULL : s.x, .x64 = wide ? s.x64 : NULL,
		.w = wide_importance ? NULL : s.w, .w64 = wide_importance ? s.w64 : NULL,
		.strip = { .width = 1, .pitch = 1, .length = size, .step = 1, .lines = 1 },
	};
	return s;
}

static void
free_sample(struct sample *s)
{
	free(s->x);
	free(s->w);
	free(s->x64);
	free(s->w64);
}

static double
x_of(const struct sample *s, size_t i)
{
	return s->g.x != NULL ? (double)s->g.x[i] : s->g.x64[i] * 0x1p-1000;
}

static double
w_of(const struct sample *s, size_t i)
{
	return s->g.w != NULL ? (double)s->g.w[i] : s->g.w64[i] * 0x1p-40;
}

/* The squared error if each weight gets the nearest of k values (scaled as x_of scales). */
static double
error_of(const struct sample *s, const double *value, size_t k)
{
	double error = 0.0;

	for (size_t i = 0; i < s->size; i++) {
		double nearest = INFINITY;

		for (size_t c = 0; c < k; c++) {
			const double distance = fabs(x_of(s, i) - value[c]);

			if (distance < nearest)
				nearest = distance;
		}
		error += w_of(s, i) * nearest * nearest;
	}
	return error;
}

struct pair {
	double x, w;
};

static int
compare(const void *a, const void *b)
{
	const double x = ((const struct pair *)a)->x, y = ((const struct pair *)b)->x;

	return x < y ? -1 : x > y;
}

static double
cost(const struct pair *p, size_t i, size_t j)
{
	double sum = 0.0, mass = 0.0, total = 0.0;

	for (size_t a = i; a < j; a++) {
		sum += p[a].w * (p[a].x - p[i].x);
		mass += p[a].w;
	}
	for (size_t a = i; a < j && mass > 0.0; a++) {
		const double d = p[a].x - p[i].x - sum / mass;

		total += p[a].w * d * d;
	}
	return total;
}

/* The least error of all partitions, by dynamic programming over all weights as they are. */
static double
least(const struct sample *s, size_t k)
{
	const size_t n = s->size;
	struct pair *p = calloc(n, sizeof(*p));
	double *best = calloc(n + 1, sizeof(*best)), *costs = calloc((n + 1) * (n + 1), sizeof(*costs));
	double result;

	for (size_t i = 0; i < n; i++)
		p[i] = (struct pair){ x_of(s, i), w_of(s, i) };
	qsort(p, n, sizeof(*p), compare);
	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j <= n; j++)
			costs[i * (n + 1) + j] = cost(p, i, j);
	for (size_t j = 1; j <= n; j++)
		best[j] = costs[j];
	for (size_t m = 2; m <= k; m++)
		for (size_t j = n; j > 0; j--)
			for (size_t i = 1; i < j; i++)
				best[j] = fmin(best[j], best[i] + costs[i * (n + 1) + j]);
	result = best[n];
	free(p);
	free(best);
	free(costs);
	return result;
}

/* The least error of all partitions from weight i on, by trying them. */
static double
try_all(const struct pair *p, size_t i, size_t n, size_t k)
{
	double best = cost(p, i, n);

	for (size_t j = i + 1; j < n && k > 1; j++)
		best = fmin(best, cost(p, i, j) + try_all(p, j, n, k - 1));
	return best;
}

static double
least_of_all(const struct sample *s, size_t k)
{
	struct pair *p = calloc(s->size, sizeof(*p));
	double result;

	for (size_t i = 0; i < s->size; i++)
		p[i] = (struct pair){ x_of(s, i), w_of(s, i) };
	qsort(p, s->size, sizeof(*p), compare);
	result = try_all(p, 0, s->size, k);
	free(p);
	return result;
}

/* The masses: whole numbers in proportion to the importances, and every weight counts. */
static void
test_masses(const struct sample *s, int kind)
{
	struct tmo_error err = {0};
	struct points p;
	double all = 0.0;
	size_t zeros;

	if (!cluster_any_weight(&s->g, false))
		return;
	expect(cluster_unique_values(&p, &s->g, false, &zeros, 1, &err) == 0, err.text, s->size, 0,
	       kind);
	for (size_t i = 0; i < s->size; i++)
		all += w_of(s, i);
	expect(p.mass[p.n] <= 0x1p53 && p.mass[p.n] >= 0x1p50, "the sum", s->size, 0, kind);
	for (size_t a = 0; a < p.n; a++) {
		const double unit = p.wide ? 0x1p-1000 : 1.0, x = cluster_points_value(&p, a) * unit;
		double w = 0.0;

		for (size_t i = 0; i < s->size; i++)
			w += x_of(s, i) == x ? w_of(s, i) : 0.0;
		expect(a == 0 || cluster_points_value(&p, a - 1) < cluster_points_value(&p, a),
		       "order", s->size, a, kind);
		expect(fabs(cluster_points_mass(&p, a, a + 1) / p.mass[p.n] - w / all) <=
		       1e-13 + 1e-15 * (double)s->size, "a mass", s->size, a, kind);
	}
	cluster_points_free(&p);
}

static void
test_optimum(size_t size, size_t k, int kind, bool wide, bool wide_importance, bool all)
{
	struct sample s = make_sample(size, kind, wide, wide_importance);
	const struct method m = { .most = k };
	struct tmo_error err = {0};
	struct codebook b;
	double error, best;

	test_masses(&s, kind);
	expect(cluster_codebook_make(&b, &s.g, &m, 2, &err) == 0, err.text, size, k, kind);
	expect(b.count >= 1 && b.count <= k, "size of book", size, b.count, kind);
	for (size_t c = 1; c < b.count; c++)
		expect(b.value[c - 1] < b.value[c], "order of book", size, c, kind);
	for (size_t c = 0; c < b.count; c++)
		b.value[c] *= wide ? 0x1p-1000 : 1.0;
	error = error_of(&s, b.value, b.count);
	best = all ? least_of_all(&s, k) : least(&s, k);
	/* The values are rounded to f32 or f64. */
	expect(error <= best * (1.0 + 1e-6) + 1e-12 * least(&s, 1), "optimum", size, k, kind);
	cluster_codebook_free(&b);
	free_sample(&s);
}

/* Both ways to the optimum come to the same on many weights. */
static void
test_two_ways(size_t k, int kind)
{
	struct sample s = make_sample(30000, kind, false, false);
	size_t *cut = calloc(k + 1, sizeof(*cut)), zeros;
	struct tmo_error err = {0};
	struct points p;
	double windows, lagrange, whole;
	bool done;

	expect(cluster_unique_values(&p, &s.g, false, &zeros, 2, &err) == 0, err.text, s.size, k,
	       kind);
	whole = cluster_points_cost(&p, 0, p.n);
	cut[k] = p.n;
	for (size_t c = 0; c < k; c++)
		cut[c] = p.n * c / k;
	expect(cluster_lagrange_cuts(&p, k, cut, &err) == 0, err.text, p.n, k, kind);
	lagrange = cluster_partition_cost(&p, k, cut);
	for (size_t c = 0; c < k; c++)
		cut[c] = p.n * c / k;
	expect(cluster_windows_cuts(&p, k, cut, SIZE_MAX / 2, &done, 2, &err) == 0 && done, err.text,
	       p.n, k, kind);
	windows = cluster_partition_cost(&p, k, cut);
	expect(fabs(windows - lagrange) <= 1e-9 * windows + 1e-14 * whole, "two ways, two results",
	       p.n, k, kind);
	free(cut);
	cluster_points_free(&p);
	free_sample(&s);
}

/* Equal importances, whatever they are, change nothing; none at all neither. */
static void
test_equal(double w)
{
	struct sample s = make_sample(500, 0, false, false);
	struct group alike = s.g;
	struct method m = { .most = 7 };
	struct tmo_error err = {0};
	struct codebook a, b;

	alike.w = NULL;
	for (size_t i = 0; i < s.size; i++)
		s.w[i] = (float)w;
	for (int init = INIT_OPTIMAL; init <= INIT_RANDOM; init++) {
		m.init = (enum init)init;
		m.steps = m.init == INIT_PLUSPLUS ? 10000 : 20;
		expect(cluster_codebook_make(&a, &s.g, &m, 1, &err) == 0 &&
		       cluster_codebook_make(&b, &alike, &m, 1, &err) == 0, err.text, s.size, 7,
		       init);
		/* The first draw of k-means++ differs, and with it all. */
		if (init != INIT_PLUSPLUS || w == 0.0) {
			expect(a.count == b.count, "equal importances: count", a.count, b.count,
			       init);
			for (size_t c = 0; c < a.count && c < b.count; c++)
				expect(fabs(a.value[c] - b.value[c]) < 1e-6, "equal importances: value",
				       c, b.count, init);
		}
		cluster_codebook_free(&a);
		cluster_codebook_free(&b);
	}
	free_sample(&s);
}

/* Zeros are kept, and importance 0 is no zero. */
static void
test_zeros(void)
{
	float x[] = { 0, -1, 5, 0, 1, 2, -0.0f, 3, 9, 1 }, w[] = { 0, 1, 0, 0, 3, 1, 1, 1, 0, 1 };
	const struct group g = { .x = x, .w = w, .strip = { .width = 1, .pitch = 1, .length = 10, .step = 1, .lines = 1 } };
	const struct method m = { .most = 4, .keep_zeros = true };
	const double wanted[] = { -1, 0, 1, 2.5 };
	uint8_t codes[10];
	const uint8_t wanted_codes[] = { 1, 0, 3, 1, 2, 3, 1, 3, 3, 2 };
	struct tmo_error err = {0};
	struct codebook b;

	expect(cluster_codebook_make(&b, &g, &m, 1, &err) == 0 &&
	       cluster_codebook_set_limits(&b, &err) == 0, err.text, 10, 4, 0);
	expect(b.count == 4 && memcmp(b.value, wanted, sizeof(wanted)) == 0, "zeros: book", b.count, 4,
	       0);
	cluster_assign_codes(&b, &g, codes, NULL, 1);
	expect(memcmp(codes, wanted_codes, sizeof(codes)) == 0, "zeros: codes", 10, 4, 0);
	cluster_codebook_free(&b);
}

static void
test_odd(void)
{
	const float bad[] = { -1.0f, -1e-45f, INFINITY, -INFINITY, NAN };

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		const float x[] = { 0.0f, -0.0f, 3e38f, bad[i], 1.0f };
		const double x64[] = { 0.0, -0.0, 1e308, 5e-324, (double)bad[i] };

		expect(cluster_importance_invalid(x, NULL, 5) == 3, "odd f32", i, 0, 0);
		expect(cluster_importance_invalid(x, NULL, 3) == 3, "odd f32, none", i, 0, 0);
		expect(cluster_importance_invalid(NULL, x64, 5) == 4, "odd f64", i, 0, 0);
	}
}

int
main(void)
{
	for (int round = 0; round < 120; round++)
		test_optimum(2 + (size_t)random_below(10), 2 + (size_t)random_below(5),
		             round % KINDS, round % 4 >= 2, round / KINDS % 2 == 1, true);
	for (int round = 0; round < 72; round++)
		test_optimum(20 + (size_t)random_below(150), 2 + (size_t)random_below(30),
		             round % KINDS, round % 4 >= 2, round / KINDS % 2 == 1, false);
	for (int kind = 0; kind < KINDS; kind++)
		if (kind != 1) {
			test_two_ways(16, kind);
			test_two_ways(60, kind);
		}
	test_equal(1.0);
	test_equal(3e38);
	test_equal(0.0);
	test_zeros();
	test_odd();
	return check_status();
}
