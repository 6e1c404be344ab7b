/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: a first look at an ONNX file in protobuf's wire format, before protobuf-c sees it. It
 * leaves tensor payloads where they are, and refuses what protobuf-c would die of.
 */
#ifndef TMO_WIRE_H
#define TMO_WIRE_H

#include "base/buffer.h"


#define TMO_WIRE_DEPTH_MAX 100		/* messages in messages; protobuf itself stops there */
/*
 * An unknown field of a TensorProto that ties it to its payload in the table below. Protobuf keeps
 * 19000 to 19999 for implementations, so no ONNX file has it.
 */
#define TMO_WIRE_MARK 19999

/* Bytes of the file: whole fields, tags with them. */
struct tmo_wire_extent {
	uint64_t offset, length;
};

/* Where the data of one TensorProto stand: float_data, int32_data, …, and raw_data apart. */
struct tmo_wire_payload {
	size_t first, count;			/* its extents, all fields in the file's order; 0: it
						   has none */
	bool has_raw;
	uint64_t raw_offset, raw_length;	/* raw_data's bytes */
};

struct tmo_wire_table {
	size_t extent_count, extent_room, payload_count, payload_room;
	struct tmo_wire_extent *extent;
	struct tmo_wire_payload *payload;
};
void tmo_wire_free(struct tmo_wire_table *table);

/*
 * Appends to `skeleton` the ModelProto in fd (which can seek; read from its start) without the
 * payload of any TensorProto: that is in the table at the index in the field TMO_WIRE_MARK.
 */
int tmo_wire_skeleton(int fd, struct tmo_buffer *skeleton, struct tmo_wire_table *table,
                      struct tmo_error *err);
/* Only checks a ModelProto in memory: after it, protobuf-c may have the bytes. */
int tmo_wire_check(const void *data, size_t size, struct tmo_error *err);

/* A varint in [*at, end): moves *at past it. false: cut short, or more than 64 bits. */
bool tmo_wire_varint(const unsigned char **at, const unsigned char *end, uint64_t *value);
/* Writes a varint; returns its bytes, at most 10. */
size_t tmo_wire_put_varint(unsigned char *out, uint64_t value);
/* What it will take. */
size_t tmo_wire_varint_size(uint64_t value);

#endif
