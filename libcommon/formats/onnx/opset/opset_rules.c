/* SPDX-License-Identifier: Apache-2.0 */
/*
 * opset_rules.c: what became of ONNX's operators from opset 8 to 21. Versions that only took
 * more types, or an optional input or attribute whose default is what was before, need no rule.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/opset/opset_edit.h"
#include "formats/onnx/opset/opset_rules.h"

enum { FLOAT = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, INT64 = ONNX__TENSOR_PROTO__DATA_TYPE__INT64 };

/* An attribute of integers becomes an input; absent or empty, it stays absent. */
static int
ints_to_input(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	const Onnx__AttributeProto *a = tmo_onnx_attribute(n, rule->attribute);
	char suffix[16];

	if (a == NULL)
		return 0;
	snprintf(suffix, sizeof(suffix), "_%s", rule->attribute);
	if (a->n_ints > 0 && tmo_onnx_constant_input(r, n, rule->input, suffix, INT64, a->ints,
	                                             a->n_ints, false) < 0)
		return -1;
	tmo_onnx_drop_attribute(n, rule->attribute);
	return 0;
}

static int
int_to_input(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule,
             int64_t otherwise, bool scalar)
{
	const int64_t value = tmo_onnx_int(n, rule->attribute, otherwise);

	if (tmo_onnx_constant_input(r, n, rule->input, "_k", INT64, &value, 1, scalar) < 0)
		return -1;
	tmo_onnx_drop_attribute(n, rule->attribute);
	return 0;
}

static int
top_k(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	return int_to_input(r, n, rule, 1, false);
}

static int
dft(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	return int_to_input(r, n, rule, 1, true);
}

static int
slice(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	static const struct tmo_onnx_rule parts[] = {
		{ .attribute = "starts", .input = 1 }, { .attribute = "ends", .input = 2 },
		{ .attribute = "axes", .input = 3 },
	};

	(void)rule;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (ints_to_input(r, n, &parts[i]) < 0)
			return -1;
	return 0;
}

/* A float attribute becomes a scalar input, which must have the type of the others. */
static int
float_to_input(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const char *attribute, size_t input)
{
	const Onnx__AttributeProto *a = tmo_onnx_attribute(n, attribute);

	if (a == NULL)
		return 0;
	if (!r->only_f32)
		return -1;
	if (tmo_onnx_constant_input(r, n, input, "_limit", FLOAT, &a->f, 1, true) < 0)
		return -1;
	tmo_onnx_drop_attribute(n, attribute);
	return 0;
}

static int
clip(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	(void)rule;
	return float_to_input(r, n, "min", 1) < 0 ? -1 : float_to_input(r, n, "max", 2);
}

static int
pad(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	const Onnx__AttributeProto *value = tmo_onnx_attribute(n, "value");

	if (value != NULL && value->f == 0.0f)
		tmo_onnx_drop_attribute(n, "value");	/* the default, in any type */
	return ints_to_input(r, n, rule) < 0 ? -1 : float_to_input(r, n, "value", 2);
}

static int
drop(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	(void)r;
	tmo_onnx_drop_attribute(n, rule->attribute);
	return 0;
}

/* The attribute, 1 by default, is gone: nodes that have another value cannot follow. */
static int
must_be_one(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	return tmo_onnx_int(n, rule->attribute, 1) != 1 ? -1 : drop(r, n, rule);
}

/* Further outputs have become something else. */
static int
one_output(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	(void)r;
	(void)rule;
	for (size_t i = 1; i < n->n_output; i++)
		if (n->output[i][0] != '\0')
			return -1;
	return 0;
}

static int
impossible(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	(void)r;
	(void)n;
	(void)rule;
	return -1;
}

static int
scatter(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	(void)rule;
	return tmo_onnx_replace(&n->op_type, "ScatterElements", r->err);
}

/* Equal parts must be counted, where `split` does not give them. */
static int
count_outputs(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	if (n->n_input > 1 && n->input[1][0] != '\0')
		return 0;
	return tmo_onnx_set_int(n, rule->attribute, (int64_t)n->n_output, r->err);
}

static int
roi_align(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	return tmo_onnx_set_text(n, rule->attribute, "output_half_pixel", r->err);
}

static int
grid_sample(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	if (tmo_onnx_text_is(n, "mode", "bilinear"))
		return tmo_onnx_set_text(n, rule->attribute, "linear", r->err);
	if (tmo_onnx_text_is(n, "mode", "bicubic"))
		return tmo_onnx_set_text(n, rule->attribute, "cubic", r->err);
	return 0;
}

/* The number of axes of a value, if the graph says; else 0. */
static size_t
rank_of(const Onnx__GraphProto *g, const char *name)
{
	Onnx__ValueInfoProto *const *const lists[] = { g->input, g->output, g->value_info };
	const size_t counts[] = { g->n_input, g->n_output, g->n_value_info };

	for (size_t k = 0; k < 3; k++)
		for (size_t i = 0; i < counts[k]; i++) {
			const Onnx__TypeProto *type = lists[k][i]->type;

			if (strcmp(tmo_onnx_text(lists[k][i]->name), name) == 0 && type != NULL &&
			    type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE &&
			    type->tensor_type != NULL && type->tensor_type->shape != NULL)
				return type->tensor_type->shape->n_dim;
		}
	return 0;
}

/*
 * Softmax went over all axes from `axis` on as if they were one; now it goes over one. Where that
 * is not the last, the value is made flat and gets its shape back afterwards.
 */
static int
softmax(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	const int64_t axis = tmo_onnx_int(n, rule->attribute, 1);
	char *shape = NULL, *flat = NULL, *rows = NULL;
	Onnx__NodeProto *before[2] = {0}, *after = NULL;
	size_t rank;
	int status = -1;

	if (n->n_input != 1 || n->n_output != 1)
		return -1;
	rank = rank_of(r->graph, n->input[0]);
	if (rank == 0)
		rank = rank_of(r->graph, n->output[0]);
	if (tmo_onnx_set_int(n, rule->attribute, -1, r->err) < 0)
		return -1;
	if (axis == -1 || (rank > 0 && axis == (int64_t)rank - 1))
		return 0;
	shape = tmo_onnx_fresh(&r->names, n->output[0], "_shape", r->err);
	flat = tmo_onnx_fresh(&r->names, n->output[0], "_flat", r->err);
	rows = tmo_onnx_fresh(&r->names, n->output[0], "_rows", r->err);
	if (shape == NULL || flat == NULL || rows == NULL ||
	    (before[0] = tmo_onnx_node("Shape", shape, r->err)) == NULL ||
	    (before[1] = tmo_onnx_node("Flatten", flat, r->err)) == NULL ||
	    (after = tmo_onnx_node("Reshape", n->output[0], r->err)) == NULL ||
	    tmo_onnx_add_input(before[0], n->input[0], r->err) < 0 ||
	    tmo_onnx_add_input(before[1], n->input[0], r->err) < 0 ||
	    tmo_onnx_set_int(before[1], "axis", axis, r->err) < 0 ||
	    tmo_onnx_add_input(after, rows, r->err) < 0 ||
	    tmo_onnx_add_input(after, shape, r->err) < 0 ||
	    tmo_onnx_replace(&n->input[0], flat, r->err) < 0 ||
	    tmo_onnx_replace(&n->output[0], rows, r->err) < 0)
		goto out;
	status = 0;
out:
	for (size_t i = 0; i < 2; i++)
		if (before[i] != NULL && tmo_onnx_nodes_add(r->before, before[i], r->err) < 0)
			status = -1;
	if (after != NULL && tmo_onnx_nodes_add(r->after, after, r->err) < 0)
		status = -1;
	free(shape);
	free(flat);
	free(rows);
	return status;
}

const struct tmo_onnx_rule *
tmo_onnx_rules(size_t *count)
{
	static const struct tmo_onnx_rule rules[] = {
		{ "BatchNormalization", 9, must_be_one, "spatial", 0 },
		{ "MeanVarianceNormalization", 9, impossible, NULL, 0 },
		{ "Scan", 9, impossible, NULL, 0 },
		{ "Upsample", 9, tmo_onnx_upsample_scales, "scales", 1 },
		/* Experiments that ended with opset 9, which onnxruntime still runs up to there. */
		{ "ATen", 10, impossible, NULL, 0 },
		{ "Affine", 10, impossible, NULL, 0 },
		{ "ConstantFill", 10, impossible, NULL, 0 },
		{ "Crop", 10, impossible, NULL, 0 },
		{ "DynamicSlice", 10, impossible, NULL, 0 },
		{ "GRUUnit", 10, impossible, NULL, 0 },
		{ "GivenTensorFill", 10, impossible, NULL, 0 },
		{ "ImageScaler", 10, impossible, NULL, 0 },
		{ "ParametricSoftplus", 10, impossible, NULL, 0 },
		{ "Scale", 10, impossible, NULL, 0 },
		{ "ScaledTanh", 10, impossible, NULL, 0 },
		{ "Dropout", 10, one_output, NULL, 0 },
		{ "Slice", 10, slice, NULL, 0 },
		{ "TopK", 10, top_k, "k", 1 },
		{ "Upsample", 10, tmo_onnx_upsample, NULL, 0 },
		{ "Clip", 11, clip, NULL, 0 },
		{ "Pad", 11, pad, "pads", 1 },
		{ "Resize", 11, tmo_onnx_resize_10, NULL, 0 },
		{ "Scatter", 11, scatter, NULL, 0 },
		{ "Dropout", 12, drop, "ratio", 0 },
		{ "Hardmax", 13, softmax, "axis", 0 },
		{ "LogSoftmax", 13, softmax, "axis", 0 },
		{ "ReduceSum", 13, ints_to_input, "axes", 1 },
		{ "Resize", 13, tmo_onnx_resize_11, NULL, 0 },
		{ "Softmax", 13, softmax, "axis", 0 },
		{ "Split", 13, ints_to_input, "split", 1 },
		{ "Squeeze", 13, ints_to_input, "axes", 1 },
		{ "Unsqueeze", 13, ints_to_input, "axes", 1 },
		{ "BatchNormalization", 14, one_output, NULL, 0 },
		{ "RoiAlign", 16, roi_align, "coordinate_transformation_mode", 0 },
		{ "ReduceL1", 18, ints_to_input, "axes", 1 },
		{ "ReduceL2", 18, ints_to_input, "axes", 1 },
		{ "ReduceLogSum", 18, ints_to_input, "axes", 1 },
		{ "ReduceLogSumExp", 18, ints_to_input, "axes", 1 },
		{ "ReduceMax", 18, ints_to_input, "axes", 1 },
		{ "ReduceMean", 18, ints_to_input, "axes", 1 },
		{ "ReduceMin", 18, ints_to_input, "axes", 1 },
		{ "ReduceProd", 18, ints_to_input, "axes", 1 },
		{ "ReduceSumSquare", 18, ints_to_input, "axes", 1 },
		{ "Split", 18, count_outputs, "num_outputs", 0 },
		{ "DFT", 20, dft, "axis", 2 },
		{ "GridSample", 20, grid_sample, "mode", 0 },
		{ "GroupNormalization", 21, impossible, NULL, 0 },
	};

	*count = sizeof(rules) / sizeof(rules[0]);
	return rules;
}
