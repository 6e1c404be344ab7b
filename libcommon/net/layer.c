/* SPDX-License-Identifier: Apache-2.0 */
/* layer.c: a layer is a row of a table. Axes count from the end where they are negative. */
#include <string.h>

#include "net/layer.h"

#define NO_AXIS 99

struct layer {
	const char *op;
	size_t input;		/* which one is a weight */
	int output_axis, input_axis;
	const char *transposed;	/* attribute that, if 1, swaps the two */
	bool embedding;		/* only floats: integers are tables of something else */
	bool microsoft;		/* of onnxruntime's own domain */
};

/* By the specifications of the operators: W's shape in each. */
static const struct layer layers[] = {
	{ .op = "Conv", .input = 1, .output_axis = 0, .input_axis = 1 },
	{ .op = "ConvInteger", .input = 1, .output_axis = 0, .input_axis = 1 },
	{ .op = "QLinearConv", .input = 3, .output_axis = 0, .input_axis = 1 },
	{ .op = "DeformConv", .input = 1, .output_axis = 0, .input_axis = 1 },
	{ .op = "FusedConv", .input = 1, .output_axis = 0, .input_axis = 1, .microsoft = true },
	{ .op = "ConvTranspose", .input = 1, .output_axis = 1, .input_axis = 0 },
	{ .op = "Gemm", .input = 1, .output_axis = 1, .input_axis = 0, .transposed = "transB" },
	{ .op = "Gemm", .input = 0, .output_axis = 0, .input_axis = 1, .transposed = "transA" },
	{ .op = "FusedGemm", .input = 1, .output_axis = 1, .input_axis = 0,
	  .transposed = "transB", .microsoft = true },
	{ .op = "FusedGemm", .input = 0, .output_axis = 0, .input_axis = 1,
	  .transposed = "transA", .microsoft = true },
	{ .op = "MatMul", .input = 1, .output_axis = -1, .input_axis = -2 },
	{ .op = "MatMul", .input = 0, .output_axis = -2, .input_axis = -1 },
	{ .op = "MatMulInteger", .input = 1, .output_axis = -1, .input_axis = -2 },
	{ .op = "QLinearMatMul", .input = 3, .output_axis = -1, .input_axis = -2 },
	{ .op = "FusedMatMul", .input = 1, .output_axis = -1, .input_axis = -2,
	  .transposed = "transB", .microsoft = true },
	{ .op = "FusedMatMul", .input = 0, .output_axis = -2, .input_axis = -1,
	  .transposed = "transA", .microsoft = true },
	{ .op = "LSTM", .input = 1, .output_axis = 1, .input_axis = 2 },
	{ .op = "LSTM", .input = 2, .output_axis = 1, .input_axis = 2 },
	{ .op = "GRU", .input = 1, .output_axis = 1, .input_axis = 2 },
	{ .op = "GRU", .input = 2, .output_axis = 1, .input_axis = 2 },
	{ .op = "RNN", .input = 1, .output_axis = 1, .input_axis = 2 },
	{ .op = "RNN", .input = 2, .output_axis = 1, .input_axis = 2 },
	{ .op = "Gather", .input = 0, .output_axis = 0, .input_axis = 1, .embedding = true },
	{ .op = "Einsum", .input = 0, .output_axis = NO_AXIS, .input_axis = NO_AXIS },
	{ .op = "Einsum", .input = 1, .output_axis = NO_AXIS, .input_axis = NO_AXIS },
	{ .op = "Attention", .input = 1, .output_axis = -1, .input_axis = -2,
	  .microsoft = true },
};

static int
whole_axis(int axis, int rank)
{
	if (axis < 0)
		axis += rank;
	return axis >= 0 && axis < rank ? axis : -1;
}

static bool
is_layer(const Onnx__NodeProto *node, const struct layer *l)
{
	if (!l->microsoft)
		return tmo_onnx_is(node, l->op);
	return strcmp(tmo_onnx_text(node->domain), "com.microsoft") == 0 &&
	       strcmp(tmo_onnx_text(node->op_type), l->op) == 0;
}

bool
tmo_layer_weight(const Onnx__NodeProto *node, size_t input, const struct tmo_view *view,
                 int *output_axis, int *input_axis)
{
	for (size_t i = 0; i < sizeof(layers) / sizeof(layers[0]); i++) {
		const struct layer *l = &layers[i];
		const bool swapped = l->transposed != NULL &&
		                     tmo_onnx_int(node, l->transposed, 0) != 0;

		if (l->input != input || !is_layer(node, l) || (l->embedding && !view->is_float))
			continue;
		if (view->rank >= 0 && view->rank < 2)
			return false;
		*output_axis = whole_axis(swapped ? l->input_axis : l->output_axis, view->rank);
		*input_axis = whole_axis(swapped ? l->output_axis : l->input_axis, view->rank);
		return true;
	}
	return false;
}
