/* SPDX-License-Identifier: Apache-2.0 */
/* maps.c: every function in every form, against its expression computed one by one, bit for bit. */
#include <math.h>
#include <string.h>

#include "base/math/elementary.h"
#include "base/math/exponential.h"
#include "base/math/trigonometric.h"
#include "kernel/maps.h"
#include "tests/unit/check.h"

#define MOST 100

static float
at_least(float x, float low)
{
	return low > x ? low : x;
}

static float
at_most(float x, float high)
{
	return x > high ? high : x;
}

static float
expected_map(enum tmo_map f, float x, float a, float b)
{
	switch (f) {
#define MAP(name, expression) case TMO_MAP_##name: return tmo_f32_one_nan(expression);
	TMO_MAPS(MAP)
	default: return 0.0f;
	}
}

static float
expected_binary(enum tmo_binary f, float x, float y)
{
	switch (f) {
#define BINARY(name, expression) case TMO_BINARY_##name: return tmo_f32_one_nan(expression);
	TMO_BINARIES(BINARY)
	default: return 0.0f;
	}
}

/* All kinds of floats: of common size, of any size, and those that are special. */
static float
some_float(void)
{
	static const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, -NAN, 1e-40f, -1e-45f, 0.5f, -1.5f, 3.4e38f};

	switch (random_below(3)) {
	case 0: return special[random_below(sizeof(special) / sizeof(*special))];
	case 1: return tmo_f32_of_bits((uint32_t)(random_bits() >> 32));
	default: return (float)(4 * random_normal());
	}
}

static void
some_floats(float *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = some_float();
}

static void
maps(const struct tmo_kernels *kernels, enum tmo_map f, size_t n, size_t first)
{
	const float a = (float)random_normal(), b = a + (float)random_uniform();
	float from[MOST], to[MOST], wanted[MOST];

	some_floats(from, MOST);
	memcpy(to, from, sizeof(to));
	memcpy(wanted, from, sizeof(wanted));
	for (size_t i = first; i < first + n; i++)
		wanted[i] = expected_map(f, from[i], a, b);
	tmo_map(kernels, f, a, b, from + first, to + first, n);
	CHECK(memcmp(to, wanted, sizeof(to)) == 0, "%s: function %d of %zu", tmo_kernels_name(kernels), (int)f, n);
	tmo_map(kernels, f, a, b, from + first, from + first, n);
	CHECK(memcmp(from, wanted, sizeof(from)) == 0, "%s: function %d of %zu, in place", tmo_kernels_name(kernels),
	      (int)f, n);
}

/* One side of a pair in one of the four ways that it can be spread. */
static struct tmo_operand
spread(const float *x, size_t columns)
{
	switch (random_below(4)) {
	case 0: return (struct tmo_operand){x, (ptrdiff_t)columns, 1};
	case 1: return (struct tmo_operand){x, 0, 1};
	case 2: return (struct tmo_operand){x, 1, 0};
	default: return (struct tmo_operand){x, 0, 0};
	}
}

static void
binaries(const struct tmo_kernels *kernels, enum tmo_binary f, size_t rows, size_t columns)
{
	float xs[MOST], ys[MOST], to[MOST], wanted[MOST] = {0};
	const struct tmo_operand x = spread(xs, columns), y = spread(ys, columns);
	const bool in_place = x.row_step == (ptrdiff_t)columns && x.column_step == 1;

	some_floats(xs, MOST);
	some_floats(ys, MOST);
	for (size_t r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++)
			wanted[r * columns + c] = expected_binary(f,
				x.first[(ptrdiff_t)r * x.row_step + (ptrdiff_t)(c * x.column_step)],
				y.first[(ptrdiff_t)r * y.row_step + (ptrdiff_t)(c * y.column_step)]);
	tmo_binary(kernels, f, rows, columns, x, y, in_place ? xs : to, (ptrdiff_t)columns);
	CHECK(memcmp(in_place ? xs : to, wanted, rows * columns * sizeof(*to)) == 0,
	      "%s: pair %d, %zu x %zu, steps %td %zu and %td %zu", tmo_kernels_name(kernels), (int)f, rows, columns,
	      x.row_step, x.column_step, y.row_step, y.column_step);
}

static bool
expected_comparison(enum tmo_comparison f, float x, float y)
{
	switch (f) {
#define COMPARISON(name, expression) case TMO_COMPARE_##name: return expression;
	TMO_COMPARISONS(COMPARISON)
	default: return false;
	}
}

static void
comparisons(const struct tmo_kernels *kernels, enum tmo_comparison f, size_t n, size_t x_step, size_t y_step)
{
	float xs[MOST], ys[MOST];
	uint8_t to[MOST];

	some_floats(xs, MOST);
	some_floats(ys, MOST);
	memcpy(ys + MOST / 2, xs + MOST / 2, MOST / 2 * sizeof(*ys));
	tmo_compare(kernels, f, xs, x_step, ys, y_step, to, n);
	for (size_t i = 0; i < n; i++)
		CHECK(to[i] == expected_comparison(f, xs[i * x_step], ys[i * y_step]), "%s: comparison %d, number %zu of %zu",
		      tmo_kernels_name(kernels), (int)f, i, n);
}

int
main(void)
{
	const struct tmo_kernels *kernels;

	for (size_t form = 0; (kernels = tmo_kernels_of(form)) != NULL; form++) {
		for (int f = 0; f < TMO_MAP_COUNT; f++)
			for (size_t n = 0; n < 90; n++)
				maps(kernels, (enum tmo_map)f, n, n % 9);
		for (int f = 0; f < TMO_BINARY_COUNT; f++)
			for (size_t i = 0; i < 300; i++)
				binaries(kernels, (enum tmo_binary)f, 1 + i % 3, random_below(33));
		for (int f = 0; f < TMO_COMPARISON_COUNT; f++)
			for (size_t i = 0; i < 100; i++)
				comparisons(kernels, (enum tmo_comparison)f, i, i & 1, i >> 1 & 1);
	}
	return check_status();
}
