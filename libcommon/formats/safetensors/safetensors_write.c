/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a header of safetensors with the bytes that the library would write. */
#include <inttypes.h>
#include <string.h>

#include "base/buffer.h"
#include "formats/safetensors/safetensors.h"

/* Appends text as a JSON string: only what must be escaped is, by the short form if there is one. */
static int
put_string(struct tmo_buffer *out, const char *text, size_t size, struct tmo_error *err)
{
	static const char special[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	size_t done = 0;
	int status = tmo_buffer_append(out, "\"", 1, err);

	for (size_t i = 0; i < size && status == 0; i++) {
		const char *const found = text[i] != '\0' ? strchr(special, text[i]) : NULL;

		if (found == NULL && (unsigned char)text[i] >= ' ')
			continue;
		status = tmo_buffer_append(out, text + done, i - done, err);
		done = i + 1;
		if (status == 0 && found != NULL)
			status = tmo_buffer_printf(out, err, "\\%c", letters[found - special]);
		else if (status == 0)
			status = tmo_buffer_printf(out, err, "\\u%04x", (unsigned)(unsigned char)text[i]);
	}
	if (status == 0)
		status = tmo_buffer_append(out, text + done, size - done, err);
	return status == 0 ? tmo_buffer_append(out, "\"", 1, err) : -1;
}

static int
put_metadata(struct tmo_buffer *out, const json_t *metadata, struct tmo_error *err)
{
	json_t *const map = (json_t *)metadata;		/* iterators take no const */
	const char *comma = "";

	if (tmo_buffer_printf(out, err, "\"__metadata__\":{") < 0)
		return -1;
	for (void *at = json_object_iter(map); at != NULL; at = json_object_iter_next(map, at)) {
		const char *const key = json_object_iter_key(at);
		const json_t *const value = json_object_iter_value(at);

		if (tmo_buffer_printf(out, err, "%s", comma) < 0 ||
		    put_string(out, key, strlen(key), err) < 0 ||
		    tmo_buffer_printf(out, err, ":") < 0 ||
		    put_string(out, json_string_value(value), json_string_length(value), err) < 0)
			return -1;
		comma = ",";
	}
	return tmo_buffer_printf(out, err, "}");
}

static int
put_tensor(struct tmo_buffer *out, const struct tmo_st_tensor *t, struct tmo_error *err)
{
	if (put_string(out, t->name, strlen(t->name), err) < 0 ||
	    tmo_buffer_printf(out, err, ":{\"dtype\":") < 0 ||
	    put_string(out, t->dtype_name, strlen(t->dtype_name), err) < 0 ||
	    tmo_buffer_printf(out, err, ",\"shape\":[") < 0)
		return -1;
	for (int i = 0; i < t->rank; i++)
		if (tmo_buffer_printf(out, err, "%s%zu", i > 0 ? "," : "", t->shape[i]) < 0)
			return -1;
	return tmo_buffer_printf(out, err, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}", t->start,
	                         t->end);
}

int
tmo_st_text(const struct tmo_st_tensor *tensors, size_t count, const json_t *metadata,
            struct tmo_buffer *out, struct tmo_error *err)
{
	static const char spaces[TMO_ST_LENGTH] = "        ";
	const size_t start = out->size;
	const char *comma = metadata != NULL ? "," : "";

	if (tmo_buffer_append(out, "{", 1, err) < 0 ||
	    (metadata != NULL && put_metadata(out, metadata, err) < 0))
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (tmo_buffer_printf(out, err, "%s", comma) < 0 || put_tensor(out, &tensors[i], err) < 0)
			return -1;
		comma = ",";
	}
	if (tmo_buffer_append(out, "}", 1, err) < 0 ||
	    tmo_buffer_append(out, spaces, (8 - (out->size - start) % 8) % 8, err) < 0)
		return -1;
	if (out->size - start > TMO_ST_HEADER_MAX)
		return tmo_fail(err, "the header takes %zu bytes, %u are possible; write fewer tensors",
		                out->size - start, TMO_ST_HEADER_MAX);
	return 0;
}
