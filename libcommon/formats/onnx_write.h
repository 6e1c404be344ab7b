/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_write.h: a stream's graph.onnx and its weights as one ONNX model. All sizes are known from
 * the graph, so that weights are written as they come, in any order, none of them kept.
 */
#ifndef TMO_FORMATS_ONNX_WRITE_H
#define TMO_FORMATS_ONNX_WRITE_H

#include "formats/onnx.h"

#define TMO_ONNX_EXTERNAL_BYTES 1024	/* what is smaller stays in the model */
#define TMO_ONNX_EXTERNAL_ALIGN 4096	/* so that weights can be mapped */

struct tmo_onnx_writer;

/* A weight that the graph wants. */
struct tmo_onnx_slot {
	const char *name;
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	bool external;
	uint64_t offset;		/* in the external file */
	bool filled;			/* the caller's to set */
	size_t place;			/* among the graph's initializers */
	Onnx__TensorProto *proto;
};

/*
 * Reads a graph.onnx. external: the name of the file beside the model that large weights go to, or
 * NULL. Fails if there is none and the model would pass protobuf's 2 GiB.
 */
struct tmo_onnx_writer *tmo_onnx_writer_open(const void *graph, size_t size, const char *external,
                                             struct tmo_error *err);
void tmo_onnx_writer_close(struct tmo_onnx_writer *w);

size_t tmo_onnx_writer_count(const struct tmo_onnx_writer *w);
struct tmo_onnx_slot *tmo_onnx_writer_slot(struct tmo_onnx_writer *w, size_t i);
struct tmo_onnx_slot *tmo_onnx_writer_find(struct tmo_onnx_writer *w, const char *name);
uint64_t tmo_onnx_writer_external_bytes(const struct tmo_onnx_writer *w);

/* First: everything but the graph's initializers. */
int tmo_onnx_write_head(struct tmo_onnx_writer *w, struct tmo_sink *sink, struct tmo_error *err);
/*
 * Then, for each slot that is not external, this; its elements, little-endian, must follow. The
 * initializers that are in the graph with their data take their places between them.
 */
int tmo_onnx_write_slot(struct tmo_onnx_writer *w, const struct tmo_onnx_slot *slot,
                        struct tmo_sink *sink, struct tmo_error *err);
/* Last: what is left. */
int tmo_onnx_write_tail(struct tmo_onnx_writer *w, struct tmo_sink *sink, struct tmo_error *err);

#endif
