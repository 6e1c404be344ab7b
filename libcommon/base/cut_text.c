/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/cut_text.h"
#include "base/memory.h"
#include "base/text.h"

#define MARK 2			/* columns of the two dots */
#define FITTED 1024

size_t
tmo_text_columns(const char *text)
{
	size_t columns = 0;

	for (; *text != '\0'; text++)
		columns += (*text & 0xc0) != 0x80;
	return columns;
}

/* The start of character number i. */
static const char *
character(const char *text, size_t i)
{
	for (;; text++) {
		if ((*text & 0xc0) == 0x80)
			continue;
		if (i-- == 0)
			return text;
	}
}

char *
tmo_text_fit(const char *text, size_t columns, size_t head, char *out, size_t size)
{
	const size_t has = tmo_text_columns(text), kept = columns - MARK;
	size_t bytes;

	if (has <= columns)
		return tmo_printable(text, out, size);
	if (head > kept)
		head = kept / 2;
	bytes = (size_t)(character(text, head) - text);
	if (bytes + MARK + 1 > size)
		bytes = size - MARK - 1;
	tmo_printable(text, out, bytes + 1);
	memcpy(out + bytes, "..", MARK);
	tmo_printable(character(text, has - (kept - head)), out + bytes + MARK, size - bytes - MARK);
	return out;
}

static uint64_t
hash(const char *text)
{
	uint64_t h = 0xcbf29ce484222325u;	/* FNV-1a */

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * 0x100000001b3u;
	return h;
}

static int
by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* How many different texts are left of them if all are cut there. */
static size_t
count_different(const char *const *text, size_t count, size_t columns, size_t head, uint64_t *hashes)
{
	char fitted[FITTED];
	size_t different = 0;

	for (size_t i = 0; i < count; i++)
		hashes[i] = hash(tmo_text_fit(text[i], columns, head, fitted, sizeof(fitted)));
	if (count > 0)
		qsort(hashes, count, sizeof(*hashes), by_value);
	for (size_t i = 0; i < count; i++)
		different += i == 0 || hashes[i] != hashes[i - 1];
	return different;
}

int
tmo_text_choose_cut(const char *const *text, size_t count, size_t columns, size_t *head, size_t *same,
                    struct tmo_error *err)
{
	const size_t kept = columns - MARK, middle = kept / 2;
	uint64_t *const hashes = tmo_alloc(count, sizeof(*hashes), err);
	size_t most = 0;

	if (hashes == NULL)
		return -1;
	*head = middle;
	for (size_t away = 0; away <= kept - middle && most < count; away++)
		for (int side = 0; side < 2; side++) {
			const size_t at = side == 0 ? middle - away : middle + away;
			const size_t different = at <= kept ?	/* below 0 it is beyond, too */
			                         count_different(text, count, columns, at, hashes) : 0;

			if (different > most) {
				most = different;
				*head = at;
			}
		}
	*same = count - most;
	free(hashes);
	return 0;
}
