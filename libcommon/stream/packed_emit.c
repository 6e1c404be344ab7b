/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed_emit.c: the text of tensors.yaml. It is the flow style of YAML that is JSON too: a device
 * needs no YAML parser, and both know how to escape nothing, since all of it is plain ASCII words.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/text.h"
#include "stream/member_name.h"
#include "stream/packed.h"

static bool
is_alnum(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* The length of the word at text: letters, digits and _ . + -. */
static size_t
word_length(const char *text, const char *end)
{
	const char *p = text;

	while (p < end && (is_alnum(*p) || (*p != '\0' && strchr("_.+-", *p) != NULL)))
		p++;
	return (size_t)(p - text);
}

/* How long the value `word` or `[word, word]` at text is; 0 if there is neither. */
static size_t
value_length(const char *text, const char *end)
{
	const char *p = text;
	size_t length;

	if (p == end || *p != '[')
		return word_length(p, end);
	p++;
	if (p < end && *p == ']')
		return 2;
	for (;;) {
		if ((length = word_length(p, end)) == 0)
			return 0;
		p += length;
		if (p < end && *p == ']')
			return (size_t)(p + 1 - text);
		if (end - p < 2 || p[0] != ',' || p[1] != ' ')
			return 0;
		p += 2;
	}
}

#define KEY_MAX 100	/* YAML parsers refuse keys of more than 1,024 bytes */

bool
tmo_packed_yaml_fits(const char *text, size_t size)
{
	const char *p = text, *end = text + size;
	size_t length;

	if (memchr(text, '\0', size) != NULL)
		return false;
	while (p < end) {
		length = word_length(p, end);
		if (length == 0 || length > KEY_MAX || end - p - (ptrdiff_t)length < 2 ||
		    p[length] != ':' || p[length + 1] != ' ')
			return false;
		p += length + 2;
		if ((length = value_length(p, end)) == 0 || p + length == end || p[length] != '\n')
			return false;
		p += length + 1;
	}
	return size > 0;
}

/* A word as JSON: a whole number as it is, anything else in quotes. */
static int
emit_word(struct tmo_buffer *out, const char *word, size_t length, struct tmo_error *err)
{
	bool number = length <= 15 && (word[0] != '0' || length == 1);

	for (size_t i = 0; i < length; i++)
		number = number && word[i] >= '0' && word[i] <= '9';
	return tmo_buffer_printf(out, err, number ? "%.*s" : "\"%.*s\"", (int)length, word);
}

static int
emit_value(struct tmo_buffer *out, const char *text, size_t length, struct tmo_error *err)
{
	const char *p = text, *end = text + length;

	if (*p != '[')
		return emit_word(out, text, length, err);
	if (tmo_buffer_append(out, "[", 1, err) < 0)
		return -1;
	for (p++; *p != ']'; p += *p == ',' ? 2 : 0) {
		const size_t word = word_length(p, end);

		if (emit_word(out, p, word, err) < 0 ||
		    (p[word] == ',' && tmo_buffer_append(out, ", ", 2, err) < 0))
			return -1;
		p += word;
	}
	return tmo_buffer_append(out, "]", 1, err);
}

/* tensor.yaml as a mapping; *shape is its shape's text, empty if it has none. */
static int
emit_yaml(struct tmo_buffer *out, const char *text, const char **shape, size_t *shape_length,
          struct tmo_error *err)
{
	const char *p = text, *end = text + strlen(text);

	*shape = "";
	*shape_length = 0;
	if (!tmo_packed_yaml_fits(text, strlen(text)))
		return tmo_fail(err, "tensor.yaml is not made of plain words; report this");
	if (tmo_buffer_append(out, "\"yaml\": {", 9, err) < 0)
		return -1;
	while (p < end) {
		const size_t key = word_length(p, end), value = value_length(p + key + 2, end);

		if (tmo_buffer_printf(out, err, "%s\"%.*s\": ", p > text ? ", " : "", (int)key, p) < 0 ||
		    emit_value(out, p + key + 2, value, err) < 0)
			return -1;
		if (key == 5 && memcmp(p, "shape", 5) == 0) {
			*shape = p + key + 2;
			*shape_length = value;
		}
		p += key + 2 + value + 1;
	}
	return tmo_buffer_append(out, "}, ", 3, err);
}

/* A path with the bytes outside A-Z a-z 0-9 . _ - ~ / as %XX, in quotes. */
static int
emit_path(struct tmo_buffer *out, const char *path, struct tmo_error *err)
{
	if (tmo_buffer_append(out, "\"", 1, err) < 0)
		return -1;
	for (const char *p = path; *p != '\0'; p++) {
		const bool plain = is_alnum(*p) || strchr("._-~/", *p) != NULL;

		if ((plain ? tmo_buffer_append(out, p, 1, err)
		           : tmo_buffer_printf(out, err, "%%%02X", (unsigned char)*p)) < 0)
			return -1;
	}
	return tmo_buffer_append(out, "\"", 1, err);
}

/* `"name": "STEM"` where the stem is written as tmo writes them, else `"path": "…"`. */
static int
emit_place(struct tmo_buffer *out, const struct tmo_packed_tensor *t, struct tmo_error *err)
{
	const char *const path = t->path, *const stem = t->other ? NULL : tmo_member_in_tensors(path);
	const char *const ending = t->encoded ? "" : ".npy";
	size_t length = 0;
	bool plain;

	if (stem != NULL && tmo_ends_with(stem, ending))
		length = strlen(stem) - strlen(ending);
	plain = length > 0;
	for (size_t i = 0; i < length; i++)
		plain = plain && (is_alnum(stem[i]) || strchr("._%~-", stem[i]) != NULL);
	if (plain)
		return tmo_buffer_printf(out, err, "\"name\": \"%.*s\", ", (int)length, stem);
	if (tmo_buffer_append(out, "\"path\": ", 8, err) < 0 || emit_path(out, path, err) < 0)
		return -1;
	return tmo_buffer_append(out, ", ", 2, err);
}

/* `CODING, OFFSET, LENGTH, TYPE, SHAPE`; the shape is left out where it is the tensor's. */
static int
emit_part(struct tmo_buffer *out, const struct tmo_packed_part *part, const char *shape,
          size_t shape_length, struct tmo_error *err)
{
	struct tmo_buffer own = {0};
	int status = -1;

	switch (part->coding) {
	case TMO_CODING_PLAIN:
		status = tmo_buffer_printf(out, err, "\"plain\"");
		break;
	case TMO_CODING_BITS:
		status = tmo_buffer_printf(out, err, "\"bits%d\"", part->bits);
		break;
	case TMO_CODING_MASK:
		status = tmo_buffer_printf(out, err, tmo_type_is_signed(part->type) ?
		             "\"mask%d:%" PRId64 "\"" : "\"mask%d:%" PRIu64 "\"", part->bits,
		             part->common);
		break;
	case TMO_CODING_FILE:
		status = tmo_buffer_printf(out, err, "\"file\"");
		break;
	}
	if (status < 0 || tmo_buffer_printf(out, err, ", %" PRIu64 ", %" PRIu64, part->offset,
	                                    part->length) < 0)
		return -1;
	if (part->coding == TMO_CODING_FILE)
		return 0;
	status = tmo_buffer_printf(&own, err, "[");
	for (int i = 0; i < part->rank && status == 0; i++)
		status = tmo_buffer_printf(&own, err, i > 0 ? ", %zu" : "%zu", part->shape[i]);
	if (status == 0)
		status = tmo_buffer_printf(&own, err, "]");
	if (status == 0)
		status = tmo_buffer_printf(out, err, ", \"%s\"", tmo_type_name(part->type));
	if (status == 0 && (own.size != shape_length || memcmp(own.data, shape, own.size) != 0))
		status = tmo_buffer_printf(out, err, ", %s", (char *)own.data);
	tmo_buffer_free(&own);
	return status;
}

static int
emit_parts(struct tmo_buffer *out, const struct tmo_packed_tensor *t, struct tmo_error *err)
{
	const size_t folder = strlen(t->path) + 1;
	const char *shape = "";
	size_t shape_length = 0;

	if (t->yaml != NULL && emit_yaml(out, t->yaml, &shape, &shape_length, err) < 0)
		return -1;
	if (tmo_buffer_printf(out, err, "\"parts\": [") < 0)
		return -1;
	for (size_t i = 0; i <= t->part_count; i++) {
		if (t->yaml != NULL && i == t->yaml_place && i > 0 &&
		    tmo_buffer_printf(out, err, ", [\"tensor.yaml\"]") < 0)
			return -1;
		if (i == t->part_count)
			break;
		if (tmo_buffer_printf(out, err, i > 0 ? ", [" : "[") < 0 ||
		    emit_path(out, t->part[i].path + folder, err) < 0 ||
		    tmo_buffer_append(out, ", ", 2, err) < 0 ||
		    emit_part(out, &t->part[i], shape, shape_length, err) < 0 ||
		    tmo_buffer_append(out, "]", 1, err) < 0)
			return -1;
	}
	return tmo_buffer_append(out, "]", 1, err);
}

static int
emit_tensor(struct tmo_buffer *out, const struct tmo_packed_tensor *t, struct tmo_error *err)
{
	if (tmo_buffer_append(out, "{", 1, err) < 0 || emit_place(out, t, err) < 0)
		return -1;
	if (t->encoded) {
		if (emit_parts(out, t, err) < 0)
			return -1;
	} else if (tmo_buffer_printf(out, err, t->other ? "\"other\": [" : "\"npy\": [") < 0 ||
	           emit_part(out, &t->part[0], "", 0, err) < 0 ||
	           tmo_buffer_append(out, "]", 1, err) < 0) {
		return -1;
	}
	if (tmo_buffer_printf(out, err, ", \"sha256\": \"") < 0)
		return -1;
	for (size_t i = 0; i < sizeof(t->digest); i++)
		if (tmo_buffer_printf(out, err, "%02x", t->digest[i]) < 0)
			return -1;
	return tmo_buffer_append(out, "\"}", 2, err);
}

int
tmo_packed_emit(const struct tmo_packed_index *index, struct tmo_buffer *out,
                struct tmo_error *err)
{
	if (tmo_buffer_printf(out, err, "{\"tmo\": %d, \"tensors\": [\n", TMO_STREAM_VERSION) < 0)
		return -1;
	for (size_t i = 0; i < index->count; i++)
		if (emit_tensor(out, &index->tensor[i], err) < 0 ||
		    tmo_buffer_printf(out, err, i + 1 < index->count ? ",\n" : "\n") < 0)
			return -1;
	return tmo_buffer_printf(out, err, "]}\n");
}
