/* SPDX-License-Identifier: Apache-2.0 */
/* norm.c: from each BatchNormalization back to the layer that feeds it. */
#include "net/norm.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "base/string_index.h"
#include "net/layer.h"

#define STEPS_MAX 16	/* between a layer and its BatchNormalization; a graph may be a circle */
#define INPUTS_MAX 8	/* a layer's weight is among the first */

struct walk {
	const Onnx__GraphProto *graph;
	struct tmo_string_index initializers;	/* name -> its index */
	struct tmo_string_index makers;	/* a value's name -> the node that makes it */
	struct tmo_string_index weights, scales;	/* those that were found */
	struct tmo_norms *norms;
	struct tmo_error *err;
};

static int
note_names(struct walk *w)
{
	for (size_t i = 0; i < w->graph->n_initializer; i++)
		if (tmo_string_index_set(&w->initializers, tmo_onnx_text(w->graph->initializer[i]->name), i,
		                  w->err) < 0)
			return -1;
	for (size_t i = 0; i < w->graph->n_node; i++)
		for (size_t k = 0; k < w->graph->node[i]->n_output; k++)
			if (tmo_string_index_set(&w->makers, w->graph->node[i]->output[k], i, w->err) < 0)
				return -1;
	return 0;
}

static const Onnx__NodeProto *
maker_of(const struct walk *w, const char *name)
{
	const size_t i = tmo_string_index_get(&w->makers, name);

	return i == SIZE_MAX ? NULL : w->graph->node[i];
}

/* Operators whose output is their first input in another form. */
static bool
only_reforms(const Onnx__NodeProto *node)
{
	static const char *const ops[] = {
		"Identity", "Cast", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
		"Transpose", "DequantizeLinear", "QuantizeLinear",
	};

	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (tmo_onnx_is(node, ops[i]))
			return node->n_input > 0;
	return false;
}

/* The tensor that a value is, in some form; *name its name. NULL: it is none. */
static const Onnx__TensorProto *
tensor_of(const struct walk *w, const char *value, const char **name)
{
	for (int step = 0; step < STEPS_MAX; step++) {
		const size_t i = tmo_string_index_get(&w->initializers, value);
		const Onnx__NodeProto *const node = maker_of(w, value);

		*name = value;
		if (i != SIZE_MAX)
			return w->graph->initializer[i];
		if (node == NULL)
			return NULL;
		if (tmo_onnx_is(node, "Constant")) {
			const Onnx__AttributeProto *const a = tmo_onnx_attribute(node, "value");

			return a != NULL ? a->t : NULL;
		}
		if (!only_reforms(node))
			return NULL;
		value = node->input[0];
	}
	return NULL;
}

/* If the node is a layer: the name of its weight, else NULL. */
static int
weight_of(const struct walk *w, const Onnx__NodeProto *node, const char **weight)
{
	struct tmo_view view;
	const char *name;
	int output_axis, input_axis;

	*weight = NULL;
	for (size_t i = 0; i < node->n_input && i < INPUTS_MAX; i++) {
		const Onnx__TensorProto *const t = tensor_of(w, node->input[i], &name);

		if (t == NULL)
			continue;
		if (tmo_view_initializer(&view, 0, t, w->err) < 0)
			return -1;
		if (tmo_layer_weight(node, i, &view, &output_axis, &input_axis)) {
			*weight = name;
			return 0;
		}
	}
	return 0;
}

/* The input that the node hands on: what it reforms, or what it adds a constant to; or NULL. */
static const char *
handed_on(const struct walk *w, const Onnx__NodeProto *node)
{
	const char *name;

	if (only_reforms(node))
		return node->input[0];
	if (!tmo_onnx_is(node, "Add") || node->n_input != 2)
		return NULL;
	if (tensor_of(w, node->input[1], &name) != NULL)
		return node->input[0];
	return tensor_of(w, node->input[0], &name) != NULL ? node->input[1] : NULL;
}

/* The weight of the layer that made the value, or NULL. */
static int
layer_before(const struct walk *w, const char *value, const char **weight)
{
	*weight = NULL;
	for (int step = 0; step < STEPS_MAX && value != NULL; step++) {
		const Onnx__NodeProto *const node = maker_of(w, value);

		if (node == NULL)
			return 0;
		if (weight_of(w, node, weight) < 0)
			return -1;
		if (*weight != NULL)
			return 0;
		value = handed_on(w, node);
	}
	return 0;
}

/* One element of what has no raw data. */
static double
typed_element(const Onnx__TensorProto *t, enum tmo_type type, size_t i)
{
	switch (type) {
	case TMO_F32: return (double)t->float_data[i];
	case TMO_F64: return t->double_data[i];
	case TMO_F16: return (double)tmo_f16_to_f32((uint16_t)t->int32_data[i]);
	default: return (double)tmo_bf16_to_f32((uint16_t)t->int32_data[i]);
	}
}

/* The elements of a float tensor that has its data in the graph. */
static int
read_values(const Onnx__TensorProto *t, struct tmo_norm *norm, struct tmo_error *err)
{
	const enum tmo_type type = tmo_onnx_type(t);
	const size_t typed = type == TMO_F32 ? t->n_float_data :
		type == TMO_F64 ? t->n_double_data : t->n_int32_data;
	size_t shape[TMO_RANK_MAX], count;

	if (type != TMO_F32 && type != TMO_F64 && type != TMO_F16 && type != TMO_BF16)
		return tmo_fail(err, "the scale of a BatchNormalization is of no float type; the model "
		                "is damaged");
	if (tmo_onnx_shape(t, type, shape, &count, err) < 0)
		return -1;
	if (t->has_raw_data ? t->raw_data.len != count * tmo_type_size(type) : typed != count)
		return tmo_fail(err, "the data are not the %zu elements of its shape; the model is "
		                "damaged", count);
	norm->count = count;
	norm->values = tmo_alloc(count, sizeof(double), err);
	if (norm->values == NULL)
		return -1;
	if (t->has_raw_data)
		tmo_to_f64(norm->values, type, t->raw_data.data, count);
	else
		for (size_t i = 0; i < count; i++)
			norm->values[i] = typed_element(t, type, i);
	return 0;
}

static int
add_norm(struct walk *w, const char *weight, const char *scale, const Onnx__TensorProto *t)
{
	struct tmo_norm *const norm = &w->norms->norm[w->norms->count];

	if (tmo_string_index_get(&w->weights, weight) != SIZE_MAX)
		return 0;
	if (tmo_string_index_set(&w->weights, weight, w->norms->count, w->err) < 0)
		return -1;
	w->norms->count++;
	norm->weight = tmo_copy_string(weight, w->err);
	norm->scale = tmo_copy_string(scale, w->err);
	if (norm->weight == NULL || norm->scale == NULL)
		return -1;
	if (tmo_string_index_get(&w->scales, scale) != SIZE_MAX)
		return 0;
	if (tmo_string_index_set(&w->scales, scale, 0, w->err) < 0)
		return -1;
	if (!tmo_onnx_is_external(t) && read_values(t, norm, w->err) < 0)
		return tmo_fail_at(w->err, scale);
	return 0;
}

static int
walk_nodes(struct walk *w)
{
	const char *weight, *scale;

	TMO_ONNX_EACH(Onnx__NodeProto, node, w->graph, node) {
		const Onnx__TensorProto *t;

		if (!tmo_onnx_is(*node, "BatchNormalization") || (*node)->n_input < 2)
			continue;
		t = tensor_of(w, (*node)->input[1], &scale);
		if (t == NULL)
			continue;
		if (layer_before(w, (*node)->input[0], &weight) < 0 ||
		    (weight != NULL && add_norm(w, weight, scale, t) < 0))
			return -1;
	}
	return 0;
}

int
tmo_graph_norms(const void *onnx, size_t size, struct tmo_norms *norms, struct tmo_error *err)
{
	Onnx__ModelProto *const model = tmo_onnx_unpack(onnx, size, err);
	struct walk w = {.norms = norms, .err = err};
	int status = -1;

	*norms = (struct tmo_norms){0};
	if (model == NULL)
		return -1;
	w.graph = model->graph;
	norms->norm = tmo_alloc(w.graph->n_node, sizeof(*norms->norm), err);
	if (norms->norm != NULL && note_names(&w) == 0)
		status = walk_nodes(&w);
	if (status < 0)
		tmo_norms_free(norms);
	tmo_string_index_free(&w.initializers);
	tmo_string_index_free(&w.makers);
	tmo_string_index_free(&w.weights);
	tmo_string_index_free(&w.scales);
	tmo_onnx_free(model);
	return status;
}

void
tmo_norms_free(struct tmo_norms *norms)
{
	for (size_t i = 0; i < norms->count; i++) {
		free(norms->norm[i].weight);
		free(norms->norm[i].scale);
		free(norms->norm[i].values);
	}
	free(norms->norm);
	*norms = (struct tmo_norms){0};
}
