/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "base/text.h"
#include "base/utf8.h"
#include "stream/member_name.h"

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
tmo_name_shown(const char *name, struct tmo_error *err)
{
	return tmo_utf8_is_valid(name) ? tmo_copy_string(name, err) : tmo_name_encode_whole(name, err);
}

char *
tmo_name_encode(const char *name, bool *cut, struct tmo_error *err)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char digest[TMO_SHA256_BYTES];
	char *stem = tmo_name_encode_whole(name, err), *to;

	if (stem == NULL)
		return NULL;
	*cut = strlen(stem) > TMO_STEM_MAX;
	if (!*cut)
		return stem;
	tmo_sha256_of(name, strlen(name), digest);
	to = stem + KEPT;
	*to++ = '~';
	for (int i = 0; i < 16; i++) {
		*to++ = hex[digest[i] >> 4];
		*to++ = hex[digest[i] & 15];
	}
	*to = '\0';
	return stem;
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

char *
tmo_member_path(const char *stem, const char *rest, struct tmo_error *err)
{
	const size_t size = strlen(TMO_TENSORS) + strlen(stem) + strlen(rest) + 1;
	char *path = tmo_alloc(size, 1, err);

	if (path != NULL)
		snprintf(path, size, "%s%s%s", TMO_TENSORS, stem, rest);
	return path;
}

const char *
tmo_member_in_tensors(const char *path)
{
	const size_t length = strlen(TMO_TENSORS);

	return strncmp(path, TMO_TENSORS, length) == 0 ? path + length : NULL;
}
