/* SPDX-License-Identifier: Apache-2.0 */
/* emit.c: initializers and nodes, one after the other, from codes to values. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/quantize/emit.h"

void
tmo_onnx_form_free(struct tmo_onnx_form *form)
{
	for (size_t i = 0; i < form->count; i++)
		if (form->part[i].proto != NULL)
			onnx__tensor_proto__free_unpacked(form->part[i].proto, NULL);
	for (size_t i = 0; i < form->constant_count; i++)
		if (form->constant[i] != NULL)
			onnx__tensor_proto__free_unpacked(form->constant[i], NULL);
	free(form->part);
	tmo_onnx_nodes_free(&form->nodes);
	*form = (struct tmo_onnx_form){0};
}

/* ---- initializers and nodes, one at a time ---- */

/* A node from v that makes v anew; borrowed, NULL on failure. */
Onnx__NodeProto *
tmo_emit_node(struct tmo_emit *e, struct tmo_emit_value *v, const char *op, const char *suffix)
{
	char *output = tmo_onnx_fresh(e->names, e->name, suffix, e->err);
	Onnx__NodeProto *n = output == NULL ? NULL : tmo_onnx_node(op, output, e->err);

	if (n == NULL || tmo_onnx_nodes_add(&e->form->nodes, n, e->err) < 0 ||
	    tmo_onnx_add_input(n, v->name, e->err) < 0) {
		free(output);
		return NULL;
	}
	free(v->name);
	v->name = output;
	return n;
}

int
tmo_emit_cast(struct tmo_emit *e, struct tmo_emit_value *v, int32_t type)
{
	Onnx__NodeProto *n;

	if (v->type == type)
		return 0;
	n = tmo_emit_node(e, v, "Cast", "_cast");
	v->type = type;
	return n == NULL ? -1 : tmo_onnx_set_int(n, "to", type, e->err);
}

int
tmo_emit_binary(struct tmo_emit *e, struct tmo_emit_value *v, const char *op, const char *suffix,
                const struct tmo_emit_value *other)
{
	Onnx__NodeProto *n = tmo_emit_node(e, v, op, suffix);

	return n == NULL ? -1 : tmo_onnx_add_input(n, other->name, e->err);
}

/* A small initializer that has its data with it. */
int
tmo_emit_constant(struct tmo_emit *e, struct tmo_emit_value *v, const char *suffix, int32_t type,
                  size_t count, const void *data)
{
	const int64_t dims = (int64_t)count;
	Onnx__TensorProto *t;

	v->type = type;
	v->name = tmo_onnx_fresh(e->names, e->name, suffix, e->err);
	if (v->name == NULL)
		return -1;
	t = tmo_onnx_raw_tensor(v->name, type, 1, &dims, data,
	                        (size_t)tmo_onnx_type_bytes(type, count), e->err);
	if (t == NULL)
		return -1;
	e->form->constant[e->form->constant_count++] = t;
	return 0;
}

int
tmo_emit_reshape(struct tmo_emit *e, struct tmo_emit_value *v, int rank, const size_t *shape)
{
	int64_t dims[2 * TMO_RANK_MAX];
	struct tmo_emit_value to = {0};
	int status;

	for (int a = 0; a < rank; a++)
		dims[a] = (int64_t)shape[a];
	status = tmo_emit_constant(e, &to, "_shape", TMO_ONNX_INT64, (size_t)rank, dims);
	if (status == 0)
		status = tmo_emit_binary(e, v, "Reshape", "_reshape", &to);
	free(to.name);
	return status;
}

/* An initializer whose data are made of a part of the tensor later on. Borrowed until the next. */
struct tmo_onnx_part *
tmo_emit_part(struct tmo_emit *e, struct tmo_emit_value *v, enum tmo_onnx_part_kind kind,
              int32_t type, int rank, const size_t *shape)
{
	static const char *const suffixes[] = {
		[TMO_ONNX_CODES] = "_quantized", [TMO_ONNX_CODEBOOK] = "_codebook",
		[TMO_ONNX_SCALE] = "_scale", [TMO_ONNX_ZERO_POINT] = "_zero_point",
		[TMO_ONNX_OFFSETS] = "_offset", [TMO_ONNX_BLOCKS] = "_block",
	};
	struct tmo_onnx_form *const form = e->form;
	int64_t dims[2 * TMO_RANK_MAX];
	struct tmo_onnx_part *p;

	if (tmo_grow(&form->part, form->count, &form->room, sizeof(*form->part), e->err) < 0)
		return NULL;
	p = &form->part[form->count];
	*p = (struct tmo_onnx_part){ .kind = kind, .type = type, .count = 1 };
	for (int a = 0; a < rank; a++) {
		dims[a] = (int64_t)shape[a];
		p->count *= shape[a];
	}
	p->bytes = tmo_onnx_type_bytes(type, p->count);
	v->type = type;
	v->name = tmo_onnx_fresh(e->names, e->name, suffixes[kind], e->err);
	if (v->name != NULL)
		p->proto = tmo_onnx_raw_tensor(v->name, type, (size_t)rank, dims, NULL, 0, e->err);
	if (p->proto == NULL)
		return NULL;
	form->count++;
	return p;
}

/* ---- blocks ---- */

static size_t
block_of(const struct tmo_tensor *t, int axis)
{
	return t->blocked ? t->block[axis] : 1;
}

/* Whether a parameter has an entry for each block along the axis. */
static bool
has_blocks(const struct tmo_emit *e, const struct tmo_array *a, int axis)
{
	return tmo_is_there(a) && a->shape[axis] > 1 && block_of(e->t, axis) > 1;
}

static bool
axis_has_blocks(const struct tmo_emit *e, int axis)
{
	return has_blocks(e, &e->t->scale, axis) || has_blocks(e, &e->t->zero_point, axis) ||
	       has_blocks(e, &e->t->codebook, axis);
}

/* The shape with an axis for the blocks before that within a block: entries, or the tensor's. */
static int
split_shape(const struct tmo_emit *e, const size_t *entries, size_t *shape)
{
	int rank = 0;

	for (int a = 0; a < e->t->rank; a++) {
		const size_t n = e->t->shape[a], b = block_of(e->t, a);

		if (!e->split || !axis_has_blocks(e, a)) {
			shape[rank++] = entries != NULL ? entries[a] : n;
			continue;
		}
		shape[rank++] = entries != NULL ? entries[a] : n / b;
		shape[rank++] = entries != NULL ? 1 : b;
	}
	return rank;
}

/* Whether v can be seen so: there are blocks, and all of them are whole. Then it is, from now on. */
int
tmo_emit_split(struct tmo_emit *e, struct tmo_emit_value *v)
{
	size_t shape[2 * TMO_RANK_MAX];
	bool any = false;
	int rank;

	for (int a = 0; a < e->t->rank; a++)
		if (axis_has_blocks(e, a)) {
			if (e->t->shape[a] % block_of(e->t, a) != 0)
				return 0;
			any = true;
		}
	if (!any)
		return 0;
	e->split = true;
	rank = split_shape(e, NULL, shape);
	return tmo_emit_reshape(e, v, rank, shape);
}

int
tmo_emit_join(struct tmo_emit *e, struct tmo_emit_value *v)
{
	return e->split ? tmo_emit_reshape(e, v, e->t->rank, e->t->shape) : 0;
}

/* The least type for numbers below count, to be cast to int32. */
static int32_t
index_type(size_t count)
{
	return count <= 256 ? TMO_ONNX_UINT8 : count <= 65536 ? TMO_ONNX_UINT16 : TMO_ONNX_INT32;
}

/* Where the last block is short: each element's entry by its number. */
static int
spread_blocks(struct tmo_emit *e, struct tmo_emit_value *v, const struct tmo_array *a)
{
	for (int axis = 0; axis < e->t->rank; axis++) {
		struct tmo_emit_value blocks = {0};
		struct tmo_onnx_part *p;
		Onnx__NodeProto *n;

		if (e->split || !has_blocks(e, a, axis))
			continue;
		p = tmo_emit_part(e, &blocks, TMO_ONNX_BLOCKS, index_type(a->shape[axis]), 1,
		                  &e->t->shape[axis]);
		if (p != NULL)
			p->axis = axis;
		n = p == NULL || tmo_emit_cast(e, &blocks, TMO_ONNX_INT32) < 0 ? NULL :
		    tmo_emit_node(e, v, "Gather", "_spread");
		if (n == NULL || tmo_onnx_add_input(n, blocks.name, e->err) < 0 ||
		    tmo_onnx_set_int(n, "axis", axis, e->err) < 0) {
			free(blocks.name);
			return -1;
		}
		free(blocks.name);
	}
	return 0;
}

/* ---- scale and zero point, as tmo_emit_arithmetic ---- */

/* A parameter as numbers to compute with, in a shape that goes with the value's. */
static int
parameter(struct tmo_emit *e, struct tmo_emit_value *v, enum tmo_onnx_part_kind kind,
          const struct tmo_array *a)
{
	const bool is_offset = kind == TMO_ONNX_OFFSETS;
	const int32_t to = is_offset ? TMO_ONNX_INT32 : e->compute;
	const int32_t own = is_offset ? index_type(a->count) : tmo_onnx_parameter_type(a->type);
	size_t shape[2 * TMO_RANK_MAX];
	const int rank = split_shape(e, a->shape, shape);
	struct tmo_onnx_part *p = tmo_emit_part(e, v, kind, own != 0 ? own : to, rank, shape);

	if (p == NULL)
		return -1;
	p->rank = e->t->rank;
	memcpy(p->entries, a->shape, sizeof(p->entries));
	return tmo_emit_cast(e, v, to) < 0 ? -1 : spread_blocks(e, v, a);
}

int
tmo_emit_parameter(struct tmo_emit *e, struct tmo_emit_value *v, const char *op, const char *suffix,
                   enum tmo_onnx_part_kind kind, const struct tmo_array *a)
{
	struct tmo_emit_value p = {0};
	int status;

	if (!tmo_is_there(a))
		return 0;
	status = parameter(e, &p, kind, a);
	if (status == 0)
		status = tmo_emit_binary(e, v, op, suffix, &p);
	free(p.name);
	return status;
}

int
tmo_emit_arithmetic(struct tmo_emit *e, struct tmo_emit_value *v)
{
	if (tmo_emit_cast(e, v, e->compute) < 0 ||
	    tmo_emit_parameter(e, v, "Sub", "_sub", TMO_ONNX_ZERO_POINT, &e->t->zero_point) < 0)
		return -1;
	return tmo_emit_parameter(e, v, "Mul", "_mul", TMO_ONNX_SCALE, &e->t->scale);
}

