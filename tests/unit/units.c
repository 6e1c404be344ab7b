/* SPDX-License-Identifier: Apache-2.0 */
/* units.c, n_of_m.c and topk.c of tmo-prune against slow, obvious arithmetic. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "filters/prune/topk.h"
#include "filters/prune/units.h"
#include "tests/unit/check.h"

/* Small whole numbers, so that sums are exact and many are equal; zeros of both signs. */
static void
fill(double *x64, float *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		x64[i] = (random_below(2) == 0 ? 1 : -1) * (double)random_below(5);
		x[i] = (float)x64[i];
	}
}

#define MOST 6000

static bool
is_row(const struct tmo_axis_part *p)
{
	return p->role == TMO_ROLE_OUTPUT || p->role == TMO_ROLE_OWN;
}

/* Axes of a few small parts, each an axis. */
static struct tmo_axes
random_axes(void)
{
	static const enum tmo_role roles[] = {
		TMO_ROLE_OUTPUT, TMO_ROLE_INPUT, TMO_ROLE_WITHIN, TMO_ROLE_OWN,
	};
	struct tmo_axes axes = {.count = 1 + (int)random_below(4)};

	for (int i = 0; i < axes.count; i++)
		axes.part[i] = (struct tmo_axis_part){
			i, roles[random_below(4)], 1 + random_below(i == 1 ? 40 : 5),
		};
	return axes;
}

static size_t
size_of(const struct tmo_axes *axes)
{
	size_t n = 1;

	for (int i = 0; i < axes->count; i++)
		n *= axes->part[i].size;
	return n;
}

/* The unit of an element, by its place in the matrix. */
static size_t
unit_of(const struct prune_units *u, const struct tmo_axes *axes, size_t index)
{
	size_t row = 0, column = 0, together = 1, left = size_of(axes), owns = 1, outputs = 1;

	if (u->single)
		return index;
	for (int i = 0; i < axes->count; i++) {
		const struct tmo_axis_part *const p = &axes->part[i];
		size_t *const place = is_row(p) ? &row : &column;

		left /= p->size;
		*place = *place * p->size + index / left % p->size;
		together = p->role == TMO_ROLE_OUTPUT ? together * p->size :
			p->role == TMO_ROLE_OWN && p->size > 1 ? 1 : together;
		owns *= p->role == TMO_ROLE_OWN ? p->size : 1;
		outputs *= p->role == TMO_ROLE_OUTPUT ? p->size : 1;
	}
	together = outputs == 1 ? owns : together;
	return (row / together * ((together - 1) / u->rows + 1) + row % together / u->rows) * u->across +
		column / u->columns;
}

static double
slow_score(const double *x, const struct tmo_axes *axes, const struct prune_units *u, size_t unit,
           enum tmo_pattern_measure measure)
{
	double sum = 0, squares = 0, top = 0, cells = 0;

	for (size_t i = 0; i < size_of(axes); i++) {
		if (unit_of(u, axes, i) != unit)
			continue;
		sum += fabs(x[i]);
		squares += x[i] * x[i];
		top = fabs(x[i]) > top ? fabs(x[i]) : top;
		cells++;
	}
	CHECK(cells > 0, "unit %zu has no elements", unit);
	return measure == TMO_MEAN ? sum / cells : measure == TMO_LARGEST ? top : sqrt(squares / cells);
}

static void
test_units(void)
{
	static double x64[MOST], score[MOST];
	static float x[MOST];
	static unsigned char keep[MOST];

	for (int turn = 0; turn < 400; turn++) {
		const struct tmo_axes axes = random_axes();
		const size_t n = size_of(&axes);
		const enum tmo_pattern_measure measure = (enum tmo_pattern_measure)(turn % 3);
		const struct prune_units u = turn % 10 == 0 ? prune_units_of_weights(n) :
			prune_units_of_blocks(&axes, 1 + random_below(20), turn % 4 == 0 ? SIZE_MAX : 1 + random_below(9));
		double scaled[2];

		fill(x64, x, n);
		for (int wide = 0; wide < 2; wide++) {
			memset(score, 0xff, sizeof(score));
			if (wide)
				prune_score_f64(x64, &u, measure, 0.5, score, 1 + turn % 3);
			else
				prune_score_f32(x, &u, measure, 0.5, score, 1 + turn % 3);
			for (size_t i = 0; i < u.count; i++) {
				const double want = slow_score(x64, &axes, &u, i, measure) * 0.5;

				CHECK(fabs(score[i] - want) <= 1e-12, "turn %d: unit %zu of %zu: %g, not %g", turn,
				      i, u.count, score[i], want);
			}
			scaled[wide] = score[u.count - 1];
		}
		CHECK(memcmp(&scaled[0], &scaled[1], sizeof(double)) == 0, "turn %d: two types", turn);
		for (size_t i = 0; i < u.count; i++)
			keep[i] = (unsigned char)random_below(2);
		for (size_t i = 0; i < n; i++)
			x64[i] = x64[i] == 0 ? -0.0 : x64[i];
		memcpy(score, x64, n * sizeof(double));
		prune_zero_f64(x64, &u, keep, 1 + turn % 3);
		prune_zero_f32(x, &u, keep, 1 + turn % 3);
		for (size_t i = 0; i < n; i++) {
			const double want = keep[unit_of(&u, &axes, i)] || score[i] == 0 ? score[i] : 0;

			CHECK(memcmp(&x64[i], &want, sizeof(want)) == 0 && (double)x[i] == want,
			      "turn %d: element %zu became %g", turn, i, x64[i]);
		}
	}
}

static void
test_groups(void)
{
	static double x64[MOST];
	static float x[MOST];
	static unsigned char keep[MOST], keep64[MOST];

	for (int turn = 0; turn < 600; turn++) {
		const struct tmo_lines l = {1 + random_below(4), 1 + random_below(40), 1 + random_below(9)};
		const size_t count = l.before_count * l.length * l.after_count;
		const size_t m = turn % 3 == 0 ? 4 : turn % 3 == 1 ? 8 : 2 + random_below(20), n = 1 + random_below(m - 1);

		fill(x64, x, count);
		prune_n_of_m_f32(x, &l, n, m, keep, 1 + turn % 3);
		prune_n_of_m_f64(x64, &l, n, m, keep64, 1 + turn % 3);
		for (size_t at = 0; at < count; at++) {
			const size_t i = at / l.after_count % l.length, start = i / m * m;
			size_t ahead = 0;

			for (size_t k = start; k < start + m && k < l.length; k++) {
				const double other = fabs(x64[at + k * l.after_count - i * l.after_count]);

				ahead += other > fabs(x64[at]) || (other == fabs(x64[at]) && k < i);
			}
			CHECK(keep[at] == (ahead < n) && keep64[at] == (ahead < n),
			      "turn %d: %zu:%zu, element %zu: %d and %d", turn, n, m, at, keep[at], keep64[at]);
		}
	}
}

/* How many scores are ahead of number i: larger, or as large and before it. */
static size_t
ahead_of(const double *score, size_t n, size_t i)
{
	size_t ahead = 0;

	for (size_t k = 0; k < n; k++)
		ahead += score[k] > score[i] || (score[k] == score[i] && k < i);
	return ahead;
}

static void
test_topk(void)
{
	static double score[MOST];
	static float x[MOST];
	static unsigned char keep[MOST], all[MOST];

	for (int turn = 0; turn < 300; turn++) {
		const size_t n = 1 + random_below(120), kept = 1 + random_below(n);
		struct tmo_error err = {0};
		double threshold;

		fill(score, x, n);
		memset(keep, 0, n);
		memset(all, 0, n);
		for (size_t i = 0; i < n; i++)
			score[i] = turn % 3 == 0 ? fabs(score[i]) / 3 : fabs(score[i]);
		CHECK(prune_topk(score, n, kept, false, keep, &threshold, 1, &err) == 0, "%s", err.text);
		CHECK(prune_topk(score, n, kept, true, all, &threshold, 2, &err) == 0, "%s", err.text);
		for (size_t i = 0; i < n; i++) {
			CHECK(keep[i] == (ahead_of(score, n, i) < kept), "turn %d: %zu of %zu", turn, i, n);
			CHECK(all[i] == (score[i] >= threshold), "turn %d: ties, %zu of %zu", turn, i, n);
		}
	}
}

/* Within each index of a part in the middle: every score is compared with its own. */
static void
test_each(void)
{
	const struct tmo_axes axes = {3, {{0, TMO_ROLE_INPUT, 5}, {1, TMO_ROLE_OWN, 3}, {2, TMO_ROLE_WITHIN, 4}}};
	double score[60], own[20];
	unsigned char keep[60] = {0};
	struct tmo_blocks sets;
	struct tmo_error err = {0};

	tmo_blocks_of_roles(&sets, &axes, TMO_ROLES(OWN));
	for (size_t i = 0; i < 60; i++)
		score[i] = (double)random_below(9);
	CHECK(prune_topk_each(score, &sets, 7, false, keep, &err) == 0, "%s", err.text);
	for (size_t i = 0; i < 60; i++) {
		for (size_t k = 0; k < 20; k++)
			own[k] = score[k / 4 * 12 + i / 4 % 3 * 4 + k % 4];
		CHECK(keep[i] == (ahead_of(own, 20, i / 12 * 4 + i % 4) < 7), "element %zu", i);
	}
}

static void
test_look(void)
{
	float x[5] = {1, -7, INFINITY, 3, -INFINITY};
	double x64[5] = {0, -0.0, 0, 0, 0}, largest, rms;
	struct tmo_error err = {0};

	CHECK(prune_look_f32(x, 5, &largest) == 5 && largest == 7, "largest %g", largest);
	CHECK(prune_rms_f32(x, 5, 1, &rms, 2, &err) == 0 && rms == sqrt(59 / 3.0), "rms %g", rms);
	x[3] = NAN;
	CHECK(prune_look_f32(x, 5, &largest) == 3, "NaN is not found");
	CHECK(prune_look_f64(x64, 5, &largest) == 5 && largest == 0, "largest of zeros %g", largest);
	CHECK(prune_rms_f64(x64, 5, 1, &rms, 1, &err) == 0 && rms == 0, "rms of zeros %g", rms);
	x64[4] = -0x1p1000;
	CHECK(prune_look_f64(x64, 5, &largest) == 5 && largest == 0x1p1000, "largest %g", largest);
	CHECK(prune_rms_f64(x64, 5, 0x1p-900, &rms, 1, &err) == 0 && rms == sqrt(0x1p200 / 5), "scaled %g", rms);
}

/* A score's number is its own, wherever chunks begin. */
static void
test_random(void)
{
	const size_t n = 200001;
	double *const score = malloc(n * sizeof(*score));
	struct tmo_rng own;

	for (size_t i = 0; i < n; i++)
		score[i] = i % 3 == 0 ? 0 : 7;
	prune_randomize(score, n, 5, 77, 3);
	tmo_rng_start(&own, 5, 77);
	for (size_t i = 0; i < n; i++) {
		const double draw = (double)((tmo_rng_u64(&own) >> 11) + 1) * 0x1p-53;

		CHECK(score[i] == (i % 3 == 0 ? 0 : draw), "score %zu is %g", i, score[i]);
	}
	free(score);
}

static void
test_weigh(void)
{
	/* 4 outputs, 2 inputs, 3 elements; two groups, so 4 norms */
	const struct tmo_axes axes = {3, {
		{0, TMO_ROLE_OUTPUT, 4}, {1, TMO_ROLE_INPUT, 2}, {2, TMO_ROLE_WITHIN, 3},
	}};
	const struct tmo_lines inputs = tmo_lines_along(&axes, 1);
	struct tmo_blocks outputs;
	const double norm[4] = {1, 2, 0, 4};
	double score[24];

	tmo_blocks_of_roles(&outputs, &axes, TMO_ROLES(OUTPUT));
	for (size_t i = 0; i < 24; i++)
		score[i] = i == 12 ? (double)INFINITY : 1;
	prune_multiply_norms(score, &inputs, norm, &outputs, 2);
	for (size_t i = 0; i < 24; i++)
		CHECK(score[i] == (i == 12 ? (double)INFINITY : norm[i / 12 * 2 + i / 3 % 2]), "%zu: %g", i,
		      score[i]);
	for (size_t i = 0; i < 24; i++)
		score[i] = 3;
	prune_multiply_norms(score, &inputs, norm, NULL, 1);
	for (size_t i = 0; i < 24; i++)
		CHECK(score[i] == 3 * norm[i / 3 % 2], "one group, %zu: %g", i, score[i]);
}

int
main(void)
{
	test_units();
	test_groups();
	test_topk();
	test_each();
	test_look();
	test_random();
	test_weigh();
	return check_status();
}
