/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a header of safetensors, and believing none of it before it is checked. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "formats/safetensors/safetensors.h"

int
tmo_st_length(const unsigned char *head, size_t *bytes, struct tmo_error *err)
{
	uint64_t length = 0;

	for (size_t i = TMO_ST_LENGTH; i-- > 0;)
		length = length << 8 | head[i];
	if (length > TMO_ST_HEADER_MAX)
		return tmo_fail(err, "its first 8 bytes announce a header of %" PRIu64 " bytes, at most "
		                "%u are accepted; is it safetensors?", length, TMO_ST_HEADER_MAX);
	*bytes = (size_t)length;
	return 0;
}

/* A list of whole numbers; *count is at most room. */
static int
take_numbers(const json_t *list, uint64_t *numbers, size_t room, size_t *count)
{
	*count = json_array_size(list);
	if (!json_is_array(list) || *count > room)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		const json_t *number = json_array_get(list, i);

		if (!json_is_integer(number) || json_integer_value(number) < 0)
			return -1;
		numbers[i] = (uint64_t)json_integer_value(number);
	}
	return 0;
}

/* The bytes that the shape takes must be those between the offsets. */
static int
check_size(const struct tmo_st_tensor *t, const char *shown, struct tmo_error *err)
{
	size_t count, bits;
	char shape[80];

	if (t->end < t->start)
		return tmo_fail(err, "tensor \"%s\": data_offsets run backwards, from %" PRIu64 " to %"
		                PRIu64 "; write the file again", shown, t->start, t->end);
	tmo_shape_text(t->rank, t->shape, shape, sizeof(shape));
	if (tmo_shape_count(t->rank, t->shape, 8, &count, err) < 0)
		return tmo_fail(err, "tensor \"%s\": shape %s is too large; write the file again",
		                shown, shape);
	if (t->dtype == NULL)
		return 0;
	bits = count * t->dtype->bits % 8;
	if (bits != 0 || count / 8 * t->dtype->bits + count % 8 * t->dtype->bits / 8 !=
	    t->end - t->start)
		return tmo_fail(err, "tensor \"%s\": %s %s does not take the %" PRIu64 " bytes that "
		                "its data_offsets have; write the file again", shown, t->dtype_name,
		                shape, t->end - t->start);
	return 0;
}

static int
take_tensor(const char *name, const json_t *entry, struct tmo_st_tensor *t, struct tmo_error *err)
{
	uint64_t offsets[2], shape[TMO_RANK_MAX];
	size_t rank, two;
	char shown[100];

	tmo_printable(name, shown, sizeof(shown));
	t->name = name;
	t->dtype_name = json_string_value(json_object_get(entry, "dtype"));
	if (t->dtype_name == NULL)
		return tmo_fail(err, "tensor \"%s\" has no dtype; write the file again", shown);
	t->dtype = tmo_st_dtype_named(t->dtype_name);
	if (take_numbers(json_object_get(entry, "shape"), shape, TMO_RANK_MAX, &rank) < 0)
		return tmo_fail(err, "tensor \"%s\": shape is no list of at most %d whole numbers; "
		                "write the file again", shown, TMO_RANK_MAX);
	if (take_numbers(json_object_get(entry, "data_offsets"), offsets, 2, &two) < 0 || two != 2)
		return tmo_fail(err, "tensor \"%s\": data_offsets are not two whole numbers; write the "
		                "file again", shown);
	t->rank = (int)rank;
	for (size_t i = 0; i < rank; i++)
		t->shape[i] = (size_t)shape[i];
	t->start = offsets[0];
	t->end = offsets[1];
	return check_size(t, shown, err);
}

static int
take_metadata(const json_t *metadata, struct tmo_st_header *h, struct tmo_error *err)
{
	void *at;

	if (json_is_null(metadata))
		return 0;
	if (!json_is_object(metadata))
		return tmo_fail(err, "__metadata__ is no mapping; write the file again");
	for (at = json_object_iter((json_t *)metadata); at != NULL;
	     at = json_object_iter_next((json_t *)metadata, at)) {
		char shown[100];

		if (!json_is_string(json_object_iter_value(at)))
			return tmo_fail(err, "__metadata__ has \"%s\", which is no text; write the file "
			                "again", tmo_printable(json_object_iter_key(at), shown,
			                                       sizeof(shown)));
	}
	h->metadata = metadata;
	return 0;
}

static int
by_data(const void *left, const void *right)
{
	const struct tmo_st_tensor *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end < b->end ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

/* Tensors lie one behind the other, from 0 to the end. */
static int
check_layout(struct tmo_st_header *h, uint64_t data_bytes, struct tmo_error *err)
{
	char name[100];

	for (size_t i = 0; i < h->count; i++) {
		const struct tmo_st_tensor *t = &h->tensor[i];

		tmo_printable(t->name, name, sizeof(name));
		if (t->start < h->data_bytes)
			return tmo_fail(err, "tensor \"%s\" overlaps another: it begins at byte %" PRIu64
			                " of the data, the one before ends at %" PRIu64 "; write the "
			                "file again", name, t->start, h->data_bytes);
		if (t->start > h->data_bytes)
			return tmo_fail(err, "a hole before tensor \"%s\": bytes %" PRIu64 " to %" PRIu64
			                " of the data are no tensor's; write the file again", name,
			                h->data_bytes, t->start);
		h->data_bytes = t->end;
	}
	if (data_bytes == UINT64_MAX || h->data_bytes == data_bytes)
		return 0;
	if (h->data_bytes > data_bytes)
		return tmo_fail(err, "truncated: tensors take %" PRIu64 " bytes, the file has %" PRIu64
		                " behind its header; fetch it again", h->data_bytes, data_bytes);
	return tmo_fail(err, "%" PRIu64 " bytes behind the last tensor; write the file again",
	                data_bytes - h->data_bytes);
}

static int
take_entries(struct tmo_st_header *h, struct tmo_error *err)
{
	h->tensor = tmo_alloc(json_object_size(h->root), sizeof(*h->tensor), err);
	if (h->tensor == NULL)
		return -1;
	for (void *at = json_object_iter(h->root); at != NULL;
	     at = json_object_iter_next(h->root, at)) {
		const char *const name = json_object_iter_key(at);
		const json_t *const entry = json_object_iter_value(at);

		if (strcmp(name, "__metadata__") == 0) {
			if (take_metadata(entry, h, err) < 0)
				return -1;
			continue;
		}
		h->tensor[h->count].place = h->count;
		if (take_tensor(name, entry, &h->tensor[h->count], err) < 0)
			return -1;
		h->count++;
	}
	if (h->count > 1)
		qsort(h->tensor, h->count, sizeof(*h->tensor), by_data);
	return 0;
}

int
tmo_st_parse(const char *text, size_t bytes, uint64_t data_bytes, struct tmo_st_header *h,
             struct tmo_error *err)
{
	json_error_t why;
	char shown[JSON_ERROR_TEXT_LENGTH];

	if (bytes == 0 || text[0] != '{')
		return tmo_fail(err, "its header does not begin with a brace; is it safetensors?");
	h->root = json_loadb(text, bytes, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
	if (h->root == NULL)
		return tmo_fail(err, "byte %d of the header: %s; write the file again", why.position,
		                tmo_printable(why.text, shown, sizeof(shown)));
	if (take_entries(h, err) < 0 || check_layout(h, data_bytes, err) < 0) {
		tmo_st_free(h);
		return -1;
	}
	return 0;
}
