/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

int
tmo_utf8_length(const char *text)
{
	const unsigned char *const p = (const unsigned char *)text;
	const int more = p[0] < 0x80 ? 0 : p[0] < 0xc2 ? -1 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 :
	                 p[0] < 0xf5 ? 3 : -1;

	for (int i = 1; i <= more; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
	    (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return more + 1;
}

bool
tmo_utf8_is_valid(const char *text)
{
	int length;

	for (; *text != '\0'; text += length)
		if ((length = tmo_utf8_length(text)) == 0)
			return false;
	return true;
}
