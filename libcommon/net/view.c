/* SPDX-License-Identifier: Apache-2.0 */
/* view.c: what Transpose, Reshape and their like do to the axes of a weight. */
#include <string.h>

#include "net/view.h"

/* A few integers: an attribute's or a constant input's. */
struct integers {
	size_t count;
	int64_t value[TMO_RANK_MAX];
};

typedef bool view_fn(const Onnx__NodeProto *node, const struct tmo_view *in,
                     const struct tmo_view_constants *constants, struct tmo_view *out);

int
tmo_view_initializer(struct tmo_view *view, size_t tensor, const Onnx__TensorProto *t,
                     struct tmo_error *err)
{
	const enum tmo_type type = tmo_onnx_type(t);
	size_t count;

	*view = (struct tmo_view){
		.tensor = tensor, .is_float = tmo_type_is_float(type), .rank = -1,
		.next = TMO_VIEW_LAST,
	};
	if (t->n_dims > TMO_RANK_MAX || type == TMO_NONE)
		return 0;
	if (tmo_onnx_shape(t, type, view->dim, &count, err) < 0)
		return tmo_fail_at(err, tmo_onnx_text(t->name));
	view->rank = (int)t->n_dims;
	for (int i = 0; i < view->rank; i++)
		view->axis[i] = i;
	return 0;
}

/* The elements of a small constant int64 tensor with its data in the graph. */
static bool
constant_integers(const Onnx__TensorProto *t, struct integers *out)
{
	if (t == NULL || t->data_type != ONNX__TENSOR_PROTO__DATA_TYPE__INT64 ||
	    tmo_onnx_is_external(t))
		return false;
	out->count = t->has_raw_data ? t->raw_data.len / 8 : t->n_int64_data;
	if (out->count > TMO_RANK_MAX)
		return false;
	for (size_t i = 0; i < out->count; i++) {
		uint64_t v = 0;

		for (size_t k = 8; t->has_raw_data && k-- > 0;)
			v = v << 8 | t->raw_data.data[8 * i + k];
		out->value[i] = t->has_raw_data ? (int64_t)v : t->int64_data[i];
	}
	return true;
}

static bool
attribute_integers(const Onnx__AttributeProto *a, struct integers *out)
{
	if (a == NULL || a->n_ints > TMO_RANK_MAX)
		return false;
	out->count = a->n_ints;
	if (a->n_ints > 0)
		memcpy(out->value, a->ints, a->n_ints * sizeof(out->value[0]));
	return true;
}

/* The node's list of integers, an attribute in older opsets, an input in newer ones. */
static bool
node_integers(const Onnx__NodeProto *node, const char *attribute, size_t input,
              const struct tmo_view_constants *constants, struct integers *out)
{
	const struct tmo_view_constant *c;

	if (attribute_integers(tmo_onnx_attribute(node, attribute), out))
		return true;
	if (input == 0 || input >= node->n_input)
		return false;
	c = constants->find(constants->arg, node->input[input]);
	return c != NULL &&
	       (constant_integers(c->tensor, out) || attribute_integers(c->integers, out));
}

/* An axis that may count from the end; -1 if there is none such. */
static int
whole_axis(int64_t axis, int rank)
{
	if (axis < 0)
		axis += rank;
	return axis >= 0 && axis < rank ? (int)axis : -1;
}

/* The same value of another shape: out->dim and rank are set. Axes stay where what is before them,
 * and they themselves, have the same size. */
static void
map_reshaped(const struct tmo_view *in, struct tmo_view *out)
{
	size_t before_in, before_out = 1;

	for (int i = 0; i < out->rank; i++) {
		out->axis[i] = -1;
		before_in = 1;
		for (int k = 0; k < in->rank; k++) {
			if (before_in == before_out && in->dim[k] == out->dim[i] &&
			    (out->dim[i] != 1 || in->rank == out->rank))
				out->axis[i] = in->axis[k];
			before_in *= in->dim[k];
		}
		before_out *= out->dim[i];
	}
}

static bool
same(const Onnx__NodeProto *node, const struct tmo_view *in,
     const struct tmo_view_constants *constants, struct tmo_view *out)
{
	(void)node;
	(void)constants;
	*out = *in;
	return true;
}

/* Slice, Split, Concat: the axes stay, what their sizes are does not matter to us. */
static bool
resized(const Onnx__NodeProto *node, const struct tmo_view *in,
        const struct tmo_view_constants *constants, struct tmo_view *out)
{
	(void)node;
	(void)constants;
	*out = *in;
	for (int i = 0; i < out->rank; i++)
		out->dim[i] = TMO_VIEW_UNKNOWN;
	return true;
}

static bool
transpose(const Onnx__NodeProto *node, const struct tmo_view *in,
          const struct tmo_view_constants *constants, struct tmo_view *out)
{
	struct integers perm = {0};

	*out = *in;
	if (in->rank < 0)
		return true;
	if (!node_integers(node, "perm", 0, constants, &perm))
		for (perm.count = 0; perm.count < (size_t)in->rank; perm.count++)
			perm.value[perm.count] = in->rank - 1 - (int)perm.count;
	if (perm.count != (size_t)in->rank)
		return false;
	for (int i = 0; i < in->rank; i++) {
		const int from = whole_axis(perm.value[i], in->rank);

		if (from < 0)
			return false;
		out->dim[i] = in->dim[from];
		out->axis[i] = in->axis[from];
	}
	return true;
}

static bool
reshape(const Onnx__NodeProto *node, const struct tmo_view *in,
        const struct tmo_view_constants *constants, struct tmo_view *out)
{
	struct integers shape = {0};
	const bool copies = tmo_onnx_int(node, "allowzero", 0) == 0;
	size_t all = 1, others = 1;
	int open = -1;

	*out = *in;
	out->rank = -1;
	if (in->rank < 0 || !node_integers(node, "shape", 1, constants, &shape))
		return true;
	for (int i = 0; i < in->rank; i++)
		all *= in->dim[i];
	for (int i = 0; i < (int)shape.count; i++) {
		if (shape.value[i] == 0 && copies && i < in->rank)
			out->dim[i] = in->dim[i];
		else if (shape.value[i] >= 0)
			out->dim[i] = (size_t)shape.value[i];
		else
			open = i;
		if (open != i)
			others *= out->dim[i];
	}
	if (open >= 0)
		out->dim[open] = others > 0 ? all / others : 0;
	out->rank = (int)shape.count;
	map_reshaped(in, out);
	return true;
}

static bool
flatten(const Onnx__NodeProto *node, const struct tmo_view *in,
        const struct tmo_view_constants *constants, struct tmo_view *out)
{
	int64_t axis = tmo_onnx_int(node, "axis", 1);

	(void)constants;
	*out = *in;
	if (in->rank < 0)
		return true;
	if (axis < 0)
		axis += in->rank;
	out->rank = 2;
	out->dim[0] = out->dim[1] = 1;
	for (int i = 0; i < in->rank; i++)
		out->dim[i < axis ? 0 : 1] *= in->dim[i];
	map_reshaped(in, out);
	return true;
}

/* Axes that the node's list names, of a value of this rank; false if they are not known. */
static bool
marked_axes(const Onnx__NodeProto *node, const struct tmo_view_constants *constants, int rank,
            bool *marked)
{
	struct integers axes = {0};

	memset(marked, 0, TMO_RANK_MAX * sizeof(*marked));
	if (!node_integers(node, "axes", 1, constants, &axes))
		return false;
	for (size_t i = 0; i < axes.count; i++) {
		const int axis = whole_axis(axes.value[i], rank);

		if (axis < 0)
			return false;
		marked[axis] = true;
	}
	return true;
}

static bool
squeeze(const Onnx__NodeProto *node, const struct tmo_view *in,
        const struct tmo_view_constants *constants, struct tmo_view *out)
{
	bool gone[TMO_RANK_MAX];

	*out = *in;
	if (in->rank < 0)
		return true;
	if (!marked_axes(node, constants, in->rank, gone))
		for (int i = 0; i < in->rank; i++)
			gone[i] = in->dim[i] == 1;
	out->rank = 0;
	for (int i = 0; i < in->rank; i++)
		if (!gone[i]) {
			out->dim[out->rank] = in->dim[i];
			out->axis[out->rank++] = in->axis[i];
		}
	return true;
}

static bool
unsqueeze(const Onnx__NodeProto *node, const struct tmo_view *in,
          const struct tmo_view_constants *constants, struct tmo_view *out)
{
	struct integers axes = {0};
	bool added[TMO_RANK_MAX];
	int from = 0;

	*out = *in;
	out->rank = -1;
	if (in->rank < 0 || !node_integers(node, "axes", 1, constants, &axes) ||
	    (size_t)in->rank + axes.count > TMO_RANK_MAX ||
	    !marked_axes(node, constants, in->rank + (int)axes.count, added))
		return true;
	for (int i = 0; i < in->rank + (int)axes.count; i++) {
		out->dim[i] = added[i] || from >= in->rank ? 1 : in->dim[from];
		out->axis[i] = added[i] || from >= in->rank ? -1 : in->axis[from];
		from += !added[i];
	}
	out->rank = in->rank + (int)axes.count;
	return true;
}

bool
tmo_view_through(const Onnx__NodeProto *node, size_t input, const struct tmo_view *in,
                 const struct tmo_view_constants *constants, struct tmo_view *out,
                 size_t *outputs)
{
	static const struct {
		const char *op;
		view_fn *fn;
		bool any_input, all_outputs;
	} table[] = {
		{ "Identity", same, false, false }, { "Cast", same, false, false },
		{ "CastLike", same, false, false }, { "Dropout", same, false, false },
		{ "DequantizeLinear", same, false, false },
		{ "QuantizeLinear", same, false, false },
		{ "Transpose", transpose, false, false }, { "Reshape", reshape, false, false },
		{ "Flatten", flatten, false, false }, { "Squeeze", squeeze, false, false },
		{ "Unsqueeze", unsqueeze, false, false }, { "Slice", resized, false, false },
		{ "Split", resized, false, true }, { "Concat", resized, true, false },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (!tmo_onnx_is(node, table[i].op))
			continue;
		*outputs = table[i].all_outputs || node->n_output == 0 ? node->n_output : 1;
		return (input == 0 || table[i].any_input) &&
		       table[i].fn(node, in, constants, out);
	}
	return false;
}
