/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.c: walks protobuf's wire format by the descriptors that protoc-c made, through a window
 * that is moved over the file with pread.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "formats/onnx/wire.h"
#include "onnx.pb-c.h"

#define WINDOW ((size_t)1 << 16)
#define LENGTH_BYTES 5		/* room for a length that is filled in later */
#define VARINT_MAX 10

struct walk {
	int fd;				/* -1: `window` is the whole input */
	uint64_t size;
	unsigned char *buffer;		/* WINDOW bytes, or NULL */
	const unsigned char *window;
	uint64_t window_start;
	size_t window_bytes;
	struct tmo_buffer *out;		/* NULL: only check */
	struct tmo_wire_table *table;	/* NULL with out */
	struct tmo_error *err;
};

/* One field: its tag's number and where it, and what it holds, start and end. */
struct field {
	uint32_t number;
	unsigned type;
	uint64_t start, body, end;
};

bool
tmo_wire_varint(const unsigned char **at, const unsigned char *end, uint64_t *value)
{
	uint64_t v = 0;
	const unsigned char *p = *at;

	for (unsigned shift = 0; shift < 70; shift += 7) {
		if (p == end)
			return false;
		if (shift == 63 && (*p & 0x7e) != 0)
			return false;
		v |= (uint64_t)(*p & 0x7f) << shift;
		if ((*p++ & 0x80) == 0) {
			*at = p;
			*value = v;
			return true;
		}
	}
	return false;
}

size_t
tmo_wire_put_varint(unsigned char *out, uint64_t value)
{
	size_t n = 0;

	while (value >= 0x80) {
		out[n++] = (unsigned char)(value | 0x80);
		value >>= 7;
	}
	out[n++] = (unsigned char)value;
	return n;
}

size_t
tmo_wire_varint_size(uint64_t value)
{
	unsigned char out[VARINT_MAX];

	return tmo_wire_put_varint(out, value);
}

void
tmo_wire_free(struct tmo_wire_table *table)
{
	free(table->extent);
	free(table->payload);
	*table = (struct tmo_wire_table){0};
}

/* Has at least one byte at `offset`, and as many of `want` as the window takes, at hand. */
static int
at_hand(struct walk *w, uint64_t offset, size_t want, const unsigned char **data, size_t *bytes)
{
	if (offset < w->window_start || offset - w->window_start >= w->window_bytes ||
	    (w->fd >= 0 && want <= WINDOW &&
	    w->window_bytes - (offset - w->window_start) < want &&
	    w->window_start + w->window_bytes < w->size)) {
		if (w->fd < 0)
			return tmo_fail(w->err, "not an ONNX model, or a damaged one");
		if (tmo_pread_full(w->fd, w->buffer, WINDOW, offset, &w->window_bytes, w->err) < 0)
			return -1;
		w->window_start = offset;
		if (w->window_bytes == 0)
			return tmo_fail(w->err, "the file ended at byte %ju while it was read",
			                (uintmax_t)offset);
	}
	*data = w->window + (offset - w->window_start);
	*bytes = w->window_bytes - (size_t)(offset - w->window_start);
	return 0;
}

static int
get_varint(struct walk *w, uint64_t *at, uint64_t end, uint64_t *value)
{
	const unsigned char *data = NULL, *p;
	size_t bytes = 0;
	const size_t want = end - *at < VARINT_MAX ? (size_t)(end - *at) : VARINT_MAX;

	if (want == 0)
		return tmo_fail(w->err, "a field is cut short at byte %ju; the model is truncated "
		                "or damaged", (uintmax_t)*at);
	if (at_hand(w, *at, want, &data, &bytes) < 0)
		return -1;
	p = data;
	if (!tmo_wire_varint(&p, data + (bytes < want ? bytes : want), value))
		return tmo_fail(w->err, "no number at byte %ju; the file is no ONNX model, or "
		                "truncated or damaged", (uintmax_t)*at);
	*at += (uint64_t)(p - data);
	return 0;
}

/* Reads a field's tag and finds its end. */
static int
get_field(struct walk *w, uint64_t *at, uint64_t end, struct field *f)
{
	uint64_t tag, length = 0;

	f->start = *at;
	if (get_varint(w, at, end, &tag) < 0)
		return -1;
	f->number = (uint32_t)(tag >> 3);
	f->type = (unsigned)(tag & 7);
	f->body = *at;
	switch (tag > UINT32_MAX || f->number == 0 ? 7 : f->type) {
	case PROTOBUF_C_WIRE_TYPE_VARINT:
		if (get_varint(w, at, end, &tag) < 0)
			return -1;
		break;
	case PROTOBUF_C_WIRE_TYPE_64BIT:
		length = 8;
		break;
	case PROTOBUF_C_WIRE_TYPE_32BIT:
		length = 4;
		break;
	case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
		if (get_varint(w, at, end, &length) < 0)
			return -1;
		f->body = *at;
		break;
	default:
		return tmo_fail(w->err, "no field of an ONNX model at byte %ju; is this an ONNX "
		                "file, and undamaged?", (uintmax_t)f->start);
	}
	if (length > end - *at)
		return tmo_fail(w->err, "%ju bytes are announced at byte %ju and %ju are left; the "
		                "model is truncated or damaged", (uintmax_t)length,
		                (uintmax_t)f->start, (uintmax_t)(end - *at));
	*at += length;
	f->end = *at;
	return 0;
}

/* Copies bytes of the file; `text`: they are a C string for protobuf-c, so no NUL may be there. */
static int
copy(struct walk *w, uint64_t start, uint64_t end, bool text)
{
	const unsigned char *data = NULL;
	size_t bytes = 0;

	while (start < end) {
		if (at_hand(w, start, 1, &data, &bytes) < 0)
			return -1;
		if (bytes > end - start)
			bytes = (size_t)(end - start);
		if (text && memchr(data, 0, bytes) != NULL)
			return tmo_fail(w->err, "a NUL byte in the text at byte %ju; the model is "
			                "damaged", (uintmax_t)start);
		if (w->out != NULL && tmo_buffer_append(w->out, data, bytes, w->err) < 0)
			return -1;
		start += bytes;
	}
	return 0;
}

/* Notes a payload field of the tensor p, whose extents are the last ones in the table. */
static int
note_payload(struct walk *w, struct tmo_wire_payload *p, const struct field *f, bool raw)
{
	struct tmo_wire_table *t = w->table;
	struct tmo_wire_extent *last = p->count > 0 ? &t->extent[t->extent_count - 1] : NULL;

	if (raw) {	/* of several the last one counts, as everywhere in protobuf */
		p->has_raw = true;
		p->raw_offset = f->body;
		p->raw_length = f->end - f->body;
	}
	if (last != NULL && last->offset + last->length == f->start) {
		last->length += f->end - f->start;
		return 0;
	}
	if (tmo_grow(&t->extent, t->extent_count, &t->extent_room, sizeof(*t->extent),
	             w->err) < 0)
		return -1;
	t->extent[t->extent_count++] = (struct tmo_wire_extent){
		f->start, f->end - f->start
	};
	p->count++;
	return 0;
}

/* Adds the tensor's payload to the table, and the field that points to it to the skeleton. */
static int
mark(struct walk *w, const struct tmo_wire_payload *p)
{
	struct tmo_wire_table *t = w->table;
	unsigned char out[2 * VARINT_MAX];
	size_t n;

	if (tmo_grow(&t->payload, t->payload_count, &t->payload_room, sizeof(*t->payload),
	             w->err) < 0)
		return -1;
	n = tmo_wire_put_varint(out, (uint64_t)TMO_WIRE_MARK << 3 | PROTOBUF_C_WIRE_TYPE_VARINT);
	n += tmo_wire_put_varint(out + n, t->payload_count);
	t->payload[t->payload_count++] = *p;
	return tmo_buffer_append(w->out, out, n, w->err);
}

/* Opens a message whose length is not known yet; *hole is where it will stand. */
static int
open_message(struct walk *w, uint32_t number, size_t *hole)
{
	unsigned char out[VARINT_MAX + LENGTH_BYTES] = {0};
	size_t n;

	if (w->out == NULL)
		return 0;
	n = tmo_wire_put_varint(out, (uint64_t)number << 3 |
	                        PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
	*hole = w->out->size + n;
	return tmo_buffer_append(w->out, out, n + LENGTH_BYTES, w->err);
}

/* Fills the hole: a varint padded to LENGTH_BYTES, which every protobuf parser takes. */
static int
close_message(struct walk *w, size_t hole)
{
	size_t length;

	if (w->out == NULL)
		return 0;
	length = w->out->size - hole - LENGTH_BYTES;
	if (length > INT32_MAX)
		return tmo_fail(w->err, "the graph without its weights takes %zu bytes, protobuf "
		                "ends at 2 GiB; keep its data in an external file", length);
	for (size_t i = 0; i < LENGTH_BYTES; i++, length >>= 7)
		w->out->data[hole + i] = (unsigned char)((length & 0x7f) |
		                                         (i + 1 < LENGTH_BYTES ? 0x80 : 0));
	return 0;
}

static bool
is_payload(const ProtobufCFieldDescriptor *d)
{
	return strcmp(d->name, "raw_data") == 0 || strcmp(d->name, "float_data") == 0 ||
	       strcmp(d->name, "int32_data") == 0 || strcmp(d->name, "int64_data") == 0 ||
	       strcmp(d->name, "double_data") == 0 || strcmp(d->name, "uint64_data") == 0;
}

static int
walk_message(struct walk *w, const ProtobufCMessageDescriptor *message, uint64_t at, uint64_t end,
             int depth)
{
	const bool tensor = message == &onnx__tensor_proto__descriptor;
	struct tmo_wire_payload payload = {0};
	const ProtobufCFieldDescriptor *d;
	struct field f = {0};
	size_t hole = 0;

	if (depth > TMO_WIRE_DEPTH_MAX)
		return tmo_fail(w->err, "messages nested more than %d deep; simplify the model's "
		                "subgraphs", TMO_WIRE_DEPTH_MAX);
	if (w->table != NULL)
		payload.first = w->table->extent_count;
	while (at < end) {
		if (get_field(w, &at, end, &f) < 0)
			return -1;
		if (tensor && f.number == TMO_WIRE_MARK)
			return tmo_fail(w->err, "field %d, which protobuf reserves, at byte %ju; "
			                "remove it", TMO_WIRE_MARK, (uintmax_t)f.start);
		d = protobuf_c_message_descriptor_get_field(message, f.number);
		if (d != NULL && d->type == PROTOBUF_C_TYPE_MESSAGE &&
		    f.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
			if (open_message(w, f.number, &hole) < 0 ||
			    walk_message(w, d->descriptor, f.body, f.end, depth + 1) < 0 ||
			    close_message(w, hole) < 0)
				return -1;
		} else if (tensor && w->table != NULL && d != NULL && is_payload(d)) {
			if (note_payload(w, &payload, &f, d->type == PROTOBUF_C_TYPE_BYTES &&
			                 f.type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) < 0)
				return -1;
		} else if (d != NULL && d->type == PROTOBUF_C_TYPE_STRING) {
			if (copy(w, f.start, f.body, false) < 0 ||
			    copy(w, f.body, f.end, true) < 0)
				return -1;
		} else if (copy(w, f.start, f.end, false) < 0) {
			return -1;
		}
	}
	return tensor && w->table != NULL ? mark(w, &payload) : 0;
}

int
tmo_wire_skeleton(int fd, struct tmo_buffer *skeleton, struct tmo_wire_table *table,
                  struct tmo_error *err)
{
	struct walk w = { .fd = fd, .out = skeleton, .table = table, .err = err };
	const off_t size = lseek(fd, 0, SEEK_END);
	int status;

	if (size < 0)
		return tmo_fail(err, "the input cannot seek");
	w.size = (uint64_t)size;
	w.buffer = tmo_alloc(WINDOW, 1, err);
	if (w.buffer == NULL)
		return -1;
	w.window = w.buffer;
	status = walk_message(&w, &onnx__model_proto__descriptor, 0, w.size, 1);
	if (status == 0 && skeleton->size > INT32_MAX)
		status = tmo_fail(err, "the graph without its weights takes %zu bytes, protobuf "
		                  "ends at 2 GiB; keep its data in an external file",
		                  skeleton->size);
	free(w.buffer);
	return status;
}

int
tmo_wire_check(const void *data, size_t size, struct tmo_error *err)
{
	struct walk w = {
		.fd = -1, .size = size, .window = data, .window_bytes = size, .err = err
	};

	return walk_message(&w, &onnx__model_proto__descriptor, 0, size, 1);
}
