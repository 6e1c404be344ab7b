/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_data.h: the data of ONNX tensors, out of the model's file or files beside it. */
#ifndef TMO_TENSOR_DATA_H
#define TMO_TENSOR_DATA_H

#include "base/buffer.h"
#include "formats/onnx/proto.h"
#include "formats/onnx/wire.h"

/* Where tensors' data are. */
struct tmo_onnx_files {
	int fd;				/* the model's file */
	struct tmo_wire_table table;
	const char *dir;		/* of external data; NULL: it has none */
	char *root;			/* dir's real path; owned, made when needed */
	char *open_location;		/* the external file that is open; owned */
	int open_fd;
};
void tmo_onnx_files_close(struct tmo_onnx_files *files);	/* fd stays open */

/* Where one tensor's data are; {.payload = SIZE_MAX} for nowhere. */
struct tmo_onnx_data {
	size_t payload;			/* in the table */
	char *location;			/* owned; of external data, else NULL */
	uint64_t offset, length;
	bool has_length;
};

/* Takes it out of t, which then has neither data nor a place where they are. */
int tmo_onnx_take_data(Onnx__TensorProto *t, const struct tmo_wire_table *table,
                       struct tmo_onnx_data *data, struct tmo_error *err);

/* The mark that tmo_wire_skeleton gave t, its place in the table; false: it has none. */
bool tmo_onnx_mark(const Onnx__TensorProto *t, uint64_t *mark);
void tmo_onnx_drop_mark(Onnx__TensorProto *t);

/* Where t's data are, which stay there; data->location is the caller's to free. */
int tmo_onnx_find_data(const Onnx__TensorProto *t, const struct tmo_wire_table *table,
                       struct tmo_onnx_data *data, struct tmo_error *err);

/* Is handed data piece by piece. */
struct tmo_onnx_out {
	int (*write)(void *arg, const void *data, size_t size, struct tmo_error *err);
	void *arg;
};

/*
 * Hands count elements of a type out, little-endian, in pieces of at most 64 KiB. Fails if there
 * are more or fewer.
 */
int tmo_onnx_read_data(struct tmo_onnx_files *files, const struct tmo_onnx_data *data,
                       enum tmo_type type, size_t count, const struct tmo_onnx_out *out,
                       struct tmo_error *err);

/* How many bytes it can give at most, before any is read. */
int tmo_onnx_data_bytes(struct tmo_onnx_files *files, const struct tmo_onnx_data *data,
                        enum tmo_type type, uint64_t *bytes, struct tmo_error *err);

/* All of count elements, appended. Room for them is taken only if the model can have so many. */
int tmo_onnx_load(struct tmo_onnx_files *files, const struct tmo_onnx_data *data, enum tmo_type type,
                  size_t count, struct tmo_buffer *bytes, struct tmo_error *err);

/* tmo_onnx_read_data out of typed fields, in the model's file or in memory: whole fields of a TensorProto. */
int tmo_onnx_read_typed(const struct tmo_onnx_files *files, const struct tmo_wire_payload *payload,
                        enum tmo_type type, size_t count, const struct tmo_onnx_out *out,
                        struct tmo_error *err);

int tmo_onnx_decode_typed(const void *fields, size_t bytes, enum tmo_type type, size_t count,
                          const struct tmo_onnx_out *out, struct tmo_error *err);

/* The bytes of external data: checks that the file has them. *left: the file's from offset on. */
int tmo_onnx_open_external(struct tmo_onnx_files *files, const char *location, uint64_t offset,
                           uint64_t *left, struct tmo_error *err);

/* Gives t the data it had in the file: the payload as it was, external data as raw_data. */
int tmo_onnx_put_back(struct tmo_onnx_files *files, Onnx__TensorProto *t, struct tmo_error *err);

#endif
