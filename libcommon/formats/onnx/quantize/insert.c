/* SPDX-License-Identifier: Apache-2.0 */
/* insert.c: puts the forms of encoded weights into a model. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/onnx_write.h"
#include "formats/onnx/opset/opset.h"

/* Whether a weight's best form needs just this operator set. */
static bool
is_wanted(const struct tmo_onnx_slot *slot, size_t count, int64_t opset)
{
	for (size_t i = 0; i < count; i++)
		if (slot[i].facts != NULL &&
		    tmo_onnx_form_opset(slot[i].facts, slot[i].value) == opset)
			return true;
	return false;
}

/* Raises the operator set as far as the forms profit from it and the nodes allow. */
static void
raise_opset(Onnx__ModelProto **model, const struct tmo_onnx_slot *slot, size_t count, char *note,
            size_t room)
{
	static const int64_t levels[] = { 21, 19, 13 };	/* 4 bits, 8-bit floats, bf16 */
	const int64_t from = tmo_onnx_opset(*model);
	struct tmo_error why = {0};

	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		struct tmo_error here = {0};

		if (levels[i] <= from || !is_wanted(slot, count, levels[i]))
			continue;
		if (tmo_onnx_raise_opset(model, levels[i], &here) == 0) {
			snprintf(note, room, "opset raised from %" PRId64 " to %" PRId64 "%s%s", from,
			         levels[i], why.kind != TMO_ERROR_NONE ? ", no further: " : "", why.text);
			return;
		}
		if (why.kind == TMO_ERROR_NONE)
			why = here;
	}
	if (why.kind != TMO_ERROR_NONE)
		snprintf(note, room, "opset stays %" PRId64 ": %s", from, why.text);
}

/* "int4: DequantizeLinear", for people. */
static void
describe(struct tmo_onnx_slot *slot)
{
	const struct tmo_onnx_form *f = &slot->form;
	const int32_t type = f->part[0].type;
	const bool is_unsigned = type == TMO_ONNX_UINT2 || type == TMO_ONNX_UINT4 ||
	                         type == TMO_ONNX_UINT8 || type == TMO_ONNX_UINT16;
	int n = snprintf(slot->text, sizeof(slot->text), "%s%d:",
	                 tmo_onnx_holds(type, 0, 1) ? is_unsigned ? "uint" : "int" : "float",
	                 tmo_onnx_type_bits(type));

	for (size_t i = 0; i < f->nodes.count && n > 0 && (size_t)n < sizeof(slot->text); i++)
		n += snprintf(slot->text + n, sizeof(slot->text) - (size_t)n, " %s",
		              f->nodes.node[i]->op_type);
}

static int
make_forms(Onnx__ModelProto *model, struct tmo_onnx_slot *slot, size_t count, struct tmo_error *err)
{
	const int64_t opset = tmo_onnx_opset(model);
	struct tmo_string_index names = {0};
	int status = tmo_onnx_all_names(model, &names, err);

	for (size_t i = 0; i < count && status == 0; i++) {
		if (slot[i].facts == NULL)
			continue;
		status = tmo_onnx_form(slot[i].facts, slot[i].value, opset, &names, &slot[i].form, err);
		if (status < 0)
			tmo_fail_at(err, slot[i].name);
		else if (slot[i].form.count > 0) {
			describe(&slot[i]);
			tmo_onnx_raise_ir(model, slot[i].form.ir);
		}
	}
	tmo_string_index_free(&names);
	return status;
}

/* A value that a node makes is no input any more. */
static int
drop_inputs(Onnx__GraphProto *g, const struct tmo_onnx_slot *slot, size_t count,
            struct tmo_error *err)
{
	struct tmo_string_index made = {0};
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (slot[i].form.count > 0 && tmo_string_index_set(&made, slot[i].value, 1, err) < 0) {
			tmo_string_index_free(&made);
			return -1;
		}
	for (size_t i = 0; i < g->n_input; i++)
		if (tmo_string_index_get(&made, tmo_onnx_text(g->input[i]->name)) != SIZE_MAX)
			onnx__value_info_proto__free_unpacked(g->input[i], NULL);
		else
			g->input[kept++] = g->input[i];
	g->n_input = kept;
	tmo_string_index_free(&made);
	return 0;
}

/* The forms' nodes go before all others. */
static int
insert_nodes(Onnx__GraphProto *g, struct tmo_onnx_slot *slot, size_t count, struct tmo_error *err)
{
	size_t more = 0, at = 0;
	Onnx__NodeProto **list;

	for (size_t i = 0; i < count; i++)
		more += slot[i].form.nodes.count;
	if (more == 0)
		return 0;
	list = tmo_alloc(g->n_node + more, sizeof(Onnx__NodeProto *), err);
	if (list == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct tmo_onnx_nodes *nodes = &slot[i].form.nodes;

		for (size_t k = 0; k < nodes->count; k++)
			list[at++] = nodes->node[k];
		nodes->count = 0;
	}
	if (g->n_node > 0)
		memcpy(list + at, g->node, g->n_node * sizeof(Onnx__NodeProto *));
	free(g->node);
	g->node = list;
	g->n_node += more;
	return 0;
}

/* One weight's initializers from *place on; the old one is gone where there are new ones. */
static int
place_blobs(struct tmo_onnx_slot *slot, Onnx__TensorProto *old, Onnx__TensorProto **list,
            size_t *place, struct tmo_error *err)
{
	struct tmo_onnx_form *const form = &slot->form;
	const size_t count = form->count > 0 ? form->count : 1;

	slot->blob = tmo_alloc(count, sizeof(*slot->blob), err);
	if (slot->blob == NULL)
		return -1;
	slot->blob_count = count;
	for (size_t i = 0; i < count; i++) {
		struct tmo_onnx_blob *const b = &slot->blob[i];

		b->proto = form->count > 0 ? form->part[i].proto : old;
		b->bytes = form->count > 0 ? form->part[i].bytes :
		                             (uint64_t)slot->count * tmo_type_size(slot->type);
		b->place = *place;
		list[(*place)++] = b->proto;
		if (form->count > 0)
			form->part[i].proto = NULL;
	}
	for (size_t i = 0; i < form->constant_count; i++)
		list[(*place)++] = form->constant[i];
	form->constant_count = 0;
	if (form->count > 0)
		onnx__tensor_proto__free_unpacked(old, NULL);
	return 0;
}

static int
insert_initializers(Onnx__GraphProto *g, struct tmo_onnx_slot *slot, size_t count,
                    struct tmo_error *err)
{
	size_t room = g->n_initializer, next = 0, place = 0;
	Onnx__TensorProto **list;
	int status = 0;

	for (size_t i = 0; i < count; i++)
		room += slot[i].form.count + slot[i].form.constant_count;
	list = tmo_alloc(room, sizeof(*list), err);
	if (list == NULL)
		return -1;
	for (size_t i = 0; i < g->n_initializer; i++)
		if (status < 0 || next == count || slot[next].place != i)
			list[place++] = g->initializer[i];
		else if ((status = place_blobs(&slot[next++], g->initializer[i], list, &place,
		                               err)) < 0)
			list[place++] = g->initializer[i];
	free(g->initializer);
	g->initializer = list;
	g->n_initializer = place;
	return status;
}

int
tmo_onnx_insert(Onnx__ModelProto **model, struct tmo_onnx_slot *slot, size_t count, char *note,
                size_t room, struct tmo_error *err)
{
	raise_opset(model, slot, count, note, room);
	if (make_forms(*model, slot, count, err) < 0 ||
	    drop_inputs((*model)->graph, slot, count, err) < 0 ||
	    insert_nodes((*model)->graph, slot, count, err) < 0)
		return -1;
	return insert_initializers((*model)->graph, slot, count, err);
}
