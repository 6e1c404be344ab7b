/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant's integer kernels against a plain computation, element by element, and published numbers. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/quant/affine.h"
#include "tests/unit/check.h"
#include "tests/unit/partition.h"

/* Mostly of one size, with ties, zeros and values of other sizes among them. */
static double
some_value(void)
{
	const double x = (double)random_below(2001) / 500 - 2;

	switch (random_below(12)) {
	case 0: return 0;
	case 1: return -0.0;
	case 2: return x * 1e-3;
	case 3: return (double)random_below(9) - 4;
	default: return x;
	}
}

/* ---- one array and what it should become ---- */

struct array {
	int rank, axis;			/* axis -1: one scale for all */
	size_t shape[4], count, group;	/* group 0: channels */
	bool wide;
	void *x;			/* float or double */
};

static double
get(const struct array *a, size_t i)
{
	return a->wide ? ((double *)a->x)[i] : (double)((float *)a->x)[i];
}

static void
set(struct array *a, size_t i, double x)
{
	if (a->wide)
		((double *)a->x)[i] = x;
	else
		((float *)a->x)[i] = (float)x;
}

static struct tmo_blocks
blocks_of(const struct array *a)
{
	return a->axis < 0 ? partition_whole(a->count) :
		partition_along(a->rank, a->shape, a->axis, a->group);
}

/* The entry of element i: its index in an array shaped as scale.npy is. */
static size_t
entry_of(const struct array *a, size_t i)
{
	size_t index[4], entry = 0;

	for (int k = a->rank - 1; k >= 0; k--) {
		index[k] = i % a->shape[k];
		i /= a->shape[k];
	}
	if (a->axis < 0)
		return 0;
	if (a->group == 0)
		return index[a->axis];
	for (int k = 0; k < a->rank; k++)
		entry = k == a->axis ?
			entry * ((a->shape[k] - 1) / a->group + 1) + index[k] / a->group :
			entry * a->shape[k] + index[k];
	return entry;
}

struct coded {
	unsigned char *codes, *zero;
	void *scale;
	size_t entries;
};

static void
free_coded(struct coded *c)
{
	free(c->codes);
	free(c->zero);
	free(c->scale);
}

/* tflite: halves away from zero, and a product with the reciprocal. */
static int
encode_as(const struct array *a, int bits, bool symmetric, bool tflite, int threads,
          struct coded *c, struct tmo_error *err)
{
	const struct tmo_blocks b = blocks_of(a);
	struct affine work = {
		.blocks = &b, .fit.codes = quant_code_range(bits, symmetric, a->wide ? 0x1.fffffffffffffp1023 : 0x1.fffffep127),
		.wide = a->wide, .x = a->x, .what = "index",
	};

	work.fit.codes.away = work.fit.codes.by_factor = tflite;
	c->entries = b.entries;
	c->codes = work.codes = malloc(a->count);
	c->scale = work.scale = malloc(b.entries * 8);
	c->zero = work.zero_point = malloc(b.entries);
	return quant_affine(&work, threads, err);
}

static int
encode(const struct array *a, int bits, bool symmetric, int threads, struct coded *c,
       struct tmo_error *err)
{
	return encode_as(a, bits, symmetric, false, threads, c, err);
}

/* float arithmetic for float arrays, double for double: `narrow` rounds each step. */
static double
narrow(const struct array *a, double x)
{
	return a->wide ? x : (double)(float)x;
}

static void
expect(const struct array *a, const struct coded *c, int bits, bool symmetric, const char *what)
{
	double *lo = calloc(c->entries, sizeof(*lo)), *hi = calloc(c->entries, sizeof(*hi));
	const double top = (double)((symmetric ? 1 << (bits - 1) : 1 << bits) - 1);

	for (size_t i = 0; i < a->count; i++) {
		const size_t e = entry_of(a, i);

		lo[e] = fmin(lo[e], get(a, i));
		hi[e] = fmax(hi[e], get(a, i));
	}
	for (size_t i = 0; i < a->count; i++) {
		const size_t e = entry_of(a, i);
		const double width = symmetric ? fmax(-lo[e], hi[e]) : narrow(a, hi[e] - lo[e]);
		const double scale = width == 0 ? 1 : narrow(a, width / top);
		const double zero = symmetric ? 0 : fmin(rint(narrow(a, -lo[e] / scale)), top);
		const double code = rint(narrow(a, get(a, i) / scale)) + zero;
		const double want = fmax(symmetric ? -top : 0, fmin(top, code));
		const double got = symmetric ? (double)(signed char)c->codes[i] : (double)c->codes[i];
		const double got_scale = a->wide ? ((double *)c->scale)[e] :
			(double)((float *)c->scale)[e];

		CHECK(got == want && got_scale == scale && c->zero[e] == zero,
		      "%s: element %zu = %.17g: code %g, wanted %g; scale %.17g, wanted %.17g; "
		      "zero point %d, wanted %g", what, i, get(a, i), got, want, got_scale, scale,
		      c->zero[e], zero);
		CHECK(get(a, i) != 0 || got == zero, "%s: a zero became %g", what, got - zero);
	}
	free(lo);
	free(hi);
}

static void
try_array(struct array *a, int bits, bool symmetric, const char *what)
{
	struct coded one, three;
	struct tmo_error err = {0};

	CHECK(encode(a, bits, symmetric, 1, &one, &err) == 0, "%s: %s", what, err.text);
	CHECK(encode(a, bits, symmetric, 3, &three, &err) == 0, "%s: %s", what, err.text);
	expect(a, &one, bits, symmetric, what);
	CHECK(memcmp(one.codes, three.codes, a->count) == 0 &&
	      memcmp(one.scale, three.scale, one.entries * (a->wide ? 8 : 4)) == 0,
	      "%s: three threads make other codes", what);
	free_coded(&one);
	free_coded(&three);
}

static void
new_array(struct array *a, const char *text, char *what, size_t size)
{
	a->count = 1;
	for (int k = 0; k < a->rank; k++)
		a->count *= a->shape[k];
	a->x = malloc(a->count * 8);
	for (size_t i = 0; i < a->count; i++)
		set(a, i, some_value() * (double)(1 + entry_of(a, i) * 7 % 5));
	snprintf(what, size, "%s: %s rank %d [%zu %zu %zu %zu] axis %d group %zu", text,
	         a->wide ? "double" : "float", a->rank, a->shape[0], a->shape[1], a->shape[2],
	         a->shape[3], a->axis, a->group);
}

static void
test_shapes(void)
{
	char what[200];

	for (int turn = 0; turn < 1500; turn++) {
		struct array a = {.rank = 1 + (int)random_below(4), .shape = {1, 1, 1, 1}, .wide = random_below(3) == 0};

		for (int k = 0; k < a.rank; k++)
			a.shape[k] = 1 + (size_t)random_below(random_below(4) == 0 ? 70 : 9);
		a.axis = (int)random_below((uint64_t)a.rank + 1) - 1;
		a.group = random_below(2) == 0 ? 0 : 1 + (size_t)random_below(20);
		new_array(&a, "random", what, sizeof(what));
		try_array(&a, 2 + (int)random_below(7), random_below(2) == 0, what);
		free(a.x);
	}
}

/* Larger than a piece, on every axis: what several threads share. */
static void
test_large(void)
{
	static const struct array cases[] = {
		{.rank = 1, .shape = {700001, 1, 1, 1}, .axis = -1},
		{.rank = 2, .shape = {3, 300000, 1, 1}, .axis = 0},
		{.rank = 2, .shape = {300000, 3, 1, 1}, .axis = 1},
		{.rank = 2, .shape = {2, 300000, 1, 1}, .axis = 1},
		{.rank = 3, .shape = {3, 2, 150000, 1}, .axis = 1},
		{.rank = 4, .shape = {70, 40, 16, 16}, .axis = 1},
		{.rank = 2, .shape = {3, 200000, 1, 1}, .axis = 1, .group = 150001},
		{.rank = 2, .shape = {200000, 3, 1, 1}, .axis = 0, .group = 150001},
		{.rank = 2, .shape = {3000, 100, 1, 1}, .axis = 0, .group = 32},
		{.rank = 2, .shape = {100, 3001, 1, 1}, .axis = 1, .group = 32},
	};
	char what[200];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct array a = cases[i];

		new_array(&a, "large", what, sizeof(what));
		try_array(&a, 8, i % 2 == 0, what);
		free(a.x);
	}
}

/* Every half between two codes, and its neighbours: rint, to even. The scale is 1. */
static void
test_ties(void)
{
	struct array a = {.rank = 1, .shape = {3 * 255 + 1, 1, 1, 1}, .axis = -1};
	char what[200];

	for (int wide = 0; wide < 2; wide++) {
		a.wide = wide == 1;
		new_array(&a, "ties", what, sizeof(what));
		set(&a, 0, 127);
		for (int k = 0; k < 255; k++) {
			const double half = k - 127 + (k < 127 ? 0.5 : -0.5);

			for (int step = -1; step <= 1; step++) {
				const double to = half + step;
				const double x = a.wide ? nextafter(half, to) :
					(double)nextafterf((float)half, (float)to);

				set(&a, (size_t)(3 * k + step + 2), step == 0 ? half : x);
			}
		}
		try_array(&a, 8, true, what);
		free(a.x);
	}
}

/* Ranges at both ends of what floats can hold: the error stays within a step. */
static void
test_extremes(void)
{
	static const double tops[] = {
		0x1p-149, 3 * 0x1p-149, 100 * 0x1p-149, 190 * 0x1p-149, 0x1p-126, 0x1.fp-120,
		0x1.fffffep127,
	};
	struct array a = {.rank = 1, .shape = {64, 1, 1, 1}, .axis = -1};
	char what[200];

	for (size_t i = 0; i < 14 * sizeof(tops) / sizeof(tops[0]); i++) {
		const double top = tops[i / 14];
		const int bits = 2 + (int)(i / 2 % 7);
		struct tmo_error err = {0};
		struct coded c;
		float scale;

		new_array(&a, "extreme", what, sizeof(what));
		for (int k = 0; k < 64; k++)
			set(&a, (size_t)k, top * ((double)k / 32 - 1));
		set(&a, 63, top);
		CHECK(encode(&a, bits, i % 2 == 0, 1, &c, &err) == 0, "%s", err.text);
		scale = *(float *)c.scale;
		CHECK(scale > 0 && isfinite(scale), "scale %g of %g", (double)scale, top);
		for (size_t k = 0; k < 64; k++) {
			const int code = i % 2 == 0 ? (signed char)c.codes[k] : c.codes[k] - c.zero[0];
			const double error = fabs((double)((float)code * scale) - get(&a, k));

			CHECK(error <= (double)scale * (1 + 1e-6), "%g (top %g): error %g, scale %g", get(&a, k), top,
			      error, (double)scale);
			CHECK(get(&a, k) != 0 || code == 0, "0 became %d (top %g)", code, top);
		}
		free_coded(&c);
		free(a.x);
	}
}

static void
test_not_finite(void)
{
	static const struct array cases[] = {
		{.rank = 2, .shape = {5, 40, 1, 1}, .axis = -1},
		{.rank = 2, .shape = {5, 40, 1, 1}, .axis = 0},
		{.rank = 2, .shape = {5, 40, 1, 1}, .axis = 1},
		{.rank = 2, .shape = {5, 40, 1, 1}, .axis = 1, .group = 7},
		{.rank = 2, .shape = {5, 40, 1, 1}, .axis = 0, .group = 2, .wide = true},
	};
	static const double odd[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
	char what[200], want[40];

	for (size_t n = 0; n < 5 * 200; n++) {
		struct array a = cases[n / 200];
		struct tmo_error err = {0};
		struct coded c;

		new_array(&a, "not finite", what, sizeof(what));
		set(&a, n % 200, odd[n % 3]);
		set(&a, 199, odd[n % 3]);
		snprintf(want, sizeof(want), "%s at index %zu;", n % 3 == 0 ? "NaN" : "infinity", n % 200);
		CHECK(encode(&a, 8, true, 2, &c, &err) == -1 && strstr(err.text, want) == err.text,
		      "%s: '%s', wanted '%s'", what, err.text, want);
		free_coded(&c);
		free(a.x);
	}
}

/* ---- published numbers ---- */

static size_t
numbers(const char *text, double *out)
{
	size_t n = 0;
	char *end;

	for (;; text = end) {
		const double x = strtod(text, &end);

		if (end == text)
			return n;
		out[n++] = x;
	}
}

static void
compare(const char *name, const char *what, const double *want, size_t n, const struct coded *c,
        bool symmetric)
{
	CHECK(n > 0, "%s: %s: no numbers", name, what);
	for (size_t i = 0; i < n; i++) {
		const double got = strcmp(what, "scale") == 0 ? (double)((float *)c->scale)[i] :
			strcmp(what, "zero") == 0 ? (double)c->zero[i] :
			symmetric ? (double)(signed char)c->codes[i] : (double)c->codes[i];

		CHECK(fabs(got - want[i]) <= 1e-6 * fabs(want[i]), "%s: %s %zu is %.9g, wanted %.9g",
		      name, what, i, got, want[i]);
	}
}

static void
test_published(const char *path)
{
	FILE *const f = check_open(path);
	struct array a = {0};
	struct coded c = {0};
	struct tmo_error err = {0};
	char line[1000], name[40], kind[20], axis[4];
	double x[100];
	bool symmetric = false, tflite = false;
	int bits = 8, cases = 0;

	while (check_line(f, line, sizeof(line))) {
		char *const rest = strchr(line, ' ');
		size_t n;

		CHECK(rest != NULL, "not understood: %s", line);
		if (rest == NULL)
			continue;
		*rest = '\0';
		if (strcmp(line, "case") == 0) {
			CHECK(sscanf(rest + 1, "%39s %19s %d %3s", name, kind, &bits, axis) == 4, "%s", rest);
			tflite = strcmp(kind, "tflite") == 0;
			symmetric = tflite || strcmp(kind, "symmetric") == 0;
			free(a.x);
			a = (struct array){.axis = axis[0] == '-' ? -1 : axis[0] - '0'};
			cases++;
			continue;
		}
		n = numbers(rest + 1, x);
		if (strcmp(line, "shape") == 0) {
			a.rank = (int)n;
			a.count = 1;
			for (size_t k = 0; k < n; k++)
				a.count *= a.shape[k] = (size_t)x[k];
		} else if (strcmp(line, "in") == 0) {
			CHECK(n == a.count, "%s: %zu values for %zu elements", name, n, a.count);
			free_coded(&c);
			a.x = malloc(8 * n);
			for (size_t i = 0; i < n; i++)
				set(&a, i, x[i]);
			CHECK(encode_as(&a, bits, symmetric, tflite, 1, &c, &err) == 0, "%s", err.text);
		} else {
			compare(name, line, x, n, &c, symmetric);
		}
	}
	CHECK(cases >= 16, "%d cases in %s", cases, path);
	free(a.x);
	free_coded(&c);
}

/* The argument: vectors/quant.txt. */
int
main(int argc, char **argv)
{
	test_shapes();
	test_large();
	test_ties();
	test_extremes();
	test_not_finite();
	test_published(argc > 1 ? argv[1] : "tests/vectors/quant.txt");
	return check_status();
}
