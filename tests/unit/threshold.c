/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-prune's selection against sorting, and published numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/prune/threshold.h"
#include "tests/unit/check.h"

/* Numbers of several kinds: many equal, zeros of both signs, all sizes, infinities. */
static double
some_value(unsigned kind)
{
	const double sign = random_below(2) == 0 ? 1 : -1;

	switch (kind) {
	case 0: return sign * (double)random_below(1000000) * 1e-6;
	case 1: return sign * (double)random_below(4);
	case 2: return sign * ldexp((double)random_below(1u << 24), (int)random_below(250) - 149 - 24);
	case 3: return random_below(3) == 0 ? sign * (double)random_below(100) : sign * 0.0;
	case 4: return random_below(50) == 0 ? sign * (double)INFINITY : sign * (double)random_below(1u << 30);
	default: return sign * 0.25;
	}
}

/* ---- several arrays of either type, one threshold ---- */

#define ARRAYS 5

struct set {
	size_t arrays, count[ARRAYS];
	bool wide[ARRAYS];
	float *x[ARRAYS];
	double *x64[ARRAYS];
};

static double
get(const struct set *s, size_t a, size_t i)
{
	return s->wide[a] ? s->x64[a][i] : (double)s->x[a][i];
}

static void
fill(struct set *s, size_t arrays, bool wide, size_t most, unsigned kind)
{
	s->arrays = arrays;
	for (size_t a = 0; a < arrays; a++) {
		const size_t n = 1 + (size_t)random_below(most);

		s->count[a] = n;
		s->wide[a] = wide && random_below(2) == 0;
		s->x[a] = malloc(n * sizeof(float));
		s->x64[a] = malloc(n * sizeof(double));
		for (size_t i = 0; i < n; i++) {
			const double x = some_value(kind);

			/* Doubles that no float is near enough to, too. */
			s->x64[a][i] = kind == 0 && random_below(3) == 0 ? x * (1 + 0x1p-50) : x;
			s->x[a][i] = (float)x;
		}
	}
}

static void
drop(struct set *s)
{
	for (size_t a = 0; a < s->arrays; a++) {
		free(s->x[a]);
		free(s->x64[a]);
	}
}

struct place {
	double magnitude;
	size_t order;
};

static int
by_magnitude(const void *a, const void *b)
{
	const struct place *const x = a, *const y = b;

	if (x->magnitude != y->magnitude)
		return x->magnitude < y->magnitude ? 1 : -1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* keeps[i]: whether number i, counted over all arrays, is among the k largest. */
static bool *
expected(const struct set *s, size_t total, size_t k)
{
	struct place *const p = malloc(total * sizeof(*p));
	bool *const keeps = calloc(total, sizeof(*keeps));
	size_t n = 0;

	for (size_t a = 0; a < s->arrays; a++)
		for (size_t i = 0; i < s->count[a]; i++, n++)
			p[n] = (struct place){fabs(get(s, a, i)), n};
	qsort(p, total, sizeof(*p), by_magnitude);
	for (size_t i = 0; i < k; i++)
		keeps[p[i].order] = true;
	free(p);
	return keeps;
}

static void
select_among(struct selection *sel, const struct set *s, size_t k, uint64_t hint, int threads)
{
	struct tmo_error err = {0};

	CHECK(prune_selection_start(sel, hint, threads, &err) == 0, "%s", err.text);
	do
		for (size_t a = 0; a < s->arrays; a++) {
			const size_t at = s->wide[a] ? prune_count_f64(sel, s->x64[a], s->count[a]) :
				prune_count_f32(sel, s->x[a], s->count[a]);

			CHECK(at == s->count[a], "a NaN at %zu of %zu", at, s->count[a]);
		}
	while (!prune_narrow(sel, k));
}

static void
try_set(struct set *s, size_t total, size_t k, uint64_t hint, int threads, const char *what)
{
	bool *const keeps = expected(s, total, k);
	struct selection sel;
	uint64_t ties;
	size_t n = 0;

	select_among(&sel, s, k, hint, threads);
	ties = k - sel.above;
	for (size_t a = 0; a < s->arrays; a++) {
		double *const before = malloc(s->count[a] * sizeof(double));

		for (size_t i = 0; i < s->count[a]; i++)
			before[i] = get(s, a, i);
		if (s->wide[a])
			prune_cut_f64(s->x64[a], s->count[a], prune_threshold(&sel), &ties, threads);
		else
			prune_cut_f32(s->x[a], s->count[a], prune_threshold(&sel), &ties, threads);
		for (size_t i = 0; i < s->count[a]; i++, n++) {
			const double got = get(s, a, i), zero = 0;
			const double *const want = keeps[n] || before[i] == 0 ? &before[i] : &zero;

			CHECK(memcmp(&got, want, sizeof(got)) == 0,
			      "%s: %zu of %zu stay: number %zu = %.17g became %.17g", what, k, total, n,
			      before[i], got);
		}
		free(before);
	}
	prune_selection_free(&sel);
	free(keeps);
}

static void
test_random(void)
{
	for (unsigned turn = 0; turn < 1200; turn++) {
		const unsigned kind = turn % 6;
		struct set s;
		size_t total = 0;
		char what[60];

		fill(&s, 1 + (size_t)random_below(ARRAYS), turn % 4 == 0, turn % 30 == 0 ? 3000 : 40, kind);
		for (size_t a = 0; a < s.arrays; a++)
			total += s.count[a];
		snprintf(what, sizeof(what), "turn %u, kind %u", turn, kind);
		try_set(&s, total, 1 + (size_t)random_below(total), turn % 7 == 0 ? UINT64_MAX : total,
		        1 + (int)random_below(4), what);
		drop(&s);
	}
}

/* Magnitudes that differ only where floats have no digits, in every order. */
static void
test_near(void)
{
	static const double near[] = {1, 1 + 0x1p-52, 1 + 0x1p-50, 1 + 0x1p-40, 1 + 0x1p-29};

	for (size_t turn = 0; turn < 6 * 5 * 5; turn++) {
		struct set s;

		fill(&s, 2, false, 1, 0);
		free(s.x64[1]);
		s.wide[1] = true;
		s.count[1] = 5;
		s.x64[1] = malloc(sizeof(near));
		for (size_t i = 0; i < 5; i++)
			s.x64[1][i] = near[(i * (1 + turn / 30) + turn) % 5] * (i % 2 == 0 ? 1 : -1);
		s.x[0][0] = 1;
		try_set(&s, 6, 1 + turn % 6, turn % 2 == 0 ? 6 : UINT64_MAX, 1, "near");
		drop(&s);
	}
}

/* Enough for wide digits and several threads; of doubles few share the first digits, or all do. */
static void
test_large(void)
{
	for (unsigned turn = 0; turn < 12; turn++) {
		struct set s = {.arrays = 1};

		fill(&s, 1, false, 1, 0);
		free(s.x[0]);
		free(s.x64[0]);
		s.count[0] = 200001;
		s.wide[0] = turn >= 6;
		s.x[0] = malloc(s.count[0] * sizeof(float));
		s.x64[0] = malloc(s.count[0] * sizeof(double));
		for (size_t i = 0; i < s.count[0]; i++) {
			s.x64[0][i] = turn == 11 ? 1 + (double)random_below(1000) * 0x1p-50 : some_value(turn % 6);
			s.x[0][i] = (float)s.x64[0][i];
		}
		try_set(&s, s.count[0], 90001, turn % 2 == 0 ? s.count[0] : UINT64_MAX, 3, "large");
		drop(&s);
	}
}

static void
test_nan(void)
{
	static float x[100000];
	static double x64[100];

	for (size_t at = 0; at < 100000; at += 1777) {
		struct selection s;
		struct tmo_error err = {0};

		memset(x, 0, sizeof(x));
		x[at] = -NAN;
		x[99999] = NAN;
		CHECK(prune_selection_start(&s, 100000, 2, &err) == 0, "%s", err.text);
		CHECK(prune_count_f32(&s, x, 100000) == at, "the NaN at %zu was not found", at);
		x64[at % 100] = (double)NAN;
		CHECK(prune_count_f64(&s, x64, 100) == at % 100, "the NaN at %zu was not found", at % 100);
		x64[at % 100] = 0;
		prune_selection_free(&s);
	}
}

/* ---- published numbers ---- */

static void
test_case(const char *name, double sparsity, int from, int to, const char *what, double want)
{
	const size_t n = (size_t)(to - from + 1);
	const double share = rint((double)n * (1 - sparsity));
	const size_t kept = share < 1 ? 1 : (size_t)share;
	struct set s = {.arrays = 1, .count = {n}};
	struct selection sel;
	double stay = 0;

	s.x[0] = malloc(n * sizeof(float));
	for (size_t i = 0; i < n; i++)
		s.x[0][i] = (float)(from + (int)i);
	select_among(&sel, &s, kept, n, 1);
	if (strcmp(what, "threshold") == 0)
		CHECK(prune_threshold(&sel) == want, "%s: threshold %g", name, prune_threshold(&sel));
	prune_cut_f32(s.x[0], n, prune_threshold(&sel), NULL, 1);
	for (size_t i = 0; i < n; i++)
		stay += s.x[0][i] != 0;
	if (strcmp(what, "kept") == 0)
		CHECK(stay == want, "%s: %g stay, wanted %g", name, stay, want);
	else
		CHECK(strcmp(what, "threshold") == 0, "%s: no answer is called %s", name, what);
	prune_selection_free(&sel);
	drop(&s);
}

static void
test_published(const char *path)
{
	FILE *const f = check_open(path);
	char line[1000], name[40], what[20];
	double sparsity = 0, want;
	int from = 0, to = 0, cases = 0;

	while (check_line(f, line, sizeof(line))) {
		if (sscanf(line, "case %39s %lf %d %d", name, &sparsity, &from, &to) == 4)
			cases++;
		else if (sscanf(line, "%19s %lf", what, &want) == 2)
			test_case(name, sparsity, from, to, what, want);
		else
			CHECK(false, "not understood: %s", line);
	}
	CHECK(cases >= 4, "%d cases in %s", cases, path);
}

/* The argument: vectors/prune.txt. */
int
main(int argc, char **argv)
{
	test_random();
	test_near();
	test_large();
	test_nan();
	test_published(argc > 1 ? argv[1] : "tests/vectors/prune.txt");
	return check_status();
}
