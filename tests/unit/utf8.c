/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c: every code point there and back; what is no UTF-8 by RFC 3629, section 10 among others. */
#include "base/utf8.h"
#include "tests/unit/check.h"

/* The bytes of a code point, by the table of RFC 3629, section 3, whether it may be written or not. */
static int
encode(unsigned long c, char *out)
{
	const int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned lead[] = { 0, 0xc0, 0xe0, 0xf0 };

	out[0] = (char)(lead[more] | c >> 6 * more);
	for (int i = 1; i <= more; i++)
		out[i] = (char)(0x80 | (c >> 6 * (more - i) & 0x3f));
	out[more + 1] = '\0';
	return more + 1;
}

static const char *const bad[] = {
	"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80",
	"\xf0\x8f\xbf\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
	"\xff", "\xfe", "a\xc3", "a\xe2\x82", "a\xf0\x9f\x98", "\xc3(", "\xe2\x28\xa1", "\xe2\x82\x28",
	"fine \xc3\xa4 and then \xc3",
};

int
main(void)
{
	char text[8];

	for (unsigned long c = 1; c < 0x110000; c++) {
		const int length = encode(c, text);
		const bool surrogate = c >= 0xd800 && c < 0xe000;

		CHECK(tmo_utf8_length(text) == (surrogate ? 0 : length), "U+%04lX: %d bytes", c,
		      tmo_utf8_length(text));
		CHECK(tmo_utf8_is_valid(text) == !surrogate, "U+%04lX", c);
	}
	CHECK(tmo_utf8_length("") == 1, "the NUL byte");
	CHECK(tmo_utf8_is_valid(""), "no text at all");
	CHECK(tmo_utf8_is_valid("a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80z"), "four lengths");
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!tmo_utf8_is_valid(bad[i]), "text %zu passes", i);
	return check_status();
}
