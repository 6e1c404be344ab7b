/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_data.c: tensor payloads, read piece by piece, in raw_data, typed fields, other files. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "formats/onnx/tensor_data.h"

#define PIECE ((size_t)1 << 16)

/* The external_data of t as numbers. */
static int
find_external(const Onnx__TensorProto *t, struct tmo_onnx_data *data, struct tmo_error *err)
{
	const char *const keys[] = { "offset", "length" };
	uint64_t *const values[] = { &data->offset, &data->length };
	const char *location = tmo_onnx_external(t, "location");

	if (location == NULL)
		return tmo_fail(err, "external data without a location; the model is damaged");
	for (int i = 0; i < 2; i++) {
		const char *text = tmo_onnx_external(t, keys[i]);
		char *end;

		if (text == NULL)
			continue;
		errno = 0;
		*values[i] = strtoull(text, &end, 10);
		if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0)
			return tmo_fail(err, "the %s of its external data is no number; the model "
			                "is damaged", keys[i]);
		data->has_length = data->has_length || i == 1;
	}
	data->location = tmo_copy_string(location, err);
	return data->location == NULL ? -1 : 0;
}

bool
tmo_onnx_mark(const Onnx__TensorProto *t, uint64_t *mark)
{
	bool found = false;

	for (unsigned i = 0; i < t->base.n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField *u = &t->base.unknown_fields[i];
		const unsigned char *at = u->data;

		found = found || (u->tag == TMO_WIRE_MARK && tmo_wire_varint(&at, u->data + u->len, mark));
	}
	return found;
}

void
tmo_onnx_drop_mark(Onnx__TensorProto *t)
{
	ProtobufCMessage *m = &t->base;
	unsigned kept = 0;

	for (unsigned i = 0; i < m->n_unknown_fields; i++) {
		if (m->unknown_fields[i].tag == TMO_WIRE_MARK)
			free(m->unknown_fields[i].data);
		else
			m->unknown_fields[kept++] = m->unknown_fields[i];
	}
	m->n_unknown_fields = kept;
	if (kept == 0) {
		free(m->unknown_fields);
		m->unknown_fields = NULL;
	}
}

int
tmo_onnx_find_data(const Onnx__TensorProto *t, const struct tmo_wire_table *table,
                   struct tmo_onnx_data *data, struct tmo_error *err)
{
	uint64_t mark;

	*data = (struct tmo_onnx_data){ .payload = SIZE_MAX };
	if (tmo_onnx_mark(t, &mark) && mark < table->payload_count)
		data->payload = (size_t)mark;
	return tmo_onnx_is_external(t) ? find_external(t, data, err) : 0;
}

int
tmo_onnx_take_data(Onnx__TensorProto *t, const struct tmo_wire_table *table,
                   struct tmo_onnx_data *data, struct tmo_error *err)
{
	if (tmo_onnx_find_data(t, table, data, err) < 0)
		return -1;
	if (data->location != NULL)
		tmo_onnx_clear_external(t);
	tmo_onnx_drop_mark(t);
	return 0;
}

/* Hands size bytes of a file out. */
static int
copy_range(int fd, uint64_t offset, uint64_t size, const struct tmo_onnx_out *out,
           struct tmo_error *err)
{
	unsigned char *const piece = tmo_alloc(size < PIECE ? (size_t)size : PIECE, 1, err);
	int status = piece != NULL ? 0 : -1;

	while (status == 0 && size > 0) {
		const size_t want = size < PIECE ? (size_t)size : PIECE;
		size_t got;

		status = tmo_pread_full(fd, piece, want, offset, &got, err);
		if (status == 0 && got < want)
			status = tmo_fail(err, "the file ended at byte %ju while it was read",
			                  (uintmax_t)(offset + got));
		if (status == 0)
			status = out->write(out->arg, piece, want, err);
		offset += want;
		size -= want;
	}
	free(piece);
	return status;
}

/* The size that data outside typed fields must have. */
static int
check_size(uint64_t bytes, uint64_t wanted, struct tmo_error *err)
{
	if (bytes == wanted)
		return 0;
	return tmo_fail(err, "%ju bytes of data, its shape and type make %ju; the model is "
	                "damaged or truncated", (uintmax_t)bytes, (uintmax_t)wanted);
}

int
tmo_onnx_data_bytes(struct tmo_onnx_files *files, const struct tmo_onnx_data *data,
                    enum tmo_type type, uint64_t *bytes, struct tmo_error *err)
{
	const struct tmo_wire_payload *p;

	*bytes = 0;
	if (data->location != NULL)
		return tmo_onnx_open_external(files, data->location, data->offset, bytes, err);
	if (data->payload == SIZE_MAX)
		return 0;
	p = &files->table.payload[data->payload];
	if (p->has_raw) {
		*bytes = p->raw_length;
		return 0;
	}
	for (size_t i = 0; i < p->count; i++)	/* an element takes a byte or more there */
		*bytes += files->table.extent[p->first + i].length * tmo_type_size(type);
	return 0;
}

int
tmo_onnx_read_data(struct tmo_onnx_files *files, const struct tmo_onnx_data *data,
                   enum tmo_type type, size_t count, const struct tmo_onnx_out *out,
                   struct tmo_error *err)
{
	const uint64_t bytes = (uint64_t)count * tmo_type_size(type);
	const struct tmo_wire_payload *payload;
	uint64_t left;

	if (data->location != NULL) {
		if (tmo_onnx_open_external(files, data->location, data->offset, &left, err) < 0)
			return -1;
		if (data->has_length && check_size(data->length, bytes, err) < 0)
			return -1;
		if (left < bytes)
			return check_size(left, bytes, err);
		return copy_range(files->open_fd, data->offset, bytes, out, err);
	}
	if (data->payload == SIZE_MAX || files->table.payload[data->payload].count == 0)
		return check_size(0, bytes, err);
	payload = &files->table.payload[data->payload];
	if (payload->has_raw) {
		if (check_size(payload->raw_length, bytes, err) < 0)
			return -1;
		return copy_range(files->fd, payload->raw_offset, bytes, out, err);
	}
	return tmo_onnx_read_typed(files, payload, type, count, out, err);
}

static int
append(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_buffer_append(arg, data, size, err);
}

int
tmo_onnx_load(struct tmo_onnx_files *files, const struct tmo_onnx_data *data, enum tmo_type type,
              size_t count, struct tmo_buffer *bytes, struct tmo_error *err)
{
	const struct tmo_onnx_out out = { append, bytes };
	uint64_t have;
	size_t size;

	if (tmo_mul_size(count, tmo_type_size(type), &size, err) < 0 ||
	    tmo_onnx_data_bytes(files, data, type, &have, err) < 0 ||
	    (have >= size && tmo_buffer_reserve(bytes, size, err) < 0))
		return -1;
	return tmo_onnx_read_data(files, data, type, count, &out, err);
}

/* Unpacks the bytes of t's payload fields and moves them into t. */
static int
put_fields(Onnx__TensorProto *t, const struct tmo_buffer *bytes, struct tmo_error *err)
{
	Onnx__TensorProto *p = tmo_onnx_unpack_message(
		&onnx__tensor_proto__descriptor, bytes->data, bytes->size,
		"its elements are no numbers; the model is damaged", err);

	if (p == NULL)
		return -1;
#define MOVE(list) (t->n_##list = p->n_##list, t->list = p->list, p->n_##list = 0, p->list = NULL)
	MOVE(float_data);
	MOVE(int32_data);
	MOVE(int64_data);
	MOVE(double_data);
	MOVE(uint64_data);
#undef MOVE
	t->has_raw_data = p->has_raw_data;
	t->raw_data = p->raw_data;
	p->raw_data = (ProtobufCBinaryData){0};
	p->has_raw_data = false;
	onnx__tensor_proto__free_unpacked(p, NULL);
	return 0;
}

/* The external data of a tensor of any type. */
static int
copy_external(struct tmo_onnx_files *files, const Onnx__TensorProto *t,
              const struct tmo_onnx_data *data, const struct tmo_onnx_out *out,
              struct tmo_error *err)
{
	const enum tmo_type type = tmo_onnx_type(t);
	size_t shape[TMO_RANK_MAX], count;
	uint64_t left, length;

	if (tmo_onnx_open_external(files, data->location, data->offset, &left, err) < 0)
		return -1;
	length = data->has_length ? data->length : left;
	if (!data->has_length && type != TMO_NONE) {
		if (tmo_onnx_shape(t, type, shape, &count, err) < 0)
			return -1;
		length = (uint64_t)count * tmo_type_size(type);
	}
	if (left < length)
		return check_size(left, length, err);
	return copy_range(files->open_fd, data->offset, length, out, err);
}

int
tmo_onnx_put_back(struct tmo_onnx_files *files, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct tmo_onnx_data data;
	struct tmo_buffer bytes = {0};
	const struct tmo_onnx_out out = { append, &bytes };
	int status = -1;

	if (tmo_onnx_take_data(t, &files->table, &data, err) < 0)
		goto out;
	if (data.location != NULL) {
		if (copy_external(files, t, &data, &out, err) < 0)
			goto out;
		t->has_raw_data = true;
		t->raw_data = (ProtobufCBinaryData){ bytes.size, bytes.data };
		bytes = (struct tmo_buffer){0};
	} else if (data.payload != SIZE_MAX && files->table.payload[data.payload].count > 0) {
		const struct tmo_wire_payload *p = &files->table.payload[data.payload];

		for (size_t i = 0; i < p->count; i++)
			if (copy_range(files->fd, files->table.extent[p->first + i].offset,
			               files->table.extent[p->first + i].length, &out, err) < 0)
				goto out;
		if (put_fields(t, &bytes, err) < 0)
			goto out;
	}
	status = 0;
out:
	free(data.location);
	tmo_buffer_free(&bytes);
	return status;
}
