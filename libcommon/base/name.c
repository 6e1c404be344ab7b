/* SPDX-License-Identifier: Apache-2.0 */
#include "name.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

#define KEPT 150	/* bytes of a cut stem before its "~" */

static bool
is_plain(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
	       || c == '.' || c == '_' || c == '-';
}

char *
tmo_name_encode_whole(const char *name, struct tmo_error *err)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t room;
	char *stem, *to;

	if (tmo_mul_size(strlen(name), 3, &room, err) < 0 || tmo_add_size(room, 1, &room, err) < 0)
		return NULL;
	if ((stem = to = tmo_alloc(room, 1, err)) == NULL)
		return NULL;
	for (const char *p = name; *p != '\0'; p++) {
		const unsigned char c = (unsigned char)*p;

		if (is_plain(c) && !(c == '.' && p == name)) {
			*to++ = *p;
			continue;
		}
		*to++ = '%';
		*to++ = hex[c >> 4];
		*to++ = hex[c & 15];
	}
	*to = '\0';
	return stem;
}

char *
tmo_name_encode(const char *name, bool *cut, struct tmo_error *err)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[SHA256_DIGEST_SIZE];
	struct sha256_ctx sha;
	char *stem = tmo_name_encode_whole(name, err), *to;

	if (stem == NULL)
		return NULL;
	*cut = strlen(stem) > TMO_STEM_MAX;
	if (!*cut)
		return stem;
	sha256_init(&sha);
	sha256_update(&sha, strlen(name), (const uint8_t *)name);
	sha256_digest(&sha, sizeof digest, digest);
	to = stem + KEPT;
	*to++ = '~';
	for (int i = 0; i < 16; i++) {
		*to++ = hex[digest[i] >> 4];
		*to++ = hex[digest[i] & 15];
	}
	*to = '\0';
	return stem;
}

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

char *
tmo_name_decode(const char *stem, struct tmo_error *err)
{
	char *name = tmo_copy_string(stem, err), *to = name;

	if (name == NULL)
		return NULL;
	for (const char *p = stem; *p != '\0'; p++) {
		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		const int high = tmo_hex_value(p[1]), low = high < 0 ? -1 : tmo_hex_value(p[2]);

		if (low < 0 || high + low == 0) {
			char shown[64];

			tmo_fail(err, "\"%s\" is no percent-encoded name: \"%%\" needs two hex digits, not 00; "
			         "write %% as %%25", tmo_printable(stem, shown, sizeof shown));
			free(name);
			return NULL;
		}
		*to++ = (char)(high << 4 | low);
		p += 2;
	}
	*to = '\0';
	return name;
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
