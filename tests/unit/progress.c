/* SPDX-License-Identifier: Apache-2.0 */
/* progress.c: what a bar says of amounts, in how many columns; estimates of time; records there and back. */
#include <math.h>
#include <string.h>

#include "run/progress.h"
#include "tests/unit/check.h"

static const struct {
	struct tmo_amount amount;
	size_t width;
	const char *text;
} lines[] = {
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 79,
	 " 50% [########        ] 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 0, 2, 8, 1, .25, 3, ""}, 79,
	 " 25% [####            ] 50.0 MB, 50 MB/s, 2 of 8 tensors, 3 s left"},
	{{1500000, 0, 7, 0, 0, -1, -1, ""}, 79, "1.5 MB, 0 MB/s, 7 tensors"},
	/* At the very start nothing is known of the end. */
	{{1500000, 0, 7, 0, 1, .001, 999, ""}, 79, "  0% [                ] 1.5 MB, 2 MB/s, 7 tensors"},
	/* What is not reading says what it is. */
	{{50000000, 50000000, 8, 8, 2, .8, 3.4, "compressing"}, 79,
	 " 80% [############    ] compressing, 3 s left"},
	{{0, 0, 0, 0, 0, -1, -1, "waiting for input"}, 79, "waiting for input"},
	/* Where columns are few the bar goes, then the totals; of the rest what does not fit, whole. */
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 75,
	 " 50% [########        ] 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 74,
	 " 50% [####    ] 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 60,
	 " 50% 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 45, " 50% 50.0 MB, 25 MB/s, 3 tensors, 2 s left"},
	{{1234500000, 4321000000, 1234, 5678, 9, .285, 22.6, ""}, 56,
	 " 28% 1234.5 MB, 137 MB/s, 1234 tensors, 23 s left"},
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 25, " 50% 50.0 MB, 25 MB/s"},
	{{50000000, 100000000, 3, 8, 2, .5, 2, ""}, 5, ""},
};

/* Started at 0, with the stretch at hand begun at `begun`; at `now` this is known of it. */
static const struct {
	const char *what;
	struct tmo_estimate e;
	double now, part, left;
} estimates[] = {
	{"a single stretch", {.part = .25}, 2, .25, 6},
	{"a whole that is not known", {.part = -1}, 2, -1, -1},
	{"nothing done yet", {.part = 0}, 2, 0, -1},
	{"the end is not before the end", {.part = 1}, 2, .99, 0},
	{"what comes after it", {.part = .5, .later = 6}, 2, .2, 8},
	{"the first of three passes", {.part = .5, .repeats = 2}, 2, 1. / 6, 10},
	{"later passes need not wait for the input", {.part = .5, .repeats = 1, .waited = 1}, 2, 1. / 3, 4},
	{"a cost before there is a pace", {.begun = 4, .cost = 4, .part = 0}, 5, .625, 3},
	{"half as fast as usual, so far", {.begun = 6, .cost = 4, .usual = 3, .took = 6}, 6, 3. / 7, 8},
	{"its own pace, for what comes after it too", {.cost = 4, .part = .5, .later = 2}, 6, 6. / 18, 12},
	{"longer than expected", {.begun = 1, .cost = 2, .later = 4}, 6, 6 / 23.5, 17.5},
	{"half as fast as usual, so far, in a pass", {.part = .5, .later = 3, .usual = 1, .took = 2}, 2, .2, 8},
};

int
main(void)
{
	const char *const odd[] = {"", "1 2 3 4", "x 1 2 3 4", "12", "1 2 3 4 5 6 7 8", "1 2 3 4 5 1 2 3 x"};
	struct tmo_amount a, b = {34, 56, 7, 8, 1.5, .25, 4.5, "trying layouts"};
	char text[TMO_PROGRESS_TEXT];
	double part, left;
	long pid;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		tmo_progress_text(&lines[i].amount, lines[i].width, text, sizeof(text));
		CHECK(strcmp(text, lines[i].text) == 0, "line %zu: \"%s\", not \"%s\"", i, text,
		      lines[i].text);
	}
	for (size_t i = 0; i < sizeof(estimates) / sizeof(*estimates); i++) {
		tmo_estimate_at(&estimates[i].e, estimates[i].now, &part, &left);
		CHECK(fabs(part - estimates[i].part) < 1e-9 && fabs(left - estimates[i].left) < 1e-9,
		      "%s: %g and %g s left, not %g and %g", estimates[i].what, part, left,
		      estimates[i].part, estimates[i].left);
	}
	tmo_progress_record(&b, 12, text);
	text[strcspn(text, "\n")] = '\0';
	CHECK(tmo_progress_parse(text, &pid, &a) && pid == 12 && a.bytes == 34 && a.bytes_total == 56 &&
	      a.tensors == 7 && a.tensors_total == 8 && a.seconds == 1.5 && a.part == .25 &&
	      a.left == 4.5 && strcmp(a.doing, "trying layouts") == 0, "a record is not read: %s", text);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		CHECK(!tmo_progress_parse(odd[i], &pid, &a), "\"%s\" passes for a record", odd[i]);
	return check_status();
}
