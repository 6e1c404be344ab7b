/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_holes.c: weights of a restored network that do not stand whole among the main graph's
 * initializers: parts that do, and what stands in Constants and inner graphs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/onnx_write_state.h"

/* Whether the array has the numbers that t holds, transposed for it or not. */
static bool
goes_with(const struct tmo_array *a, const struct tmo_onnx_part *p)
{
	const size_t bits = (size_t)p->turned.bits;

	if (a->type == TMO_NONE || p->turned.rows == 0)
		return a->type != TMO_NONE && a->count == p->count;
	if (a->count % p->turned.rows != 0 || p->kind == TMO_ONNX_CODEBOOK ||
	    a->count / p->turned.rows > p->turned.row || p->count > SIZE_MAX / 8 ||
	    p->turned.row > p->count * 8 / p->turned.rows)
		return false;
	if (bits == 0)
		return p->turned.rows * p->turned.row == p->count && a->count == p->count &&
		       tmo_onnx_type_bits(p->type) == 8 * (int)tmo_type_size(a->type);
	return p->kind == TMO_ONNX_CODES && tmo_type_size(a->type) == 1 && p->type == TMO_ONNX_UINT8 &&
	       p->turned.rows * p->turned.row * bits == p->count * 8;
}

/* Which of the slot's arrays t gets. */
static int
describe_part(const struct tmo_onnx_slot *slot, const Onnx__TensorProto *t, int kind,
              struct tmo_onnx_part *part, struct tmo_error *err)
{
	const struct tmo_tensor *facts = &slot->facts->t;
	const struct tmo_array *a = kind == TMO_ONNX_CODES ? &facts->codes :
	                            kind == TMO_ONNX_CODEBOOK ? &facts->codebook : &facts->scale;
	size_t shape[TMO_RANK_MAX];

	*part = (struct tmo_onnx_part){
		.kind = (enum tmo_onnx_part_kind)kind, .type = t->data_type, .rank = facts->rank,
		.turned = tmo_onnx_turned(t),
	};
	if (tmo_onnx_shape(t, TMO_F64, shape, &part->count, err) < 0)
		return -1;
	part->bytes = tmo_onnx_type_bytes(part->type, part->count);
	memcpy(part->entries, a->shape, sizeof(part->entries));
	return goes_with(a, part) ? 0 :
	       tmo_fail(err, "the network wants other numbers; import the model again");
}

/* The slot of the weight that t points at; NULL: at none, or the weight stands there whole. */
static struct tmo_onnx_slot *
slot_of(struct tmo_onnx_writer *w, const Onnx__TensorProto *t, int *part)
{
	char stem[TMO_STEM_MAX + 1];
	size_t i;

	if (!tmo_onnx_points_at(t, stem, part))
		return NULL;
	i = tmo_string_index_get(&w->stems, stem);
	return i == SIZE_MAX ? NULL : &w->slot[i];
}

/* One more part that is an initializer of the main graph. */
static int
add_blob(struct tmo_onnx_slot *slot, Onnx__TensorProto *t, int kind, size_t place,
         struct tmo_error *err)
{
	struct tmo_onnx_form *const form = &slot->form;

	if (tmo_grow(&form->part, form->count, &form->room, sizeof(*form->part), err) < 0 ||
	    tmo_grow(&slot->blob, slot->blob_count, &slot->blob_room, sizeof(*slot->blob), err) < 0 ||
	    describe_part(slot, t, kind, &form->part[form->count], err) < 0)
		return -1;
	slot->blob[slot->blob_count++] = (struct tmo_onnx_blob){
		.proto = t, .bytes = form->part[form->count].bytes, .place = place
	};
	form->count++;
	return 0;
}

/* For tmo_onnx_each_tensor: what stands elsewhere. */
static int
add_hole(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct tmo_onnx_writer *w = arg;
	struct tmo_onnx_hole *hole;
	int part;
	struct tmo_onnx_slot *slot = slot_of(w, t, &part);

	if (slot == NULL)
		return 0;
	if (tmo_grow(&w->hole, w->hole_count, &w->hole_room, sizeof(*w->hole), err) < 0)
		return -1;
	hole = &w->hole[w->hole_count];
	*hole = (struct tmo_onnx_hole){ .proto = t, .slot = slot, .is_whole = part == TMO_ONNX_WHOLE };
	if (hole->is_whole)
		hole->part.bytes = (uint64_t)slot->count * tmo_type_size(slot->type);
	else if (describe_part(slot, t, part, &hole->part, err) < 0)
		return -1;
	w->hole_count++;
	return 0;
}

/* The data of holes count in all sizes, and come when the model is written: their place is known by it. */
static void
open_holes(struct tmo_onnx_writer *w)
{
	for (size_t i = 0; i < w->hole_count; i++) {
		struct tmo_onnx_hole *hole = &w->hole[i];

		tmo_onnx_clear_external(hole->proto);
		hole->proto->has_raw_data = true;
		hole->proto->raw_data = (ProtobufCBinaryData){
			(size_t)hole->part.bytes, (uint8_t *)(void *)hole
		};
	}
}

int
tmo_onnx_place_restored(struct tmo_onnx_writer *w, struct tmo_error *err)
{
	Onnx__GraphProto *g = w->model->graph;
	const size_t n = g->n_initializer;
	int part, status;

	if (!w->is_restored)
		return 0;
	for (size_t i = 0; i < n; i++) {
		struct tmo_onnx_slot *slot = slot_of(w, g->initializer[i], &part);

		if (slot != NULL && part != TMO_ONNX_WHOLE &&
		    add_blob(slot, g->initializer[i], part, i, err) < 0)
			return tmo_fail_at(err, slot->name);
	}
	g->n_initializer = 0;
	status = tmo_onnx_each_tensor(&w->model->base, add_hole, w, err);
	g->n_initializer = n;
	for (size_t i = w->initializer_slots; i < w->count; i++)
		snprintf(w->slot[i].text, sizeof(w->slot[i].text), "it came in");
	if (status == 0)
		open_holes(w);
	return status;
}

const struct tmo_onnx_hole *
tmo_onnx_hole_at(const struct tmo_onnx_writer *w, const void *data)
{
	const uintptr_t at = (uintptr_t)data, first = (uintptr_t)w->hole;

	return w->hole_count > 0 && at >= first && at < (uintptr_t)(w->hole + w->hole_count) ?
	       &w->hole[(at - first) / sizeof(*w->hole)] : NULL;
}

void
tmo_onnx_close_holes(struct tmo_onnx_writer *w)
{
	for (size_t i = 0; i < w->hole_count; i++)
		if (w->hole[i].proto->raw_data.data == (uint8_t *)(void *)&w->hole[i])
			w->hole[i].proto->raw_data = (ProtobufCBinaryData){0};
	free(w->hole);
}
