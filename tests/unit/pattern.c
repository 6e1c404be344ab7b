/* SPDX-License-Identifier: Apache-2.0 */
/* libcommon/pattern against published answers and slow counting. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/axes.h"
#include "tensor/pattern.h"
#include "tests/unit/check.h"

/* The lines along an axis that is whole. */
static struct tmo_lines
lines_along(int rank, const size_t *shape, int axis)
{
	struct tmo_axes axes;

	tmo_axes_unknown(&axes, rank, shape);
	return tmo_lines_along(&axes, axis);
}

static void
test_names(void)
{
	static const struct {
		const char *text;
		struct tmo_pattern want;
	} cases[] = {
		{"unstructured", {.kind = TMO_UNSTRUCTURED}},
		{"2:4", {.kind = TMO_N_OF_M, .n = 2, .m = 4}},
		{"1:1024", {.kind = TMO_N_OF_M, .n = 1, .m = 1024}},
		{"block:4x1", {.kind = TMO_BLOCKS, .rows = 4, .columns = 1}},
		{"block:1x999:avg", {.kind = TMO_BLOCKS, .rows = 1, .columns = 999}},
		{"block:16x16:max", {.kind = TMO_BLOCKS, .rows = 16, .columns = 16,
		                     .measure = TMO_LARGEST}},
		{"channel", {.kind = TMO_CHANNELS}},
		{"channel:l1", {.kind = TMO_CHANNELS}},
		{"channel:l2", {.kind = TMO_CHANNELS, .measure = TMO_ROOT_MEAN_SQUARE}},
		{"channel:bn", {.kind = TMO_CHANNELS, .measure = TMO_GAMMA}},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct tmo_pattern *const want = &cases[i].want;
		struct tmo_error err = {0};
		struct tmo_pattern p;

		CHECK(tmo_pattern_parse(cases[i].text, &p, &err) == 0, "%s: %s", cases[i].text, err.text);
		CHECK(p.kind == want->kind && p.n == want->n && p.m == want->m && p.rows == want->rows &&
		      p.columns == want->columns && p.measure == want->measure,
		      "%s is read as something else", cases[i].text);
	}
}

/* ---- who holds N:M ---- */

#define MOST 400

/* Every line along the axis, every group, one after the other. */
static struct tmo_groups_found
slowly(const double *x, const struct tmo_lines *l, size_t n, size_t m)
{
	struct tmo_groups_found found = {.first = SIZE_MAX};

	for (size_t before = 0; before < l->before_count; before++)
		for (size_t after = 0; after < l->after_count; after++)
			for (size_t start = 0; start < l->length; start += m) {
				size_t count = 0, first = SIZE_MAX;

				for (size_t i = start; i < start + m && i < l->length; i++) {
					const size_t at = (before * l->length + i) * l->after_count + after;

					count += x[at] != 0;
					first = first == SIZE_MAX ? at : first;
				}
				found.groups++;
				found.broken += count > n;
				if (count > n && first < found.first)
					found.first = first;
			}
	if (found.broken == 0)
		found.first = 0;
	return found;
}

static bool
same(const struct tmo_groups_found *a, const struct tmo_groups_found *b)
{
	return a->groups == b->groups && a->broken == b->broken && a->first == b->first;
}

static void
test_groups(void)
{
	static float x[MOST];
	static double x64[MOST];

	for (int turn = 0; turn < 2000; turn++) {
		const size_t shape[3] = {1 + (size_t)turn % 3, (size_t)turn / 3 % 14, 1 + (size_t)turn / 7 % 8};
		const int axis = turn % 3;
		const struct tmo_lines lines = lines_along(3, shape, axis);
		const size_t m = 2 + (size_t)turn % 7, n = 1 + (size_t)turn % (m - 1);
		struct tmo_groups_found got, got64, want;

		CHECK(lines.before_count * lines.length * lines.after_count ==
		      shape[0] * shape[1] * shape[2], "turn %d: lines", turn);
		for (size_t i = 0; i < MOST; i++) {
			x64[i] = random_below(2) == 0 ? -0.0 : random_below(8) == 0 ? (double)NAN : 1e-300;
			x[i] = x64[i] == 1e-300 ? 1e-45f : (float)x64[i];
		}
		want = slowly(x64, &lines, n, m);
		got = tmo_groups_check_f32(x, &lines, n, m);
		got64 = tmo_groups_check_f64(x64, &lines, n, m);
		CHECK(same(&want, &got) && same(&want, &got64), "turn %d: %zu:%zu of 3 axes, along %d",
		      turn, n, m, axis);
	}
}

static void
test_line(const char *line)
{
	size_t n, m, shape[2], count = 0;
	char answer[8];
	float x[MOST];
	int used;
	struct tmo_lines lines;

	if (sscanf(line, "%zu:%zu %7s %zu %zu :%n", &n, &m, answer, &shape[0], &shape[1], &used) != 5) {
		CHECK(0, "not understood: %s", line);
		return;
	}
	for (char *end, *at = (char *)line + used; count < MOST; count++, at = end) {
		x[count] = strtof(at, &end);
		if (end == at)
			break;
	}
	CHECK(count == shape[0] * shape[1], "%zu weights: %s", count, line);
	lines = lines_along(2, shape, 1);
	CHECK((tmo_groups_check_f32(x, &lines, n, m).broken == 0) == (strcmp(answer, "yes") == 0),
	      "not the published answer: %s", line);
}

/* The argument: vectors/prune-groups.txt. */
int
main(int argc, char **argv)
{
	FILE *const f = check_open(argc > 1 ? argv[1] : "tests/vectors/prune-groups.txt");
	char line[1000];
	int cases = 0;

	test_names();
	test_groups();
	for (; check_line(f, line, sizeof(line)); cases++)
		test_line(line);
	CHECK(cases == 12, "%d cases", cases);
	return check_status();
}
