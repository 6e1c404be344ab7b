/* SPDX-License-Identifier: Apache-2.0 */
/* sha256sums.c: SHA256SUMS, as sha256sum(1) writes and checks it. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/text.h"
#include "stream/packed.h"

#define DIGITS 64

int
tmo_sha256sums_add(struct tmo_sha256sums *sums, const char *path, const unsigned char digest[32],
             struct tmo_error *err)
{
	struct tmo_sha256sum *sum;

	if (tmo_grow(&sums->sum, sums->count, &sums->room, sizeof(*sum), err) < 0)
		return -1;
	sum = &sums->sum[sums->count];
	*sum = (struct tmo_sha256sum){.path = tmo_copy_string(path, err)};
	if (sum->path == NULL)
		return -1;
	memcpy(sum->digest, digest, sizeof(sum->digest));
	sums->count++;
	return 0;
}

/* sha256sum escapes these, and says so with a backslash before the digest. */
static const char escaped[] = "\\\n\r", letters[] = "\\nr";

static int
emit_sum(const struct tmo_sha256sum *sum, struct tmo_buffer *out, struct tmo_error *err)
{
	if (strpbrk(sum->path, escaped) != NULL && tmo_buffer_append(out, "\\", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(sum->digest); i++)
		if (tmo_buffer_printf(out, err, "%02x", sum->digest[i]) < 0)
			return -1;
	/* A file of the name "-" would be sha256sum's standard input. */
	if (tmo_buffer_printf(out, err, strcmp(sum->path, "-") == 0 ? "  ./" : "  ") < 0)
		return -1;
	for (const char *p = sum->path; *p != '\0'; p++) {
		const char *special = strchr(escaped, *p);

		if ((special != NULL ? tmo_buffer_printf(out, err, "\\%c", letters[special - escaped])
		                     : tmo_buffer_append(out, p, 1, err)) < 0)
			return -1;
	}
	return tmo_buffer_append(out, "\n", 1, err);
}

int
tmo_sha256sums_emit(const struct tmo_sha256sums *sums, struct tmo_buffer *out, struct tmo_error *err)
{
	for (size_t i = 0; i < sums->count; i++)
		if (emit_sum(&sums->sum[i], out, err) < 0)
			return -1;
	return 0;
}

/* Undoes the escapes in place. */
static bool
unescape(char *path)
{
	char *to = path;

	for (const char *p = path; *p != '\0'; p++) {
		const char *letter = p[0] == '\\' && p[1] != '\0' ? strchr(letters, p[1]) : NULL;

		if (*p == '\\' && letter == NULL)
			return false;
		*to++ = letter != NULL ? escaped[letter - letters] : *p;
		p += letter != NULL;
	}
	*to = '\0';
	return true;
}

/* One line without its newline: [\]DIGEST, a space, a space or *, the path. */
static int
parse_line(const char *line, size_t length, struct tmo_sha256sums *sums, struct tmo_error *err)
{
	const bool is_escaped = length > 0 && line[0] == '\\';
	unsigned char digest[DIGITS / 2];
	bool good;
	char *path;
	int status = -1;

	line += is_escaped;
	length -= is_escaped;
	good = length > DIGITS + 2 && line[DIGITS] == ' ' &&
	    (line[DIGITS + 1] == ' ' || line[DIGITS + 1] == '*') && memchr(line, '\0', length) == NULL;
	for (size_t i = 0; good && i < sizeof(digest); i++) {
		const int high = tmo_hex_value(line[2 * i]), low = tmo_hex_value(line[2 * i + 1]);

		good = high >= 0 && low >= 0;
		digest[i] = (unsigned char)((unsigned)high << 4 | (unsigned)low);
	}
	if (!good)
		return tmo_fail(err, "line %zu is no SHA-256 digest and name; the stream is damaged",
		                sums->count + 1);
	line += DIGITS + 2;
	length -= DIGITS + 2;
	if (length > 2 && memcmp(line, "./", 2) == 0) {
		line += 2;
		length -= 2;
	}
	if ((path = tmo_alloc(length + 1, 1, err)) == NULL)
		return -1;
	memcpy(path, line, length);
	if (is_escaped && !unescape(path))
		tmo_fail(err, "bad escape in line %zu; the stream is damaged", sums->count + 1);
	else
		status = tmo_sha256sums_add(sums, path, digest, err);
	free(path);
	return status;
}

int
tmo_sha256sums_parse(const void *text, size_t size, struct tmo_sha256sums *sums, struct tmo_error *err)
{
	const char *line = text, *end = line + size;

	while (line < end) {
		const char *newline = memchr(line, '\n', (size_t)(end - line));

		if (newline == NULL) {
			tmo_fail(err, "the last line has no end; the stream is damaged");
			break;
		}
		if (parse_line(line, (size_t)(newline - line), sums, err) < 0)
			break;
		line = newline + 1;
	}
	if (line == end)
		return 0;
	tmo_sha256sums_free(sums);
	return tmo_fail_at(err, TMO_PACKED_SUMS);
}

int
tmo_sha256sums_check(struct tmo_sha256sums *sums, const char *path, const unsigned char digest[32],
               struct tmo_error *err)
{
	/* Members mostly come in the order of the list: search from the last one found. */
	for (size_t i = 0; i < sums->count; i++) {
		const size_t at = (sums->cursor + i) % sums->count;
		struct tmo_sha256sum *sum = &sums->sum[at];

		if (strcmp(sum->path, path) != 0)
			continue;
		if (sum->seen) {
			tmo_fail(err, "there are two members of this name; the stream is damaged");
			return tmo_fail_at(err, path);
		}
		sum->seen = true;
		sums->cursor = at + 1;
		if (memcmp(sum->digest, digest, sizeof(sum->digest)) == 0)
			return 0;
		tmo_fail(err, "SHA-256 is not the one in SHA256SUMS; the stream is damaged");
		return tmo_fail_at(err, path);
	}
	tmo_fail(err, "not in SHA256SUMS; the stream is damaged");
	return tmo_fail_at(err, path);
}

int
tmo_sha256sums_complete(const struct tmo_sha256sums *sums, struct tmo_error *err)
{
	for (size_t i = 0; i < sums->count; i++)
		if (!sums->sum[i].seen) {
			tmo_fail(err, "in SHA256SUMS but not in the stream; the stream is damaged");
			return tmo_fail_at(err, sums->sum[i].path);
		}
	return 0;
}

void
tmo_sha256sums_free(struct tmo_sha256sums *sums)
{
	for (size_t i = 0; i < sums->count; i++)
		free(sums->sum[i].path);
	free(sums->sum);
	*sums = (struct tmo_sha256sums){0};
}
