/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_write.h: a stream's graph.onnx and its weights as one ONNX model. All sizes are known before
 * the first byte, from the graph and from what is said of encoded weights, so that weights are
 * written as they come, in any order, none of them kept.
 */
#ifndef TMO_ONNX_WRITE_H
#define TMO_ONNX_WRITE_H

#include "base/sink.h"
#include "formats/onnx/quantize/quantized_form.h"

#define TMO_ONNX_EXTERNAL_BYTES 1024	/* what is smaller stays in the model */
#define TMO_ONNX_EXTERNAL_ALIGN 4096	/* so that weights can be mapped */

struct tmo_onnx_writer;

/* An initializer that the caller writes. */
struct tmo_onnx_blob {
	Onnx__TensorProto *proto;	/* its head */
	uint64_t bytes;			/* of data */
	bool external;
	uint64_t offset;		/* in the external file */
	size_t place;			/* among the graph's initializers */
};

/* A weight that the graph wants. */
struct tmo_onnx_slot {
	char *name, *stem;		/* of the stream's tensor and its member; owned */
	char *value;			/* what the graph calls it; owned */
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	bool filled;			/* the caller's to set */
	size_t place;			/* among the initializers of graph.onnx */
	struct tmo_onnx_facts *facts;	/* owned; of a weight that is to stay encoded, else NULL */
	bool fits;			/* its codes can stand where they stood in the original */
	struct tmo_onnx_form form;	/* of no parts: the weight is dense, one blob */
	char text[80];			/* the form for people: "int4: DequantizeLinear" */
	size_t blob_count, blob_room;
	struct tmo_onnx_blob *blob;	/* owned; one for each part of the form */
};

/* A tensor in a Constant or an inner graph whose data the caller writes while the head is written. */
struct tmo_onnx_hole {
	Onnx__TensorProto *proto;
	struct tmo_onnx_slot *slot;	/* of the weight, */
	bool is_whole;			/* all of it, part.bytes of its elements; or this part: */
	struct tmo_onnx_part part;
};
/* Writes the hole's data to where the head goes. */
typedef int tmo_onnx_fill(void *arg, const struct tmo_onnx_hole *hole, struct tmo_error *err);

/* Reads a graph.onnx. */
struct tmo_onnx_writer *tmo_onnx_writer_open(const void *graph, size_t size,
                                             struct tmo_error *err);
void tmo_onnx_writer_close(struct tmo_onnx_writer *w);

size_t tmo_onnx_writer_count(const struct tmo_onnx_writer *w);
struct tmo_onnx_slot *tmo_onnx_writer_slot(struct tmo_onnx_writer *w, size_t i);
struct tmo_onnx_slot *tmo_onnx_writer_find(struct tmo_onnx_writer *w, const char *name);

/* First, for weights that are to stay encoded as t is: keeps what must be known of it. */
int tmo_onnx_writer_encode(const struct tmo_onnx_writer *w, struct tmo_onnx_slot *slot,
                           const struct tmo_tensor *t, struct tmo_error *err);
/*
 * Then, to write weights where the original model had them, in Constants, inner graphs and operators
 * over integers: what was encoded since goes to the main graph's initializers as before. none_inside:
 * so does all else of Constants and inner graphs. Changes the order of the slots.
 */
int tmo_onnx_writer_go_back(struct tmo_onnx_writer *w, bool none_inside, const char *temporary_dir,
                            struct tmo_error *err);
/*
 * Then: fixes the model. external: the name of the file beside it that large weights go to, or NULL.
 * Fails if there is none and the model would pass protobuf's 2 GiB.
 */
int tmo_onnx_writer_begin(struct tmo_onnx_writer *w, const char *external, struct tmo_error *err);
/* What happened to the operator set, for people; "" for nothing. */
const char *tmo_onnx_writer_note(const struct tmo_onnx_writer *w);
uint64_t tmo_onnx_writer_external_bytes(const struct tmo_onnx_writer *w);

/* Then everything but the graph's initializers. fill is called for each hole, in the model's order. */
int tmo_onnx_write_head(struct tmo_onnx_writer *w, tmo_onnx_fill *fill, void *arg,
                        struct tmo_sink *sink, struct tmo_error *err);
/* The holes, borrowed. */
const struct tmo_onnx_hole *tmo_onnx_writer_holes(const struct tmo_onnx_writer *w, size_t *count);
/*
 * Then, for each blob that is not external, this; its data, little-endian, must follow. The
 * initializers that are in the graph with their data take their places between them.
 */
int tmo_onnx_write_blob(struct tmo_onnx_writer *w, const struct tmo_onnx_blob *blob,
                        struct tmo_sink *sink, struct tmo_error *err);
/* Last: what is left. */
int tmo_onnx_write_tail(struct tmo_onnx_writer *w, struct tmo_sink *sink, struct tmo_error *err);

/* Fails: a model with so many bytes is too large for one file. */
int tmo_onnx_too_large(uint64_t bytes, struct tmo_error *err);

/*
 * insert.c: gives the slots their forms and blobs, and the model their initializers and nodes,
 * raising its operator set where that is needed. note: for people, `room` bytes.
 */
int tmo_onnx_insert(Onnx__ModelProto **model, struct tmo_onnx_slot *slot, size_t count, char *note,
                    size_t room, struct tmo_error *err);

#endif
