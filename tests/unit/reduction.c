/* SPDX-License-Identifier: Apache-2.0 */
/* reduction.c: reductions and softmax in every form, against the lanes as reduction.h defines them, bit for bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math/exponential.h"
#include "kernel/reduction.h"
#include "tests/unit/check.h"

#define MOST 5000

static float
started(enum tmo_reduce f)
{
	switch (f) {
#define START(name, start, value, taken) case TMO_REDUCE_##name: return start;
	TMO_REDUCTIONS(START)
	default: return 0.0f;
	}
}

static float
value_of(enum tmo_reduce f, float x)
{
	switch (f) {
#define VALUE(name, start, value, taken) case TMO_REDUCE_##name: return value;
	TMO_REDUCTIONS(VALUE)
	default: return 0.0f;
	}
}

static float
taken(enum tmo_reduce f, float lane, float x)
{
	switch (f) {
#define TAKEN(name, start, value, taken) case TMO_REDUCE_##name: return taken;
	TMO_REDUCTIONS(TAKEN)
	default: return 0.0f;
	}
}

/* Straight from the definition: all lanes, all steps. */
static float
expected(enum tmo_reduce f, const struct tmo_reduction *s, const float *x)
{
	float lane[16];
	size_t i = 0;

	for (size_t j = 0; j < 16; j++)
		lane[j] = started(f);
	for (size_t line = 0; line < s->lines; line++)
		for (size_t column = 0; column < s->columns; column++, i++)
			lane[i % 16] = taken(f, lane[i % 16], value_of(f,
				x[(ptrdiff_t)line * s->line_step + (ptrdiff_t)column * s->column_step]));
	for (size_t half = 8; half > 0; half /= 2)
		for (size_t j = 0; j < half; j++)
			lane[j] = taken(f, lane[j], lane[j + half]);
	return tmo_f32_one_nan(lane[0]);
}

static void
some_floats(float *x, size_t n)
{
	static const float special[] = {0.0f, -0.0f, INFINITY, -INFINITY, NAN, -NAN};
	const bool specials = random_below(3) == 0, zeros = random_below(6) == 0;

	for (size_t i = 0; i < n; i++) {
		x[i] = zeros ? special[random_below(2)] : (float)random_normal();
		if (specials && random_below(20) == 0)
			x[i] = special[random_below(6)];
	}
}

static void
reduction(const struct tmo_kernels *kernels, enum tmo_reduce f, const struct tmo_reduction *s)
{
	static float from[MOST];
	float to[200], wanted[200];

	some_floats(from, MOST);
	for (size_t c = 0; c < s->channels; c++)
		wanted[c] = expected(f, s, from + c);
	tmo_reduce(kernels, f, s, from, to);
	CHECK(memcmp(to, wanted, s->channels * sizeof(*to)) == 0, "%s: reduction %d, %zu x %zu of %zu channels, steps %td %td",
	      tmo_kernels_name(kernels), (int)f, s->lines, s->columns, s->channels, s->line_step, s->column_step);
}

static void
softmax(const struct tmo_kernels *kernels, size_t rows, size_t n)
{
	static float x[MOST], to[MOST], wanted[MOST], logs[MOST];
	const struct tmo_reduction row = {1, 1, n, 0, 1};

	some_floats(x, MOST);
	for (size_t r = 0; r < rows; r++) {
		float *const e = wanted + r * n;
		const float largest = expected(TMO_REDUCE_LARGEST, &row, x + r * n);
		float sum;

		for (size_t i = 0; i < n; i++)
			e[i] = tmo_exp(x[r * n + i] - largest);
		sum = expected(TMO_REDUCE_SUM, &row, e);
		for (size_t i = 0; i < n; i++) {
			logs[r * n + i] = tmo_f32_one_nan((x[r * n + i] - largest) - tmo_log(sum));
			e[i] = tmo_f32_one_nan(e[i] / sum);
		}
	}
	tmo_log_softmax(kernels, rows, n, x, (ptrdiff_t)n, to, (ptrdiff_t)n);
	CHECK(memcmp(to, logs, rows * n * sizeof(*to)) == 0, "%s: log softmax of %zu x %zu", tmo_kernels_name(kernels), rows, n);
	tmo_softmax(kernels, rows, n, x, (ptrdiff_t)n, x, (ptrdiff_t)n);
	CHECK(memcmp(x, wanted, rows * n * sizeof(*to)) == 0, "%s: softmax of %zu x %zu", tmo_kernels_name(kernels), rows, n);
}

int
main(void)
{
	const struct tmo_kernels *kernels;

	for (size_t form = 0; (kernels = tmo_kernels_of(form)) != NULL; form++) {
		for (int f = 0; f < TMO_REDUCE_COUNT; f++) {
			for (size_t n = 0; n < 70; n++)
				reduction(kernels, (enum tmo_reduce)f, &(struct tmo_reduction){1, 1, n, 0, 1});
			reduction(kernels, (enum tmo_reduce)f, &(struct tmo_reduction){1, 1, 4000, 0, 1});
			reduction(kernels, (enum tmo_reduce)f, &(struct tmo_reduction){1, 1, 100, 0, 7});
			for (size_t i = 0; i < 60; i++) {
				const ptrdiff_t channels = (ptrdiff_t)(1 + random_below(i % 4 == 0 ? 150 : 12));

				reduction(kernels, (enum tmo_reduce)f, &(struct tmo_reduction){(size_t)channels,
					random_below(6), random_below(5), 5 * channels, channels});
			}
		}
		for (size_t n = 0; n < 60; n++)
			softmax(kernels, 1 + n % 3, n);
		softmax(kernels, 2, 1000);
	}
	return check_status();
}
