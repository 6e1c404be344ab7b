/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit test of filters/cluster's kernels that need a start: where they start, and Lloyd's algorithm,
 * against slow arithmetic that goes through all weights. Published numbers: cluster.bats.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/cluster/init.h"
#include "filters/cluster/init_plusplus.h"
#include "filters/cluster/kmeans_plusplus.h"
#include "filters/cluster/lloyd.h"
#include "filters/cluster/unique_values.h"
#include "tests/unit/check.h"

static void
expect(bool ok, const char *what, size_t n, size_t k, size_t at)
{
	CHECK(ok, "%s: %zu weights, %zu values, at %zu", what, n, k, at);
}

static float
weight(int kind)
{
	const double bell = random_normal();

	if (kind == 1)
		return (float)(floor(random_uniform() * 200.0) / 8.0);
	return (float)(kind == 2 && random_uniform() < 0.01 ? bell * 1e10 : bell);
}

static struct points
points_of(const float *x, const float *w, size_t n)
{
	const struct group g = { .x = x, .w = w, .strip = { .width = 1, .pitch = 1, .length = n, .step = 1, .lines = 1 } };
	struct tmo_error err = {0};
	struct points p;
	size_t zeros;

	if (cluster_unique_values(&p, &g, false, &zeros, 1, &err) < 0) {
		puts(err.text);
		exit(1);
	}
	return p;
}

/* ---- k-means++ ---- */

static size_t
draw(struct tmo_rng *rng, const float *least, const float *w, size_t n, bool first)
{
	float total = 0.0f, v, sum = 0.0f;

	if (first && w == NULL)
		return (size_t)tmo_rng_below(rng, n);
	for (size_t i = 0; i < n; i++)
		total += (first ? 1.0f : least[i]) * (w != NULL ? w[i] : 1.0f);
	v = tmo_rng_float(rng) * total;
	for (size_t i = 0; i < n; i++) {
		sum += (first ? 1.0f : least[i]) * (w != NULL ? w[i] : 1.0f);
		if (sum > v)
			return i;
	}
	return n;
}

/* Values for which each sum is exact in f32, in whatever order: then this is all there is to it. */
static size_t
slow_plusplus(const float *x, const float *w, size_t n, size_t k, uint64_t seed, uint32_t *chosen)
{
	const int candidates = 3 + (int)floor(log((double)k));
	float *least = calloc(n, sizeof(*least));
	struct tmo_rng rng;
	size_t count = 0;

	tmo_rng_start(&rng, seed, 0);
	for (size_t i = 0; i < n; i++)
		least[i] = INFINITY;
	for (; count < k; count++) {
		float best = INFINITY, all = 0.0f;

		for (size_t i = 0; i < n; i++)
			all += least[i] * (w != NULL ? w[i] : 1.0f);
		if (all == 0.0f)
			break;
		for (int c = 0; c < candidates; c++) {
			const size_t at = draw(&rng, least, w, n, count == 0);
			float sum = 0.0f;

			for (size_t i = 0; i < n; i++)
				sum += fminf(least[i], (x[i] - x[at]) * (x[i] - x[at]) / 2) *
				       (w != NULL ? w[i] : 1.0f);
			if (sum < best) {
				best = sum;
				chosen[count] = (uint32_t)at;
			}
		}
		for (size_t i = 0; i < n; i++) {
			const float d = x[i] - x[chosen[count]];

			least[i] = fminf(least[i], d * d / 2);
		}
	}
	free(least);
	return count;
}

static void
test_plusplus(size_t n, size_t k, int different, bool weighted, int threads)
{
	float *x = calloc(n, sizeof(*x)), *w = calloc(n, sizeof(*w));
	uint32_t *got = calloc(k, sizeof(*got)), *wanted = calloc(k, sizeof(*wanted));
	struct tmo_error err = {0};
	size_t count, slow;

	for (size_t i = 0; i < n; i++) {
		x[i] = (float)floor(random_uniform() * different);
		w[i] = (float)floor(random_uniform() * 5.0) / 4.0f;
	}
	w[0] = 1.0f;
	expect(cluster_kmeans_plusplus(x, weighted ? w : NULL, n, k, 9, got, &count, threads, &err) == 0,
	       err.text, n, k, 0);
	slow = slow_plusplus(x, weighted ? w : NULL, n, k, 9, wanted);
	expect(count == slow, "k-means++: how many", count, slow, (size_t)different);
	for (size_t i = 0; i < count && i < slow; i++)
		expect(got[i] == wanted[i], weighted ? "k-means++, weighted" : "k-means++", n, k, i);
	free(x);
	free(w);
	free(got);
	free(wanted);
}

/* Huge and tiny weights are drawn like others: by a power of two, nothing changes. */
static void
test_plusplus_scaled(void)
{
	enum { N = 300, K = 12 };
	float x[N];
	double x64[N], value[K], first[K];
	const struct group g = { .x64 = x64, .strip = { .width = 1, .pitch = 1, .length = N, .step = 1, .lines = 1 } };
	const int exponents[] = { 0, 20, -20, 1000, -900 };
	struct tmo_error err = {0};
	size_t count = 0;

	for (int i = 0; i < N; i++)
		x[i] = weight(0);
	for (size_t e = 0; e < sizeof(exponents) / sizeof(*exponents); e++) {
		for (int i = 0; i < N; i++)
			x64[i] = ldexp((double)x[i], exponents[e]);
		expect(cluster_init_plusplus(&g, 0, K, 9, value, &count, 1, &err) == 0 && count == K,
		       err.text, N, K, count);
		for (size_t i = 0; i < K; i++) {
			if (e == 0)
				first[i] = value[i];
			expect(value[i] == ldexp(first[i], exponents[e]), "k-means++, scaled", N, K, i);
		}
		expect(cluster_init_plusplus(&g, -1, K, 9, value, &count, 1, &err) == 0, err.text, N,
		       K, 0);
		for (size_t i = 0; i < count; i++)
			expect(value[i] < 0.0, "k-means++, negative", N, K, i);
	}
}

/* ---- the other starts ---- */

static void
test_linear(const struct points *p, size_t from, size_t to, size_t k)
{
	const float low = (float)cluster_points_value(p, from);
	const float high = (float)cluster_points_value(p, to - 1);
	const float step = (high - low) / (float)(k > 1 ? k - 1 : 1);
	double *value = calloc(k, sizeof(*value));

	cluster_init_linear(p, from, to, k, value);
	for (size_t i = 0; i < k; i++) {
		const float wanted = i == 0 ? low : i == k - 1 ? high : low + step * (float)i;

		expect((float)value[i] == wanted, "linear", p->n, k, i);
	}
	free(value);
}

/* By counting among all weights, in f32. */
static void
test_density(const float *x, const float *w, size_t n, size_t k)
{
	struct points p = points_of(x, w, n);
	const float low = (float)cluster_points_value(&p, 0) - 0.01f;
	const float high = (float)cluster_points_value(&p, p.n - 1) + 0.01f;
	const float step = (high - low) / 29.0f, share_step = 0.99f / (float)(k > 1 ? k - 1 : 1);
	double *value = calloc(k, sizeof(*value));
	double all = 0.0;

	cluster_init_density(&p, 0, p.n, k, false, value);
	for (size_t i = 0; i < n; i++)
		all += w != NULL ? (double)w[i] : 1.0;
	for (size_t c = 0; c < k; c++) {
		const float wanted = c == 0 ? 0.01f : c == k - 1 ? 1.0f : 0.01f + share_step * (float)c;
		float place = high;

		for (int at = 0; at < 30; at++) {
			const float here = at == 29 ? high : low + step * (float)at;
			double share = 0.0;

			for (size_t i = 0; i < n; i++)
				share += x[i] <= here ? w != NULL ? (double)w[i] : 1.0 : 0.0;
			/* Weighted shares are rounded to masses; the others are computed in f32. */
			if (w != NULL ? share / all > (double)wanted + 1e-6 :
			    (float)share / (float)all > wanted) {
				place = here;
				break;
			}
		}
		/* tfmot's line through the grid's places blurs them a little. */
		expect(fabs(value[c] - (double)place) <= 1e-4 * fabs((double)(high - low)),
		       "density", n, k, c);
	}
	free(value);
	cluster_points_free(&p);
}

static void
test_random(void)
{
	const float x[] = { -3, 1, 2, 5, 4 };
	struct points p = points_of(x, NULL, 5);
	double value[100], sum = 0.0;
	struct tmo_rng rng;

	tmo_rng_start(&rng, 1, 2);
	cluster_init_random(&p, 0, p.n, 100, &rng, value);
	for (size_t i = 0; i < 100; i++) {
		expect(value[i] >= -3.0 && value[i] <= 5.0, "random", 5, 100, i);
		expect(i == 0 || value[i] != value[i - 1], "random: twice the same", 5, 100, i);
		sum += value[i];
	}
	expect(fabs(sum / 100.0 - 1.0) < 0.7, "random: mean", 5, 100, 0);
	cluster_points_free(&p);
}

/* ---- Lloyd's algorithm ---- */

/* Step by step, all weights; false: nothing changed over. */
static bool
slow_step(const float *x, const float *w, size_t n, double *value, size_t k, size_t *owner)
{
	bool moved = false;

	for (size_t i = 0; i < n; i++) {
		size_t nearest = 0;

		for (size_t c = 1; c < k; c++)
			if (fabs((double)x[i] - value[c]) < fabs((double)x[i] - value[nearest]))
				nearest = c;
		moved |= owner[i] != nearest;
		owner[i] = nearest;
	}
	for (size_t c = 0; c < k && moved; c++) {
		double sum = 0.0, mass = 0.0;

		for (size_t i = 0; i < n; i++)
			if (owner[i] == c) {
				sum += (double)x[i] * (w != NULL ? (double)w[i] : 1.0);
				mass += w != NULL ? (double)w[i] : 1.0;
			}
		if (mass > 0.0)
			value[c] = sum / mass;
	}
	return moved;
}

static void
test_lloyd(size_t n, size_t k, int kind, bool weighted, size_t steps)
{
	float *x = calloc(n, sizeof(*x)), *w = calloc(n, sizeof(*w));
	double *value = calloc(k, sizeof(*value)), *slow = calloc(k, sizeof(*slow));
	size_t *owner = calloc(n, sizeof(*owner));
	struct tmo_error err = {0};
	struct points p;

	for (size_t i = 0; i < n; i++) {
		x[i] = weight(kind);
		w[i] = (float)(0.01 + random_uniform());
		owner[i] = k;
	}
	p = points_of(x, weighted ? w : NULL, n);
	cluster_init_linear(&p, 0, p.n, k, value);
	memcpy(slow, value, k * sizeof(*slow));
	expect(cluster_lloyd(&p, value, k, steps, &err) == 0, err.text, n, k, steps);
	for (size_t step = 0; step < steps; step++)
		if (!slow_step(x, weighted ? w : NULL, n, slow, k, owner))
			break;
	for (size_t c = 0; c < k; c++) {
		expect(fabs(value[c] - slow[c]) <= 1e-9 * (1.0 + fabs(slow[c])), "Lloyd", n, k, c);
		expect(c == 0 || value[c - 1] < value[c], "Lloyd: order", n, k, c);
	}
	free(x);
	free(w);
	free(value);
	free(slow);
	free(owner);
	cluster_points_free(&p);
}

static void
test_starts(size_t n, size_t k, int kind)
{
	float *x = calloc(n, sizeof(*x)), *w = calloc(n, sizeof(*w));
	struct points p;

	for (size_t i = 0; i < n; i++) {
		x[i] = weight(kind);
		w[i] = (float)(0.01 + random_uniform());
	}
	p = points_of(x, NULL, n);
	test_linear(&p, 0, p.n, k);
	test_linear(&p, p.n / 3, p.n / 3 + 1, k);
	test_linear(&p, p.n / 3, p.n, k);
	test_density(x, NULL, n, k);
	test_density(x, w, n, k);
	free(x);
	free(w);
	cluster_points_free(&p);
}

int
main(void)
{
	static const size_t steps[] = { 0, 1, 2, 5, 40, 1000 };

	for (int round = 0; round < 80; round++)
		test_plusplus(1 + (size_t)random_below(60), 1 + (size_t)random_below(30),
		              1 + (int)random_below(40), round % 2 == 1, 1 + round % 3);
	test_plusplus(5000, 25, 30, false, 2);
	test_plusplus(5000, 25, 30, true, 2);
	test_plusplus_scaled();
	for (int round = 0; round < 30; round++)
		test_starts(2 + (size_t)random_below(300), 1 + (size_t)random_below(40), round % 2);
	test_random();
	for (int round = 0; round < 90; round++)
		test_lloyd(20 + (size_t)random_below(200), 2 + (size_t)random_below(15), round % 3,
		           round / 3 % 2 == 1, steps[round % 6]);
	return check_status();
}
