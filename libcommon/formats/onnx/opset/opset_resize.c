/* SPDX-License-Identifier: Apache-2.0 */
/* opset_resize.c: Upsample and Resize, as they became what they are. */
#include <string.h>

#include "formats/onnx/opset/opset_edit.h"
#include "formats/onnx/opset/opset_rules.h"
#include "formats/onnx/small_tensor.h"

/* Input i of the node, moved up by one, "" in its place. */
static int
shift_input(Onnx__NodeProto *n, size_t i, struct tmo_error *err)
{
	char *last;

	if (tmo_onnx_add_input(n, "", err) < 0)
		return -1;
	last = n->input[n->n_input - 1];
	for (size_t k = n->n_input - 1; k > i; k--)
		n->input[k] = n->input[k - 1];
	n->input[i] = last;
	return 0;
}

int
tmo_onnx_upsample_scales(struct tmo_onnx_raising *r, Onnx__NodeProto *n,
                         const struct tmo_onnx_rule *rule)
{
	const Onnx__AttributeProto *a = tmo_onnx_attribute(n, rule->attribute);

	if (a == NULL || a->n_floats == 0 ||
	    tmo_onnx_constant_input(r, n, rule->input, "_scales",
	                            ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, a->floats, a->n_floats,
	                            false) < 0)
		return -1;
	tmo_onnx_drop_attribute(n, rule->attribute);
	return 0;
}

/*
 * The old interpolation by its new name. What Resize did at opset 10 when it made nearest smaller
 * has none; Upsample never did.
 */
static int
asymmetric(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	const bool linear = tmo_onnx_text_is(n, "mode", "linear");

	(void)rule;
	if (n->n_input != 2 || (!linear && !tmo_onnx_text_is(n, "mode", "nearest") &&
	    tmo_onnx_attribute(n, "mode") != NULL))
		return -1;
	if (!linear &&
	    tmo_onnx_set_text(n, "nearest_mode", "floor", r->err) < 0)
		return -1;
	if (tmo_onnx_set_text(n, "coordinate_transformation_mode", "asymmetric", r->err) < 0)
		return -1;
	return shift_input(n, 1, r->err);
}

int
tmo_onnx_upsample(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	if (asymmetric(r, n, rule) < 0)
		return -1;
	return tmo_onnx_replace(&n->op_type, "Resize", r->err);
}

/* A constant of the graph, up to the node that is being raised. */
static const Onnx__TensorProto *
find_constant(const struct tmo_onnx_raising *r, const char *name)
{
	TMO_ONNX_EACH(Onnx__TensorProto, t, r->graph, initializer)
		if (strcmp(tmo_onnx_text((*t)->name), name) == 0)
			return *t;
	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, r->graph, input)
		if (strcmp(tmo_onnx_text((*v)->name), name) == 0)
			return NULL;
	for (size_t i = 0; i < r->before->count; i++) {
		const Onnx__NodeProto *n = r->before->node[i];
		const Onnx__AttributeProto *a = tmo_onnx_attribute(n, "value");

		if (tmo_onnx_is(n, "Constant") && n->n_output == 1 && a != NULL &&
		    strcmp(n->output[0], name) == 0)
			return a->t;
	}
	return NULL;
}

/* Whether all scales are known, and at least 1. */
static bool
only_enlarges(const struct tmo_onnx_raising *r, const Onnx__NodeProto *n)
{
	const Onnx__TensorProto *t = n->n_input == 2 ? find_constant(r, n->input[1]) : NULL;
	struct tmo_array scales = {0};
	struct tmo_error damaged = {0};
	bool enlarges;

	if (t == NULL || tmo_onnx_type(t) != TMO_F32 ||
	    tmo_onnx_small_tensor(t, &scales, &damaged) < 0)
		return false;
	enlarges = scales.data != NULL;
	for (size_t i = 0; i < scales.count && enlarges; i++)
		enlarges = ((const float *)scales.data)[i] >= 1;
	tmo_array_free(&scales);
	return enlarges;
}

int
tmo_onnx_resize_10(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	/* Already raised from Upsample. */
	if (tmo_onnx_attribute(n, "coordinate_transformation_mode") != NULL)
		return 0;
	if (!tmo_onnx_text_is(n, "mode", "linear") && !only_enlarges(r, n))
		return -1;
	return asymmetric(r, n, rule);
}

/* Sizes and scales were both there, the latter empty; one of them must go. */
int
tmo_onnx_resize_11(struct tmo_onnx_raising *r, Onnx__NodeProto *n, const struct tmo_onnx_rule *rule)
{
	(void)rule;
	if (tmo_onnx_text_is(n, "coordinate_transformation_mode", "tf_half_pixel_for_nn"))
		return -1;
	if (n->n_input > 3 && n->input[3][0] != '\0')
		return tmo_onnx_replace(&n->input[2], "", r->err);
	return 0;
}
