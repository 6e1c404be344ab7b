/* SPDX-License-Identifier: Apache-2.0 */
/* Text cut to a width, by its ends and so that many stay different. */
#include <string.h>

#include "base/cut_text.h"
#include "check.h"

static void
fits(const char *text, size_t columns, size_t head, const char *wanted)
{
	char out[64];

	tmo_text_fit(text, columns, head, out, sizeof(out));
	CHECK(strcmp(out, wanted) == 0, "\"%s\" is %s", text, out);
}

static void
check_cuts(void)
{
	fits("weight", 6, TMO_CUT_MIDDLE, "weight");
	fits("encoder.weight", 8, TMO_CUT_MIDDLE, "enc..ght");
	fits("encoder.weight", 9, TMO_CUT_MIDDLE, "enc..ight");
	fits("encoder.weight", 8, 0, "..weight");
	fits("encoder.weight", 8, 6, "encode..");
	fits("a\tb", 8, TMO_CUT_MIDDLE, "a?b");
	/* characters of two and three bytes are one column each */
	fits("gr\xc3\xb6\xc3\x9f" "enordnung", 8, TMO_CUT_MIDDLE, "gr\xc3\xb6..ung");
	fits("\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac\xe2\x82\xac", 4, TMO_CUT_MIDDLE,
	     "\xe2\x82\xac..\xe2\x82\xac");
	CHECK(tmo_text_columns("gr\xc3\xb6\xc3\x9f" "e") == 5, "wrong width");
}

static void
chooses(const char *const *text, size_t count, size_t columns, size_t wanted, size_t wanted_same)
{
	struct tmo_error err = { 0 };
	size_t head = 0, same = 0;
	const int status = tmo_text_choose_cut(text, count, columns, &head, &same, &err);

	CHECK(status == 0 && head == wanted && same == wanted_same, "of %zu texts %zu columns stay, and %zu "
	      "look like another", count, head, same);
}

static void
check_choice(void)
{
	static const char *const layers[] = {
		"model.layers.0.attention.projection.weight", "model.layers.1.attention.projection.weight",
		"model.layers.2.attention.projection.weight",
	};
	static const char *const ends[] = { "a.long.name.of.a.weight", "a.long.name.of.a.bias" };

	/* the middle, where it does */
	chooses(ends, 2, 12, 5, 0);
	/* 13 columns are before the number, 28 behind it */
	chooses(layers, 3, 20, 14, 0);
	chooses(layers, 0, 20, 9, 0);
	/* where no cut tells them apart there is one all the same */
	chooses(layers, 3, 8, 3, 2);
}

int
main(void)
{
	check_cuts();
	check_choice();
	return check_status();
}
