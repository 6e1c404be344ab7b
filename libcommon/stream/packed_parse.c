/* SPDX-License-Identifier: Apache-2.0 */
/* packed_parse.c: tensors.yaml read, with nothing in it believed. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/text.h"
#include "stream/member_name.h"
#include "stream/packed.h"

#define PADDING_MAX 7	/* bytes of the blob between two parts */

/* A path as emit_path writes it, decoded, behind prefix; the caller frees it. */
static char *
read_path(const char *prefix, const char *text, struct tmo_error *err)
{
	const size_t start = strlen(prefix);
	char *path = tmo_alloc(start + strlen(text) + 1, 1, err), *to;

	if (path == NULL)
		return NULL;
	memcpy(path, prefix, start);
	to = path + start;
	for (const char *p = text; *p != '\0'; p++) {
		int high = 0, low = 0;

		if (*p != '%') {
			*to++ = *p;
			continue;
		}
		if ((high = tmo_hex_value(p[1])) < 0 || (low = tmo_hex_value(p[2])) < 0 || high + low == 0) {
			tmo_fail(err, "bad escape in the path %.80s; the stream is damaged", text);
			free(path);
			return NULL;
		}
		*to++ = (char)(high << 4 | low);
		p += 2;
	}
	if (!tmo_path_is_canonical(path)) {
		tmo_fail(err, "path \"%.80s\" leads out of the stream; it is not extracted", text);
		free(path);
		return NULL;
	}
	return path;
}

/* The whole number that ends text; what follows is an error. */
static bool
read_number(const char *text, uint64_t *value)
{
	*value = 0;
	if (*text == '\0' || strlen(text) > 20)
		return false;
	for (; *text != '\0'; text++) {
		const uint64_t digit = (uint64_t)(*text - '0');

		if (*text < '0' || *text > '9' || *value > (UINT64_MAX - digit) / 10)
			return false;
		*value = *value * 10 + digit;
	}
	return true;
}

/* "bits4", "mask5:-3", …; the type is known. */
static bool
read_coding(const char *text, struct tmo_packed_part *part)
{
	const size_t length = strcspn(text, ":");
	const int width = 8 * (int)tmo_type_size(part->type);
	const bool is_signed = tmo_type_is_signed(part->type);
	const char *common = text + length;
	char number[4] = "";
	uint64_t bits, limit = UINT64_MAX >> (64 - width + is_signed);
	bool negative;

	part->coding = *common == ':' ? TMO_CODING_MASK : TMO_CODING_BITS;
	if (strncmp(text, *common == ':' ? "mask" : "bits", 4) != 0 || length - 4 >= sizeof(number))
		return false;
	memcpy(number, text + 4, length - 4);
	if (!read_number(number, &bits) || bits < 1 || bits > (uint64_t)width)
		return false;
	part->bits = (int)bits;
	if (part->coding == TMO_CODING_BITS)
		return true;
	negative = common[1] == '-' && is_signed;
	if (!read_number(common + 1 + negative, &part->common) || part->common > limit + negative)
		return false;
	if (negative)
		part->common = (uint64_t)0 - part->common;
	return true;
}

static int
check_length(const struct tmo_packed_part *part, struct tmo_error *err)
{
	const size_t n = part->count, mask = n / 8 + (n % 8 != 0);
	uint64_t low = 0, high = part->length;

	switch (part->coding) {
	case TMO_CODING_PLAIN:
		low = high = n * tmo_type_size(part->type);
		break;
	case TMO_CODING_BITS:
		low = high = tmo_bits_bytes(n, part->bits);
		break;
	case TMO_CODING_MASK:
		low = mask;
		high = mask + tmo_bits_bytes(n, part->bits);
		break;
	case TMO_CODING_FILE:
		break;
	}
	if (part->length < low || part->length > high)
		return tmo_fail(err, "%" PRIu64 " bytes hold no %zu elements; the stream is damaged",
		                part->length, n);
	return 0;
}

static int
read_shape(const struct tmo_yaml *list, struct tmo_packed_part *part, struct tmo_error *err)
{
	uint64_t size;

	if (list == NULL || list->kind != TMO_YAML_LIST || tmo_yaml_count(list) > TMO_RANK_MAX)
		return tmo_fail(err, "no shape, or no list of at most %d; the stream is damaged",
		                TMO_RANK_MAX);
	for (const struct tmo_yaml *item = list->first; item != NULL; item = item->next) {
		if (tmo_yaml_size(item, &size, err) < 0)
			return -1;
		if (size > SIZE_MAX)
			return tmo_fail(err, "axis of %" PRIu64 "; this machine is too small", size);
		part->shape[part->rank++] = (size_t)size;
	}
	return tmo_shape_count(part->rank, part->shape, tmo_type_size(part->type), &part->count, err);
}

/* CODING, OFFSET, LENGTH [, TYPE [, SHAPE]] from `item` on. */
static int
read_part(const struct tmo_yaml *item, const struct tmo_yaml *shape,
          struct tmo_packed_part *part, struct tmo_error *err)
{
	const struct tmo_yaml *field[5] = {0};
	int n = 0;

	for (; item != NULL && n < 5; item = item->next)
		field[n++] = item;
	if (n < 3 || item != NULL || field[0]->kind != TMO_YAML_SCALAR)
		return tmo_fail(err, "a part is no [coding, offset, length, type, shape]; the stream is "
		                "damaged");
	if (tmo_yaml_size(field[1], &part->offset, err) < 0 ||
	    tmo_yaml_size(field[2], &part->length, err) < 0)
		return -1;
	if (strcmp(field[0]->text, "file") == 0) {
		part->coding = TMO_CODING_FILE;
		return 0;
	}
	if (n < 4 || field[3]->kind != TMO_YAML_SCALAR ||
	    (part->type = tmo_type_named(field[3]->text)) == TMO_NONE)
		return tmo_fail_unsupported(err, "a part of no known type; it needs a newer tmo");
	if (read_shape(n == 5 ? field[4] : shape, part, err) < 0)
		return -1;
	if (strcmp(field[0]->text, "plain") != 0 &&
	    (!tmo_type_is_integer(part->type) || !read_coding(field[0]->text, part)))
		return tmo_fail_unsupported(err, "coding \"%.40s\" of %s is unknown; it needs a newer tmo",
		                            field[0]->text, tmo_type_name(part->type));
	return check_length(part, err);
}

/* tensor.yaml as it was: a line for each key. */
static int
read_yaml(const struct tmo_yaml *map, struct tmo_packed_tensor *t, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = 0;

	if (map->kind != TMO_YAML_MAP)
		return tmo_fail(err, "yaml is no mapping; the stream is damaged");
	for (const struct tmo_yaml *item = map->first; item != NULL && status == 0; item = item->next) {
		const bool list = item->kind == TMO_YAML_LIST;
		const struct tmo_yaml *word = list ? item->first : item;

		status = tmo_buffer_printf(&text, err, list ? "%s: [" : "%s: ", item->key);
		for (; word != NULL && status == 0; word = list ? word->next : NULL)
			if (word->kind != TMO_YAML_SCALAR)
				status = tmo_fail(err, "yaml is no list of words; the stream is damaged");
			else
				status = tmo_buffer_printf(&text, err, list && word->next != NULL ? "%s, "
				                           : "%s", word->text);
		if (status == 0)
			status = tmo_buffer_printf(&text, err, list ? "]\n" : "\n");
	}
	if (status == 0)
		status = tmo_buffer_append(&text, "", 1, err);
	t->yaml = (char *)text.data;
	return status;
}

static int
read_parts(const struct tmo_yaml *map, const struct tmo_yaml *list, struct tmo_packed_tensor *t,
           struct tmo_error *err)
{
	const struct tmo_yaml *yaml = tmo_yaml_get(map, "yaml");
	struct tmo_buffer folder = {0};
	int status = -1;

	if (list->kind != TMO_YAML_LIST)
		return tmo_fail(err, "parts is no list; the stream is damaged");
	if (yaml != NULL && read_yaml(yaml, t, err) < 0)
		return -1;
	if ((t->part = tmo_alloc(tmo_yaml_count(list), sizeof(*t->part), err)) == NULL ||
	    tmo_buffer_printf(&folder, err, "%s/", t->path) < 0)
		goto out;
	for (const struct tmo_yaml *item = list->first; item != NULL; item = item->next) {
		struct tmo_packed_part *part = &t->part[t->part_count];
		const struct tmo_yaml *name = item->first;

		if (name == NULL || name->kind != TMO_YAML_SCALAR) {
			tmo_fail(err, "a part without a name; the stream is damaged");
			goto out;
		}
		if (name->next == NULL && yaml != NULL && strcmp(name->text, "tensor.yaml") == 0) {
			t->yaml_place = t->part_count;
			continue;
		}
		t->part_count++;
		if ((part->path = read_path((char *)folder.data, name->text, err)) == NULL ||
		    read_part(name->next, yaml != NULL ? tmo_yaml_get(yaml, "shape") : NULL, part,
		              err) < 0)
			goto out;
	}
	status = 0;
out:
	tmo_buffer_free(&folder);
	return status;
}

static int
read_digest(const char *text, struct tmo_packed_tensor *t, struct tmo_error *err)
{
	if (text == NULL || strlen(text) != 2 * sizeof(t->digest))
		return tmo_fail(err, "no sha256 of %zu digits; the stream is damaged",
		                2 * sizeof(t->digest));
	for (size_t i = 0; i < sizeof(t->digest); i++) {
		const int high = tmo_hex_value(text[2 * i]), low = tmo_hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return tmo_fail(err, "sha256 is not hexadecimal; the stream is damaged");
		t->digest[i] = (unsigned char)(high << 4 | low);
	}
	return 0;
}

/* The tensor's place in the stream, from `name` (the stem as it is) or `path` (escaped). */
static int
read_place(const struct tmo_yaml *map, struct tmo_packed_tensor *t, struct tmo_error *err)
{
	const char *name = tmo_yaml_text(map, "name"), *path = tmo_yaml_text(map, "path");

	if ((name == NULL) == (path == NULL))
		return tmo_fail(err, "an entry needs a name or a path; the stream is damaged");
	if (path != NULL) {
		t->path = read_path("", path, err);
		return t->path == NULL ? -1 : 0;
	}
	if (strchr(name, '/') != NULL || !tmo_path_is_canonical(name))
		return tmo_fail(err, "\"%.80s\" is no tensor's name; the stream is damaged", name);
	t->path = tmo_member_path(name, t->encoded ? "" : ".npy", err);
	return t->path == NULL ? -1 : 0;
}

static int
read_tensor(const struct tmo_yaml *map, struct tmo_packed_tensor *t, struct tmo_error *err)
{
	const struct tmo_yaml *npy = tmo_yaml_get(map, "npy"), *parts = tmo_yaml_get(map, "parts");
	const struct tmo_yaml *other = tmo_yaml_get(map, "other");
	const struct tmo_yaml *one = npy != NULL ? npy : other;

	if ((npy != NULL) + (parts != NULL) + (other != NULL) != 1)
		return tmo_fail(err, "an entry needs npy, parts or other; the stream is damaged");
	t->encoded = parts != NULL;
	t->other = other != NULL;
	if (read_place(map, t, err) < 0 || read_digest(tmo_yaml_text(map, "sha256"), t, err) < 0)
		return -1;
	if (parts != NULL)
		return read_parts(map, parts, t, err);
	if (npy != NULL && !tmo_ends_with(t->path, ".npy"))
		return tmo_fail(err, "npy of a path without .npy; the stream is damaged");
	if ((t->part = tmo_alloc(1, sizeof(*t->part), err)) == NULL)
		return -1;
	t->part_count = 1;
	if ((t->part->path = tmo_copy_string(t->path, err)) == NULL)
		return -1;
	if (one->kind != TMO_YAML_LIST || read_part(one->first, NULL, t->part, err) < 0)
		return one->kind != TMO_YAML_LIST ? tmo_fail(err, "npy or other is no list; the stream "
		                                             "is damaged") : -1;
	if (other != NULL && t->part->coding != TMO_CODING_FILE)
		return tmo_fail(err, "other is not coded as a file; the stream is damaged");
	return 0;
}

/* Parts follow each other from `end` on; sets where the tensor is. */
static int
place_tensor(struct tmo_packed_tensor *t, uint64_t *end, struct tmo_error *err)
{
	t->offset = t->part_count > 0 ? t->part[0].offset : *end;
	for (size_t i = 0; i < t->part_count; i++) {
		const struct tmo_packed_part *part = &t->part[i];

		if (part->offset < *end || part->offset - *end > PADDING_MAX ||
		    part->length > UINT64_MAX / 2 - part->offset)
			return tmo_fail(err, "a part at %" PRIu64 " that should follow %" PRIu64
			                "; the stream is damaged", part->offset, *end);
		*end = part->offset + part->length;
	}
	t->bytes = *end - t->offset;
	return 0;
}

static int
parse_index(const struct tmo_yaml *root, struct tmo_packed_index *index, struct tmo_error *err)
{
	const struct tmo_yaml *list = tmo_yaml_get(root, "tensors");
	const char *version = tmo_yaml_text(root, "tmo");

	if (version == NULL || list == NULL || list->kind != TMO_YAML_LIST)
		return tmo_fail(err, "no tmo or no list of tensors; the stream is damaged");
	if (strcmp(version, "1") != 0)
		return tmo_fail_unsupported(err, "stream version %.20s; it needs a tmo that knows that "
		                            "version, this one knows %d", version, TMO_STREAM_VERSION);
	index->tensor = tmo_alloc(tmo_yaml_count(list), sizeof(*index->tensor), err);
	if (index->tensor == NULL)
		return -1;
	for (const struct tmo_yaml *item = list->first; item != NULL; item = item->next) {
		struct tmo_packed_tensor *t = &index->tensor[index->count++];

		if (item->kind != TMO_YAML_MAP)
			return tmo_fail(err, "a tensor is no mapping; the stream is damaged");
		if (read_tensor(item, t, err) < 0 || place_tensor(t, &index->bytes, err) < 0)
			return -1;
	}
	return 0;
}

int
tmo_packed_parse(const void *text, size_t size, struct tmo_packed_index *index,
                 struct tmo_error *err)
{
	struct tmo_yaml *root = tmo_yaml_parse(text, size, err);
	int status = -1;

	if (root == NULL)
		return tmo_fail_at(err, TMO_PACKED_INDEX);
	if (root->kind != TMO_YAML_MAP)
		tmo_fail(err, "no mapping; the stream is damaged");
	else
		status = parse_index(root, index, err);
	tmo_yaml_free(root);
	if (status < 0) {
		tmo_packed_free(index);
		return tmo_fail_at(err, TMO_PACKED_INDEX);
	}
	return 0;
}
