/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

int
tmo_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool
tmo_ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

/* Whether c is in the set that p (just after '[') opens; *end is what follows its ']', or NULL. */
static bool
in_set(const char *p, unsigned char c, const char **end)
{
	const bool not = *p == '!';
	bool in = false;

	*end = NULL;
	p += not;
	for (bool first = true; *p != ']' || first; first = false) {
		unsigned char low, high;

		if (*p == '\\' && p[1] != '\0')
			p++;
		if (*p == '\0')
			return false;
		low = high = (unsigned char)*p++;
		if (*p == '-' && p[1] != ']' && p[1] != '\0') {
			p++;
			if (*p == '\\' && p[1] != '\0')
				p++;
			high = (unsigned char)*p++;
		}
		in = in || (low <= c && c <= high);
	}
	*end = p + 1;
	return in != not;
}

/* Matches one byte, not '\0', against the pattern's next unit, and says where the unit ends. */
static bool
matches_one(const char *pattern, unsigned char c, const char **rest)
{
	const char *end;

	*rest = pattern + 1;
	if (*pattern == '?')
		return true;
	if (*pattern == '[') {
		const bool in = in_set(pattern + 1, c, &end);

		if (end != NULL) {
			*rest = end;
			return in;
		}
	}
	if (*pattern == '\\' && pattern[1] != '\0') {
		pattern++;
		*rest = pattern + 1;
	}
	return (unsigned char)*pattern == c;
}

bool
tmo_glob(const char *pattern, const char *text)
{
	const char *after_star = NULL, *resume = NULL, *rest;

	/* only the last '*' has to be tried again: what an earlier one could reach, it can too */
	while (*text != '\0') {
		if (*pattern == '*') {
			after_star = ++pattern;
			resume = text;
		} else if (*pattern != '\0' && matches_one(pattern, (unsigned char)*text, &rest)) {
			pattern = rest;
			text++;
		} else if (after_star != NULL) {
			pattern = after_star;
			text = ++resume;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

char *
tmo_printable(const char *text, char *out, size_t size)
{
	size_t i = 0;

	for (; text[i] != '\0' && i + 1 < size; i++)
		out[i] = (unsigned char)text[i] < ' ' || text[i] == 127 ? '?' : text[i];
	out[i] = '\0';
	return out;
}

char *
tmo_ascii(const char *text, char *out, size_t size)
{
	size_t i = 0;

	for (; text[i] != '\0' && i + 1 < size; i++)
		out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	out[i] = '\0';
	return out;
}

char *
tmo_thousands(uint64_t number, char *out)
{
	char digits[24];
	const int count = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	size_t at = 0;

	for (int i = 0; i < count; i++) {
		if (i > 0 && (count - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}
