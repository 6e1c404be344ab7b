/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/wire.h"
#include "formats/onnx/wire_message.h"
#include "onnx.pb-c.h"

#define VARINT_MAX 10

bool
tmo_wire_next(const unsigned char **at, const unsigned char *end, struct tmo_wire_field *f)
{
	uint64_t tag, length = 0;

	*f = (struct tmo_wire_field){.start = *at};
	if (*at == end || !tmo_wire_varint(at, end, &tag))
		return false;
	f->number = (uint32_t)(tag >> 3);
	f->type = (unsigned)(tag & 7);
	f->body = *at;
	switch (f->type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		if (!tmo_wire_varint(at, end, &f->varint))
			return false;
		break;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		length = 8;
		break;
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		length = 4;
		break;
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		if (!tmo_wire_varint(at, end, &length))
			return false;
		f->body = *at;
		break;
	default:
		return false;
	}
	if (length > (uint64_t)(end - *at))
		return false;
	*at += length;
	f->end = *at;
	return true;
}

bool
tmo_wire_inside(const struct tmo_wire_field *f, uint32_t number, struct tmo_wire_field *inside)
{
	const unsigned char *at = f->body;
	struct tmo_wire_field field;
	bool found = false;

	while (tmo_wire_next(&at, f->end, &field))
		if (field.number == number && field.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
			*inside = field;
			found = true;
		}
	return found;
}

bool
tmo_wire_is_text(const struct tmo_wire_field *f, const char *text)
{
	const size_t size = strlen(text);

	return (size_t)(f->end - f->body) == size && memcmp(f->body, text, size) == 0;
}

char *
tmo_wire_text(const struct tmo_wire_field *f, struct tmo_error *err)
{
	const size_t size = (size_t)(f->end - f->body);
	char *const text = tmo_alloc(size + 1, 1, err);

	if (text != NULL && size > 0)
		memcpy(text, f->body, size);
	return text;
}

int
tmo_wire_put_field(struct tmo_buffer *out, const struct tmo_wire_field *f, struct tmo_error *err)
{
	return tmo_buffer_append(out, f->start, (size_t)(f->end - f->start), err);
}

int
tmo_wire_put_body(struct tmo_buffer *out, const struct tmo_wire_field *f,
                  const struct tmo_buffer *body, struct tmo_error *err)
{
	if ((size_t)(f->end - f->body) == body->size &&
	    (body->size == 0 || memcmp(f->body, body->data, body->size) == 0))
		return tmo_wire_put_field(out, f, err);
	return tmo_wire_put_bytes(out, f->number, body->data, body->size, err);
}

/* A tag, and a number after it: a value, or a length. */
static int
put_two(struct tmo_buffer *out, uint32_t number, unsigned type, uint64_t value, struct tmo_error *err)
{
	unsigned char bytes[2 * VARINT_MAX];
	size_t n = tmo_wire_put_varint(bytes, (uint64_t)number << 3 | type);

	n += tmo_wire_put_varint(bytes + n, value);
	return tmo_buffer_append(out, bytes, n, err);
}

int
tmo_wire_put_bytes(struct tmo_buffer *out, uint32_t number, const void *data, size_t size,
                   struct tmo_error *err)
{
	if (put_two(out, number, PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, size, err) < 0)
		return -1;
	return size == 0 ? 0 : tmo_buffer_append(out, data, size, err);
}

int
tmo_wire_put_text(struct tmo_buffer *out, uint32_t number, const char *text, struct tmo_error *err)
{
	return tmo_wire_put_bytes(out, number, text, strlen(text), err);
}

int
tmo_wire_put_number(struct tmo_buffer *out, uint32_t number, uint64_t value, struct tmo_error *err)
{
	return put_two(out, number, PROTOBUF_C_WIRE_TYPE_VARINT, value, err);
}

int
tmo_wire_put_float(struct tmo_buffer *out, uint32_t number, float value, struct tmo_error *err)
{
	unsigned char bytes[VARINT_MAX + sizeof(value)];
	const size_t n = tmo_wire_put_varint(bytes, (uint64_t)number << 3 | PROTOBUF_C_WIRE_TYPE_32BIT);

	memcpy(bytes + n, &value, sizeof(value));	/* little-endian: configure sees to it */
	return tmo_buffer_append(out, bytes, n + sizeof(value), err);
}
