/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_read.h: an ONNX model as a graph without weights, and its weights one at a time. */
#ifndef TMO_ONNX_READ_H
#define TMO_ONNX_READ_H

#include "base/buffer.h"
#include "formats/onnx/dequantize/coded_tensor.h"
#include "formats/onnx/strip.h"
#include "stream/member_name.h"

struct tmo_onnx_reader;

/* A tensor that leaves the graph. */
struct tmo_onnx_tensor {
	const char *name;
	char *stem;			/* the name as a member's, see tmo_name_encode */
	bool cut;			/* stem is no full account of name */
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	struct tmo_onnx_data data;	/* of a plain one */
	struct tmo_onnx_coded *form;	/* of one that the model has in codes; else NULL */
};

struct tmo_onnx_options {		/* {0}: a model becomes a stream with all that it has */
	bool keep_quantized;		/* operators that decode weights stay in the network; else
					   such weights are encoded tensors, and it is over floats */
	struct tmo_onnx_strip strip;
};

/*
 * fd (borrowed) is the model's file and can seek; dir (borrowed) is where its external data are.
 * Reads all but the weights. options: NULL is all zero.
 */
struct tmo_onnx_reader *tmo_onnx_open(int fd, const char *dir, const struct tmo_onnx_options *options,
                                      struct tmo_error *err);
void tmo_onnx_close(struct tmo_onnx_reader *r);

/* The network as it goes into a stream, but for the bytes of its weights. */
const Onnx__ModelProto *tmo_onnx_model(const struct tmo_onnx_reader *r);
/* Bytes of its text for people (strip.h): those that were taken out, or those that are there. */
uint64_t tmo_onnx_text_found(const struct tmo_onnx_reader *r);
/* Its bytes, with what it was before if that is something else (origin.h). out is empty. */
int tmo_onnx_graph(const struct tmo_onnx_reader *r, struct tmo_buffer *out, struct tmo_error *err);

size_t tmo_onnx_count(const struct tmo_onnx_reader *r);
const struct tmo_onnx_tensor *tmo_onnx_tensor(const struct tmo_onnx_reader *r, size_t i);
/* Hands a plain tensor's elements out, little-endian, in pieces. */
int tmo_onnx_read(struct tmo_onnx_reader *r, size_t i, const struct tmo_onnx_out *out,
                  struct tmo_error *err);
/* The same of one part of another. */
int tmo_onnx_read_one_part(struct tmo_onnx_reader *r, size_t i, int part,
                           const struct tmo_onnx_out *out, struct tmo_error *err);
/* How many bits the tensor's codes take: as many as the largest of them needs. Reads them all. */
int tmo_onnx_code_bits(struct tmo_onnx_reader *r, size_t i, int *bits, struct tmo_error *err);
/* Bytes of its arrays in a stream. */
uint64_t tmo_onnx_bytes(const struct tmo_onnx_reader *r, size_t i);

#endif
