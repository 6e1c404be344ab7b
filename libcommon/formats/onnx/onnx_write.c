/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_write.c: a ModelProto whose graph comes last, and in the graph the weights: protobuf lets
 * fields stand in any order, and repeated ones apart from each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/sink.h"
#include "formats/onnx/onnx_write_state.h"
#include "formats/onnx/wire.h"

enum { MODEL_GRAPH = 7, GRAPH_INITIALIZER = 5, TENSOR_RAW_DATA = 9 };	/* fields of onnx.proto */

/* Bytes of a length-prefixed field, its tag and length with it. */
static uint64_t
field_size(uint32_t number, uint64_t length)
{
	return tmo_wire_varint_size((uint64_t)number << 3) + tmo_wire_varint_size(length) + length;
}

/* Bytes of the TensorProto that a blob becomes in the model. */
static uint64_t
blob_size(const struct tmo_onnx_blob *b)
{
	return onnx__tensor_proto__get_packed_size(b->proto) + field_size(TENSOR_RAW_DATA, b->bytes);
}

static int
write_field(uint32_t number, uint64_t length, struct tmo_sink *sink, struct tmo_error *err)
{
	unsigned char out[20];
	size_t n = tmo_wire_put_varint(out, (uint64_t)number << 3 |
	                                    PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);

	n += tmo_wire_put_varint(out + n, length);
	return tmo_sink_write(sink, out, n, err);
}

/* A message on its way out. */
struct packing {
	ProtobufCBuffer base;
	struct tmo_buffer bytes;	/* not written yet */
	const struct tmo_onnx_writer *w;
	tmo_onnx_fill *fill;
	void *arg;
	struct tmo_sink *sink;
	struct tmo_error *err;
	int status;
};

static void
flush(struct packing *p)
{
	if (p->status == 0)
		p->status = tmo_sink_write(p->sink, p->bytes.data, p->bytes.size, p->err);
	p->bytes.size = 0;
}

/* protobuf-c's append: a hole's data come from the caller. */
static void
append(ProtobufCBuffer *base, size_t size, const uint8_t *data)
{
	struct packing *p = (struct packing *)(void *)base;
	const struct tmo_onnx_hole *hole = tmo_onnx_hole_at(p->w, data);

	if (p->status == 0 && hole == NULL)
		p->status = tmo_buffer_append(&p->bytes, data, size, p->err);
	if (hole == NULL)
		return;
	flush(p);
	if (p->status == 0)
		p->status = p->fill(p->arg, hole, p->err);
}

static int
write_message(struct tmo_onnx_writer *w, const ProtobufCMessage *m, tmo_onnx_fill *fill, void *arg,
              struct tmo_sink *sink, struct tmo_error *err)
{
	struct packing p = {
		.base = { append }, .w = w, .fill = fill, .arg = arg, .sink = sink, .err = err
	};

	protobuf_c_message_pack_to_buffer(m, &p.base);
	flush(&p);
	tmo_buffer_free(&p.bytes);
	return p.status;
}

/* For tmo_onnx_each_tensor: data that is elsewhere must be a slot's. */
static int
check_external(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct tmo_onnx_writer *w = arg;
	const struct tmo_onnx_slot *slot = tmo_onnx_writer_find(w, tmo_onnx_text(t->name));

	if (!tmo_onnx_is_external(t) ||
	    (slot != NULL && w->model->graph->initializer[slot->place] == t))
		return 0;
	tmo_fail(err, "graph.onnx has external data elsewhere than in the main graph's "
	         "initializers; import the model with tmo-from-onnx");
	return tmo_fail_at(err, tmo_onnx_text(t->name));
}

struct tmo_onnx_writer *
tmo_onnx_writer_open(const void *graph, size_t size, struct tmo_error *err)
{
	struct tmo_onnx_writer *w = tmo_alloc(1, sizeof(*w), err);
	bool changed = false;

	if (w == NULL)
		return NULL;
	w->model = tmo_onnx_unpack(graph, size, err);
	if (w->model != NULL && tmo_onnx_take_origin(w->model, &w->origin, &changed, err) == 0 &&
	    tmo_onnx_find_slots(w, err) == 0 &&
	    tmo_onnx_each_tensor(&w->model->base, check_external, w, err) == 0) {
		if (changed)
			snprintf(w->note, sizeof(w->note), "the network has changed: weights stay where "
			         "they are in it");
		return w;
	}
	tmo_onnx_writer_close(w);
	return NULL;
}

void
tmo_onnx_writer_close(struct tmo_onnx_writer *w)
{
	if (w == NULL)
		return;
	for (size_t i = 0; i < w->initializer_count; i++)
		if (w->initializer[i] != NULL)
			onnx__tensor_proto__free_unpacked(w->initializer[i], NULL);
	tmo_onnx_close_holes(w);
	tmo_onnx_free_slots(w);
	free(w->initializer);
	tmo_onnx_free_origin(w->origin);
	tmo_onnx_free(w->model);
	free(w);
}

int
tmo_onnx_writer_encode(const struct tmo_onnx_writer *w, struct tmo_onnx_slot *slot,
                       const struct tmo_tensor *t, struct tmo_error *err)
{
	if (slot->facts == NULL)
		slot->facts = tmo_alloc(1, sizeof(*slot->facts), err);
	slot->fits = w->origin != NULL && tmo_onnx_origin_fits(w->origin, slot->stem, t);
	return slot->facts == NULL ? -1 : tmo_onnx_facts(t, slot->facts, err);
}

/* Where a blob's data go. */
static int
place_data(struct tmo_onnx_writer *w, struct tmo_onnx_blob *b, const char *external,
           struct tmo_error *err)
{
	if (external == NULL || b->bytes < TMO_ONNX_EXTERNAL_BYTES) {
		tmo_onnx_clear_external(b->proto);
		return 0;
	}
	b->external = true;
	b->offset = w->external_bytes;
	w->external_bytes += b->bytes + TMO_ONNX_EXTERNAL_ALIGN - 1;
	w->external_bytes -= w->external_bytes % TMO_ONNX_EXTERNAL_ALIGN;
	return tmo_onnx_set_external(b->proto, external, b->offset, b->bytes, err);
}

/* Takes the initializers out of the graph: each of them is written by itself. */
static void
take_initializers(struct tmo_onnx_writer *w)
{
	Onnx__GraphProto *g = w->model->graph;

	w->initializer = g->initializer;
	w->initializer_count = g->n_initializer;
	g->initializer = NULL;
	g->n_initializer = 0;
	for (size_t i = 0; i < w->count; i++)
		for (size_t k = 0; k < w->slot[i].blob_count; k++)
			if (!w->slot[i].blob[k].external)
				w->initializer[w->slot[i].blob[k].place] = NULL;
}

/* Bytes of the graph, the weights in the model with it. */
static uint64_t
graph_size(const struct tmo_onnx_writer *w)
{
	uint64_t size = onnx__graph_proto__get_packed_size(w->model->graph);

	for (size_t i = 0; i < w->count; i++)
		for (size_t k = 0; k < w->slot[i].blob_count; k++)
			if (!w->slot[i].blob[k].external)
				size += field_size(GRAPH_INITIALIZER, blob_size(&w->slot[i].blob[k]));
	for (size_t i = 0; i < w->initializer_count; i++)
		if (w->initializer[i] != NULL)
			size += field_size(GRAPH_INITIALIZER,
			             onnx__tensor_proto__get_packed_size(w->initializer[i]));
	return size;
}

int
tmo_onnx_too_large(uint64_t bytes, struct tmo_error *err)
{
	tmo_fail(err, "the model would take %ju bytes, protobuf ends at 2 GiB; put its weights "
	         "into a file with --external FILE", (uintmax_t)bytes);
	return tmo_fail_at(err, "graph.onnx");
}

int
tmo_onnx_writer_begin(struct tmo_onnx_writer *w, const char *external, struct tmo_error *err)
{
	Onnx__GraphProto *graph;
	uint64_t bytes, rest;

	if (tmo_onnx_insert(&w->model, w->slot, w->initializer_slots, w->note, sizeof(w->note),
	                    err) < 0 || tmo_onnx_place_restored(w, err) < 0)
		return -1;
	for (size_t i = 0; i < w->count; i++)
		for (size_t k = 0; k < w->slot[i].blob_count; k++)
			if (place_data(w, &w->slot[i].blob[k], external, err) < 0)
				return -1;
	take_initializers(w);
	graph = w->model->graph;
	w->model->graph = NULL;
	rest = onnx__model_proto__get_packed_size(w->model);
	w->model->graph = graph;
	bytes = rest + field_size(MODEL_GRAPH, graph_size(w));
	return bytes > INT32_MAX ? tmo_onnx_too_large(bytes, err) : 0;
}

const char *
tmo_onnx_writer_note(const struct tmo_onnx_writer *w)
{
	return w->note;
}

const struct tmo_onnx_hole *
tmo_onnx_writer_holes(const struct tmo_onnx_writer *w, size_t *count)
{
	*count = w->hole_count;
	return w->hole;
}

size_t
tmo_onnx_writer_count(const struct tmo_onnx_writer *w)
{
	return w->count;
}

struct tmo_onnx_slot *
tmo_onnx_writer_slot(struct tmo_onnx_writer *w, size_t i)
{
	return &w->slot[i];
}

struct tmo_onnx_slot *
tmo_onnx_writer_find(struct tmo_onnx_writer *w, const char *name)
{
	const size_t i = tmo_string_index_get(&w->names, name);

	return i == SIZE_MAX ? NULL : &w->slot[i];
}

uint64_t
tmo_onnx_writer_external_bytes(const struct tmo_onnx_writer *w)
{
	return w->external_bytes;
}

int
tmo_onnx_write_head(struct tmo_onnx_writer *w, tmo_onnx_fill *fill, void *arg,
                    struct tmo_sink *sink, struct tmo_error *err)
{
	Onnx__GraphProto *g = w->model->graph;
	int status;

	w->model->graph = NULL;
	status = write_message(w, &w->model->base, fill, arg, sink, err);
	w->model->graph = g;
	if (status < 0 || write_field(MODEL_GRAPH, graph_size(w), sink, err) < 0)
		return -1;
	return write_message(w, &g->base, fill, arg, sink, err);
}

/* Writes the initializers before `place` that the caller does not. */
static int
write_initializers(struct tmo_onnx_writer *w, size_t place, struct tmo_sink *sink,
                   struct tmo_error *err)
{
	for (; w->next < place; w->next++) {
		const Onnx__TensorProto *t = w->initializer[w->next];

		if (t != NULL &&
		    (write_field(GRAPH_INITIALIZER, onnx__tensor_proto__get_packed_size(t), sink,
		                 err) < 0 || write_message(w, &t->base, NULL, NULL, sink, err) < 0))
			return -1;
	}
	return 0;
}

int
tmo_onnx_write_blob(struct tmo_onnx_writer *w, const struct tmo_onnx_blob *blob,
                    struct tmo_sink *sink, struct tmo_error *err)
{
	if (write_initializers(w, blob->place, sink, err) < 0 ||
	    write_field(GRAPH_INITIALIZER, blob_size(blob), sink, err) < 0 ||
	    write_message(w, &blob->proto->base, NULL, NULL, sink, err) < 0)
		return -1;
	return write_field(TENSOR_RAW_DATA, blob->bytes, sink, err);
}

int
tmo_onnx_write_tail(struct tmo_onnx_writer *w, struct tmo_sink *sink, struct tmo_error *err)
{
	return write_initializers(w, w->initializer_count, sink, err);
}
