/* SPDX-License-Identifier: Apache-2.0 */
/* progress.c: what a bar says of amounts, in how many columns; records there and back. */
#include <string.h>

#include "run/progress.h"
#include "tests/unit/check.h"

static const struct {
	struct tmo_amount amount;
	double seconds;
	size_t width;
	const char *text;
} lines[] = {
	{{50000000, 100000000, 3, 8}, 2, 79,
	 " 50% [########        ] 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 0, 2, 8}, 1, 79, " 25% [####            ] 50.0 MB, 50 MB/s, 2 of 8 tensors, 3 s left"},
	{{1500000, 0, 7, 0}, 0, 79, "1.5 MB, 0 MB/s, 7 tensors"},
	{{200, 100, 9, 8}, 1, 79, "100% [################] 0.0 of 0.0 MB, 0 MB/s, 9 of 8 tensors, 0 s left"},
	/* Where columns are few the bar goes, then the totals; of the rest what does not fit, whole. */
	{{50000000, 100000000, 3, 8}, 2, 75,
	 " 50% [########        ] 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 100000000, 3, 8}, 2, 74,
	 " 50% [####    ] 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 100000000, 3, 8}, 2, 60, " 50% 50.0 of 100.0 MB, 25 MB/s, 3 of 8 tensors, 2 s left"},
	{{50000000, 100000000, 3, 8}, 2, 45, " 50% 50.0 MB, 25 MB/s, 3 tensors, 2 s left"},
	{{1234500000, 4321000000, 1234, 5678}, 9, 56,
	 " 28% 1234.5 MB, 137 MB/s, 1234 tensors, 23 s left"},
	{{50000000, 100000000, 3, 8}, 2, 25, " 50% 50.0 MB, 25 MB/s"},
	{{50000000, 100000000, 3, 8}, 2, 5, ""},
};

int
main(void)
{
	const char *const odd[] = {"", "1 2 3 4", "x 1 2 3 4", "12"};
	struct tmo_amount a;
	char text[TMO_PROGRESS_TEXT];
	long pid;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		tmo_progress_text(&lines[i].amount, lines[i].seconds, lines[i].width, text, sizeof(text));
		CHECK(strcmp(text, lines[i].text) == 0, "line %zu: \"%s\", not \"%s\"", i, text,
		      lines[i].text);
	}
	CHECK(tmo_progress_parse("12 34 56 7 8", &pid, &a) && pid == 12 && a.bytes == 34 &&
	      a.bytes_total == 56 && a.tensors == 7 && a.tensors_total == 8, "a record is not read");
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		CHECK(!tmo_progress_parse(odd[i], &pid, &a), "\"%s\" passes for a record", odd[i]);
	return check_status();
}
