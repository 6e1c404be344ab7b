/* SPDX-License-Identifier: Apache-2.0 */
/* typed_data.c: elements out of float_data, int32_data, …, packed or one field each, as raw_data has them. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "formats/onnx/tensor_data.h"

#define PIECE ((size_t)1 << 16)

/* Fields of TensorProto that hold elements. */
enum { FLOAT_DATA = 4, INT32_DATA = 5, INT64_DATA = 7, DOUBLE_DATA = 10, UINT64_DATA = 11 };

/* A walk through a payload's typed fields, and the elements on their way out. */
struct decoder {
	int fd;				/* not used if all of the payload is in `in` */
	unsigned char *piece;		/* PIECE bytes of the file; NULL: none */
	const unsigned char *in;	/* `piece`, or the payload */
	size_t next, have;		/* of `in` */
	uint64_t at, end;		/* of the file: what is not in `in` yet, this extent's end */
	unsigned char *out;		/* PIECE bytes */
	size_t filled;
	enum tmo_type type;
	size_t size;			/* of an element */
	uint32_t field;			/* that holds them */
	size_t left;			/* elements that are to come */
	const struct tmo_onnx_out *to;
};

static int
flush(struct decoder *d, struct tmo_error *err)
{
	const size_t bytes = d->filled;

	d->filled = 0;
	return bytes == 0 ? 0 : d->to->write(d->to->arg, d->out, bytes, err);
}

/* Has up to `want` bytes of the extent at hand, fewer at its end. */
static int
fill(struct decoder *d, size_t want, struct tmo_error *err)
{
	size_t room, got;

	if (d->have - d->next >= want || d->at == d->end)
		return 0;
	d->have -= d->next;
	memmove(d->piece, d->piece + d->next, d->have);
	d->next = 0;
	room = PIECE - d->have;
	if (room > d->end - d->at)
		room = (size_t)(d->end - d->at);
	if (tmo_pread_full(d->fd, d->piece + d->have, room, d->at, &got, err) < 0)
		return -1;
	if (got < room)
		return tmo_fail(err, "the file ended at byte %ju while it was read",
		                (uintmax_t)(d->at + got));
	d->have += got;
	d->at += got;
	return 0;
}

static int
varint(struct decoder *d, uint64_t *value, struct tmo_error *err)
{
	const unsigned char *at;

	if (fill(d, 10, err) < 0)
		return -1;
	at = d->in + d->next;
	if (!tmo_wire_varint(&at, d->in + d->have, value))
		return tmo_fail(err, "its elements are no numbers; the model is damaged");
	d->next = (size_t)(at - d->in);
	return 0;
}

/* One element out: the low bytes of value, as .npy and raw_data have them. */
static int
element(struct decoder *d, uint64_t value, struct tmo_error *err)
{
	if (d->left == 0)
		return tmo_fail(err, "more elements than its shape has; the model is damaged");
	d->left--;
	if (d->type == TMO_BOOL)
		value = value != 0;
	for (size_t i = 0; i < d->size; i++, value >>= 8)
		d->out[d->filled++] = (unsigned char)value;
	return PIECE - d->filled < 8 ? flush(d, err) : 0;
}

/* One element of the field that is wanted, in the form of the wire type. */
static int
decode_one(struct decoder *d, unsigned wire_type, struct tmo_error *err)
{
	uint64_t value = 0;
	const size_t bytes = wire_type == PROTOBUF_C_WIRE_TYPE_32BIT ? 4 : 8;

	if (wire_type == PROTOBUF_C_WIRE_TYPE_VARINT) {
		if (varint(d, &value, err) < 0)
			return -1;
		return element(d, value, err);
	}
	if (fill(d, bytes, err) < 0)
		return -1;
	if (d->have - d->next < bytes)
		return tmo_fail(err, "its last element is cut short; the model is damaged");
	for (size_t i = bytes; i-- > 0;)
		value = value << 8 | d->in[d->next + i];
	d->next += bytes;
	return element(d, value, err);
}

/* The wire type of the field's elements. */
static unsigned
element_wire_type(uint32_t field)
{
	return field == FLOAT_DATA ? PROTOBUF_C_WIRE_TYPE_32BIT :
	       field == DOUBLE_DATA ? PROTOBUF_C_WIRE_TYPE_64BIT : PROTOBUF_C_WIRE_TYPE_VARINT;
}

/* The place in the file that is next. */
static uint64_t
position(const struct decoder *d)
{
	return d->at - (d->have - d->next);
}

/* Goes on at a later place of this extent. */
static void
skip_to(struct decoder *d, uint64_t place)
{
	if (place <= d->at) {
		d->next = d->have - (size_t)(d->at - place);
	} else {
		d->next = d->have = 0;
		d->at = place;
	}
}

/* One field of the payload: packed elements, one element, or something else. */
static int
decode_field(struct decoder *d, struct tmo_error *err)
{
	const unsigned wanted = element_wire_type(d->field);
	uint64_t tag, length = 0, end;

	if (varint(d, &tag, err) < 0)
		return -1;
	if (tag >> 3 == d->field && (tag & 7) == wanted)
		return decode_one(d, wanted, err);
	switch (tag & 7) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		return varint(d, &tag, err);
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		if (varint(d, &length, err) < 0)
			return -1;
		break;
	default:
		length = (tag & 7) == PROTOBUF_C_WIRE_TYPE_32BIT ? 4 : 8;
	}
	end = position(d) + length;	/* inside the extent: the first walk saw to it */
	while (tag >> 3 == d->field && (tag & 7) == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED &&
	       position(d) < end)
		if (decode_one(d, wanted, err) < 0)
			return -1;
	if (position(d) > end)
		return tmo_fail(err, "its last element is cut short; the model is damaged");
	skip_to(d, end);
	return 0;
}

static uint32_t
field_of(enum tmo_type type)
{
	switch (type) {
	case TMO_F32:
		return FLOAT_DATA;
	case TMO_F64:
		return DOUBLE_DATA;
	case TMO_I64:
		return INT64_DATA;
	case TMO_U32:
	case TMO_U64:
		return UINT64_DATA;
	default:
		return INT32_DATA;
	}
}

/* The fields at hand, up to the extent's end. */
static int
decode_extent(struct decoder *d, struct tmo_error *err)
{
	while (position(d) < d->end)
		if (decode_field(d, err) < 0)
			return -1;
	return 0;
}

static int
finish(struct decoder *d, struct tmo_error *err)
{
	if (d->left > 0)
		return tmo_fail(err, "%zu elements fewer than its shape has; the model is damaged",
		                d->left);
	return flush(d, err);
}

static int
decode_file(const struct tmo_onnx_files *files, const struct tmo_wire_payload *payload,
            struct decoder *d, struct tmo_error *err)
{
	const struct tmo_wire_extent *extent = files->table.extent + payload->first;

	for (size_t i = 0; i < payload->count; i++) {
		d->next = d->have = 0;
		d->at = extent[i].offset;
		d->end = extent[i].offset + extent[i].length;
		if (decode_extent(d, err) < 0)
			return -1;
	}
	return finish(d, err);
}

int
tmo_onnx_read_typed(const struct tmo_onnx_files *files, const struct tmo_wire_payload *payload,
                    enum tmo_type type, size_t count, const struct tmo_onnx_out *out,
                    struct tmo_error *err)
{
	struct decoder d = {
		.fd = files->fd, .piece = tmo_alloc(PIECE, 1, err), .out = tmo_alloc(PIECE, 1, err),
		.type = type, .size = tmo_type_size(type), .field = field_of(type), .left = count,
		.to = out,
	};
	int status = -1;

	d.in = d.piece;
	if (d.piece != NULL && d.out != NULL)
		status = decode_file(files, payload, &d, err);
	free(d.piece);
	free(d.out);
	return status;
}

int
tmo_onnx_decode_typed(const void *fields, size_t bytes, enum tmo_type type, size_t count,
                      const struct tmo_onnx_out *out, struct tmo_error *err)
{
	struct decoder d = {
		.in = fields, .have = bytes, .at = bytes, .end = bytes, .out = tmo_alloc(PIECE, 1, err),
		.type = type, .size = tmo_type_size(type), .field = field_of(type), .left = count,
		.to = out,
	};
	int status = -1;

	if (d.out != NULL && decode_extent(&d, err) == 0)
		status = finish(&d, err);
	free(d.out);
	return status;
}
