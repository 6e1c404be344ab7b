/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_write_state.h: what the files behind onnx_write.h share. */
#ifndef TMO_ONNX_WRITE_STATE_H
#define TMO_ONNX_WRITE_STATE_H

#include "base/string_index.h"
#include "formats/onnx/onnx_write.h"
#include "formats/onnx/restore.h"

struct tmo_onnx_writer {
	Onnx__ModelProto *model;
	struct tmo_onnx_origin *origin;	/* NULL: there is none, or graph.onnx is not what it became */
	bool is_restored;		/* the model is what the origin says */
	size_t count;
	struct tmo_onnx_slot *slot;	/* first those that are whole initializers, in order: */
	size_t initializer_slots;	/* so many */
	struct tmo_string_index names;	/* of the stream's tensors -> slot */
	struct tmo_string_index stems;	/* of their members -> slot */
	uint64_t external_bytes;
	char note[256];
	size_t initializer_count, next;	/* next: the first one that was not looked at for writing */
	Onnx__TensorProto **initializer;	/* taken out of the graph; NULL: a blob that the
						   caller writes */
	size_t hole_count, hole_room;
	struct tmo_onnx_hole *hole;
};

/* ---- onnx_slots.c ---- */

/* The slots of a graph.onnx: its main graph's initializers without data. */
int tmo_onnx_find_slots(struct tmo_onnx_writer *w, struct tmo_error *err);
void tmo_onnx_free_slots(struct tmo_onnx_writer *w);

/* ---- onnx_holes.c ---- */

/* In a restored network, after whole initializers have got their forms: makes blobs and holes of the rest. */
int tmo_onnx_place_restored(struct tmo_onnx_writer *w, struct tmo_error *err);
/* The hole that these raw_data stand for; NULL: they are data. */
const struct tmo_onnx_hole *tmo_onnx_hole_at(const struct tmo_onnx_writer *w, const void *data);
/* Before the model is freed. */
void tmo_onnx_close_holes(struct tmo_onnx_writer *w);

#endif
