/* SPDX-License-Identifier: Apache-2.0 */
/* wire_message.h: a message of protobuf's in memory, field by field, and fields that are written. */
#ifndef TMO_WIRE_MESSAGE_H
#define TMO_WIRE_MESSAGE_H

#include "base/buffer.h"

/* A field, in the bytes of its message: the tag from start, what it holds from body, up to end. */
struct tmo_wire_field {
	uint32_t number;
	unsigned type;			/* PROTOBUF_C_WIRE_TYPE_… */
	uint64_t varint;		/* of that type; else 0 */
	const unsigned char *start, *body, *end;
};

/* The field at *at, which moves on to the next. false: the message ends at `end`, or is damaged. */
bool tmo_wire_next(const unsigned char **at, const unsigned char *end, struct tmo_wire_field *f);
/* The last field of this number in the message of f that has a length. false: it has none. */
bool tmo_wire_inside(const struct tmo_wire_field *f, uint32_t number, struct tmo_wire_field *inside);
/* Is it this text? */
bool tmo_wire_is_text(const struct tmo_wire_field *f, const char *text);
/* Its text, owned by the caller; NULL when memory is out. */
char *tmo_wire_text(const struct tmo_wire_field *f, struct tmo_error *err);

/* The field as it stands. */
int tmo_wire_put_field(struct tmo_buffer *out, const struct tmo_wire_field *f, struct tmo_error *err);
/* The field with another body; as it stands if that is the one it has. */
int tmo_wire_put_body(struct tmo_buffer *out, const struct tmo_wire_field *f,
                      const struct tmo_buffer *body, struct tmo_error *err);
/* New fields. */
int tmo_wire_put_bytes(struct tmo_buffer *out, uint32_t number, const void *data, size_t size,
                       struct tmo_error *err);
int tmo_wire_put_text(struct tmo_buffer *out, uint32_t number, const char *text, struct tmo_error *err);
int tmo_wire_put_number(struct tmo_buffer *out, uint32_t number, uint64_t value, struct tmo_error *err);
int tmo_wire_put_float(struct tmo_buffer *out, uint32_t number, float value, struct tmo_error *err);

#endif
