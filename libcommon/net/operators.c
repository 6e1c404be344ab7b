/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators.c: the table of operators, by family. Columns that a row leaves out are empty: no weight,
 * nothing passes, it cannot be computed. The functions are in op/, a file a family.
 */
#include <string.h>

#include "kernel/integers.h"
#include "net/equation.h"
#include "net/op/normalize.h"
#include "net/op/op.h"
#include "net/op/recurrent.h"
#include "net/op/reduce.h"
#include "net/operators.h"

#define MICROSOFT "com.microsoft"
#define INPUT(i) (1u << (i))

/* b: batch, s: space, k: kernel, t: space of the result. */
#define CONV "b(gi)s*,(go)ik*->b(go)t*"
#define CONV_TRANSPOSE "b(gi)s*,(gi)ok*->b(go)t*"
/* e: matrices side by side, one product each. */
#define MATMUL "e*mk,e*kn->e*mn"
#define GEMM "mk,kn->mn"
/* s: steps, b: batch, d: directions, each of which takes the steps in its own order, h: units of all
 * gates; the second product is that of the units of the step before, r. */
#define RECURRENT {{ "dsbk,dhk->sdbh", { 0, 1 } }, { "dbr,dhr->sdbh", { 5, 2 } }}

#define INTEGER(...) &(const struct tmo_integer_operator){__VA_ARGS__}
#define NO_BIAS .bias = TMO_NO_INPUT
#define FLOAT_RESULT .y_scale = TMO_NO_INPUT, .y_zero_point = TMO_NO_INPUT

/* How it is computed; an operator's versions from the newest on. */
#define COMPUTED(...) .version = (const struct tmo_version[]){__VA_ARGS__, {0}}
#define FLOATS .traits = TMO_STEP_FLOATS
/* The same; inputs in a mask, or all, may be of other types, which the functions look at. */
#define FLOATS_BUT(inputs) .traits = TMO_STEP_FLOATS, .mixed = inputs
#define NUMBERS FLOATS_BUT(~0u)
/* Functions that are named after the operator; the numbers of the inputs that NUMBERS names tell the shape. */
#define FUNCTION(name) {1, .shape = tmo_shape_##name, .run = tmo_run_##name}
#define BY_NUMBERS(name, inputs) {1, .shape = tmo_shape_##name, .run = tmo_run_##name, .numbers = inputs}
#define STEP_BY_STEP(kind) COMPUTED({1, tmo_shape_recurrent, tmo_prepare_recurrent, tmo_run_recurrent, \
	                              .function = TMO_##kind, FLOATS_BUT(INPUT(4))})
/* Runs the graphs inside of its node. */
#define CONTROL(since, name) {since, .control = tmo_control_##name, .traits = TMO_STEP_MAKES}
/* The elements of input 0 in another shape. */
#define REFORM(name) {1, .shape = tmo_shape_##name, .traits = TMO_STEP_ALIAS, .numbers = INPUT(1)}
/* The results follow from the shapes of its inputs, or tell their own. */
#define OF_SHAPES(name) {1, .shape = tmo_shape_##name, .run = tmo_run_##name, .traits = TMO_STEP_OF_SHAPES}
#define MAKES(name) {1, .shape = tmo_shape_##name, .run = tmo_run_##name, .traits = TMO_STEP_MAKES}
/* One of several that a function serves. */
#define DROPOUT(since, mask) {since, .shape = tmo_shape_dropout, .run = tmo_run_dropout, \
	.function = TMO_DROPOUT_##mask, .numbers = INPUT(1) | INPUT(2), .traits = TMO_STEP_ALIAS}
#define ARG(what) {1, .shape = tmo_shape_arg, .prepare = tmo_prepare_arg, .run = tmo_run_arg, \
	.function = TMO_ARG_##what}
#define IS(what) {1, .shape = tmo_shape_is, .run = tmo_run_is, .function = TMO_IS_##what}
#define CUMULATE(what) {1, .shape = tmo_shape_cumulate, .run = tmo_run_cumulate, \
	.function = TMO_CUMULATE_##what, .numbers = INPUT(1), NUMBERS}

/* Pictures, and codes that stand for floats. */
#define POOL(with, which) {1, tmo_shape_pool, tmo_prepare_pool, with, .function = TMO_POOL_##which, \
	FLOATS_BUT(TMO_POOL_##which == TMO_POOL_MAX ? ~0u : 0)}
#define RESIZE(since, which, inputs) \
	{since, tmo_shape_resize, .run = tmo_run_resize, .function = which, .numbers = inputs}
#define GLOBAL_POOL(which) \
	{1, tmo_shape_global_pool, tmo_prepare_global_pool, tmo_run_global_pool, .function = TMO_POOL_##which, FLOATS}
#define INTEGER_MATMUL(since, which) \
	{since, tmo_shape_integer_matmul, .run = tmo_run_integer_matmul, .function = which}
#define INTEGER_CONV(which) {10, tmo_shape_integer_conv, .run = tmo_run_integer_conv, .function = which}
#define QUANTIZED(which) \
	{1, tmo_shape_quantized, tmo_prepare_quantized, tmo_run_quantized, .function = TMO_QLINEAR_##which}
/* Of each element by itself, and of elements of two or more arrays: `f` is of kernel/maps.h or integers.h. */
#define UNARIES(opset, f) {opset, tmo_shape_unary, tmo_prepare_elements, tmo_run_unary, .function = f, NUMBERS}
#define UNARY(f) UNARIES(1, f)
#define BITS(f, name) {1, tmo_shape_##name, tmo_prepare_elements, tmo_run_##name, .function = f}
#define PAIRS(opset, f) {opset, tmo_shape_pair, tmo_prepare_elements, tmo_run_pair, .function = f, NUMBERS}
#define PAIR(f) PAIRS(7, f), PAIRS(1, f)	/* before 7 with the attribute `axis` */
#define FOLD(f, name) {1, tmo_shape_fold, tmo_prepare_elements, tmo_run_##name, .function = f, NUMBERS}
#define COMPARISONS(opset, f) {opset, tmo_shape_compare, tmo_prepare_elements, tmo_run_compare, .function = f}
#define COMPARISON(f) COMPARISONS(7, f), COMPARISONS(1, f)
#define WINDOW(which) \
	{17, tmo_shape_window, .run = tmo_run_window, .function = TMO_WINDOW_##which, .numbers = INPUT(0)}
#define FOURIER(opset, name, inputs) \
	{opset, tmo_shape_##name, tmo_prepare_##name, tmo_run_##name, .numbers = inputs, FLOATS}
/* One number of all along some axes. */
#define REDUCTION(f) {1, tmo_shape_reduce, tmo_prepare_reduce, tmo_run_reduce, \
	.function = TMO_REDUCER_##f, .numbers = INPUT(1), NUMBERS}
#define SOFTMAXES(opset, f) {opset, tmo_shape_floats, tmo_prepare_softmax, tmo_run_softmax, .function = f, FLOATS}
#define SOFTMAX(f) SOFTMAXES(13, f), SOFTMAXES(1, f)
#define STEPS(opset, name, f) {opset, tmo_shape_##name, tmo_prepare_##name, tmo_run_##name, .function = f, FLOATS}
#define LOSS(f) {1, tmo_shape_loss, tmo_prepare_loss, tmo_run_loss, .function = f, FLOATS_BUT(INPUT(1))}

static const struct tmo_operator operators[] = {
	/* convolutions */
	{ .name = "Conv", .product = {{ CONV, { 0, 1 } }}, .weights = INPUT(1),
	  COMPUTED({1, tmo_shape_conv, tmo_prepare_conv, tmo_run_conv, FLOATS}) },
	{ .name = "ConvTranspose", .product = {{ CONV_TRANSPOSE, { 0, 1 } }},
	  .weights = INPUT(1),
	  COMPUTED({1, tmo_shape_conv_transpose, tmo_prepare_conv_transpose, tmo_run_conv, FLOATS}) },
	{ .name = "DeformConv", .product = {{ CONV, { 0, 1 } }}, .weights = INPUT(1),
	  COMPUTED({19, tmo_shape_deform_conv, .run = tmo_run_deform_conv, FLOATS}) },
	{ .name = "ConvInteger", .product = {{ CONV, { 0, 1 } }}, .weights = INPUT(1),
	  .integer = INTEGER(.becomes = "Conv", .codes = 1, FLOAT_RESULT, NO_BIAS),
	  COMPUTED(INTEGER_CONV(TMO_CONV_INTEGER)) },
	{ .name = "QLinearConv", .product = {{ CONV, { 0, 3 } }}, .weights = INPUT(3),
	  .integer = INTEGER(.becomes = "Conv", .codes = 3, .y_scale = 6, .y_zero_point = 7,
	                     .bias = 8),
	  COMPUTED(INTEGER_CONV(TMO_QLINEAR_CONV)) },
	{ .domain = MICROSOFT, .name = "FusedConv", .product = {{ CONV, { 0, 1 } }},
	  .weights = INPUT(1),
	  COMPUTED({1, tmo_shape_conv, tmo_prepare_conv, tmo_run_conv, .function = TMO_FUSED_CONV, FLOATS}) },

	/* products of matrices */
	{ .name = "MatMul", .product = {{ MATMUL, { 0, 1 } }},
	  .weights = INPUT(0) | INPUT(1),
	  COMPUTED({1, tmo_shape_matmul, tmo_prepare_matmul_any, tmo_run_matmul_any, NUMBERS}) },
	{ .name = "Gemm", .product = {{ GEMM, { 0, 1 } }},
	  .transposed = { "transA", "transB" }, .weights = INPUT(0) | INPUT(1),
	  COMPUTED({1, tmo_shape_gemm, tmo_prepare_gemm, tmo_run_matmul, FLOATS}) },
	{ .name = "Einsum", .written = true, .weights = ~0u,
	  COMPUTED({1, tmo_shape_einsum, tmo_prepare_einsum, tmo_run_einsum, FLOATS}) },
	{ .name = "Det", COMPUTED({1, .shape = tmo_shape_det, .prepare = tmo_prepare_det, .run = tmo_run_det}) },
	{ .name = "MatMulInteger", .product = {{ MATMUL, { 0, 1 } }},
	  .weights = INPUT(0) | INPUT(1),
	  .integer = INTEGER(.becomes = "MatMul", .codes = 1, FLOAT_RESULT, NO_BIAS),
	  COMPUTED(INTEGER_MATMUL(10, TMO_MATMUL_INTEGER)) },
	{ .name = "QLinearMatMul", .product = {{ MATMUL, { 0, 3 } }},
	  .weights = INPUT(0) | INPUT(3),
	  .integer = INTEGER(.becomes = "MatMul", .codes = 3, .y_scale = 6, .y_zero_point = 7,
	                     NO_BIAS),
	  COMPUTED(INTEGER_MATMUL(10, TMO_QLINEAR_MATMUL)) },
	{ .domain = MICROSOFT, .name = "QGemm", .product = {{ GEMM, { 0, 3 } }},
	  .transposed = { "transA", "transB" }, .weights = INPUT(3),
	  .integer = INTEGER(.becomes = "Gemm", .codes = 3, .y_scale = 7, .y_zero_point = 8,
	                     .bias = 6),
	  COMPUTED(INTEGER_MATMUL(1, TMO_QGEMM)) },
	{ .domain = MICROSOFT, .name = "DynamicQuantizeMatMul", COMPUTED(INTEGER_MATMUL(1, TMO_DYNAMIC_MATMUL)) },
	{ .domain = MICROSOFT, .name = "MatMulIntegerToFloat", COMPUTED(INTEGER_MATMUL(1, TMO_MATMUL_TO_FLOAT)) },
	{ .domain = MICROSOFT, .name = "MatMulNBits",
	  .integer = INTEGER(.becomes = "MatMul", .codes = 1, FLOAT_RESULT, .bias = 5),
	  COMPUTED({1, tmo_shape_matmul_bits, tmo_prepare_matmul_bits, tmo_run_matmul_bits, NUMBERS}) },
	{ .domain = MICROSOFT, .name = "FusedMatMul", .product = {{ MATMUL, { 0, 1 } }},
	  .transposed = { "transA", "transB" }, .weights = INPUT(0) | INPUT(1) },
	{ .domain = MICROSOFT, .name = "FusedGemm", .product = {{ GEMM, { 0, 1 } }},
	  .transposed = { "transA", "transB" }, .weights = INPUT(0) | INPUT(1) },

	/* recurrent */
	{ .name = "LSTM", .product = RECURRENT, .weights = INPUT(1) | INPUT(2), STEP_BY_STEP(LSTM) },
	{ .name = "GRU", .product = RECURRENT, .weights = INPUT(1) | INPUT(2), STEP_BY_STEP(GRU) },
	{ .name = "RNN", .product = RECURRENT, .weights = INPUT(1) | INPUT(2), STEP_BY_STEP(RNN) },

	/* audio */
	{ .name = "HannWindow", COMPUTED(WINDOW(HANN)) },
	{ .name = "HammingWindow", COMPUTED(WINDOW(HAMMING)) },
	{ .name = "BlackmanWindow", COMPUTED(WINDOW(BLACKMAN)) },
	{ .name = "DFT", COMPUTED(FOURIER(20, dft, INPUT(1) | INPUT(2)), FOURIER(17, dft, INPUT(1))) },
	{ .name = "STFT", COMPUTED(FOURIER(17, stft, INPUT(1) | INPUT(3))) },
	{ .name = "MelWeightMatrix",
	  COMPUTED({17, tmo_shape_mel, .run = tmo_run_mel, .numbers = INPUT(0) | INPUT(1)}) },

	/* attention */
	{ .name = "Attention",
	  COMPUTED({23, tmo_shape_attention, tmo_prepare_attention, tmo_run_attention, FLOATS_BUT(INPUT(3) | INPUT(6))}) },
	{ .name = "RotaryEmbedding",
	  COMPUTED({23, tmo_shape_rotary, tmo_prepare_rotary, tmo_run_rotary, FLOATS_BUT(INPUT(3))}) },
	/* the weight makes queries, keys and values at once */
	{ .domain = MICROSOFT, .name = "Attention", .product = {{ "bsk,kn->bsn", { 0, 1 } }},
	  .weights = INPUT(1) },

	/* what runs graphs inside of it */
	{ .name = "If", COMPUTED(CONTROL(1, if)) },
	{ .name = "Loop", COMPUTED(CONTROL(1, loop)) },
	{ .name = "Scan", COMPUTED(CONTROL(9, scan)) },

	/* the same value, or of another type */
	{ .name = "Identity", .view = tmo_view_same, .reforms = true, COMPUTED(REFORM(same)) },
	{ .name = "Cast", .view = tmo_view_same, .reforms = true, COMPUTED(FUNCTION(cast)) },
	{ .name = "CastLike", .view = tmo_view_same, COMPUTED({1, .shape = tmo_shape_cast_like, .run = tmo_run_cast}) },
	{ .name = "Dropout", .view = tmo_view_same, .reforms = true,
	  COMPUTED(DROPOUT(10, BOOL_MASK), DROPOUT(7, MASK), DROPOUT(1, OLDEST)) },
	{ .name = "QuantizeLinear", .view = tmo_view_same, .reforms = true, COMPUTED(FUNCTION(quantize)) },
	{ .name = "DequantizeLinear", .view = tmo_view_same, .reforms = true,
	  .integer = INTEGER(.codes = 0, FLOAT_RESULT, NO_BIAS), COMPUTED(FUNCTION(dequantize)) },
	{ .name = "DynamicQuantizeLinear",
	  COMPUTED({11, tmo_shape_dynamic_quantize, .run = tmo_run_dynamic_quantize, FLOATS}) },
	{ .name = "Mul", .view = tmo_view_masked, .any_input = true, COMPUTED(PAIR(TMO_BINARY_MULTIPLY)) },

	/* another shape */
	{ .name = "Transpose", .view = tmo_view_transpose, .reforms = true, COMPUTED(FUNCTION(transpose)) },
	{ .name = "Reshape", .view = tmo_view_reshape, .reforms = true,
	  COMPUTED(REFORM(reshape)) },
	{ .name = "Flatten", .view = tmo_view_flatten, .reforms = true,
	  COMPUTED(REFORM(flatten)) },
	{ .name = "Squeeze", .view = tmo_view_squeeze, .reforms = true,
	  COMPUTED(REFORM(squeeze)) },
	{ .name = "Unsqueeze", .view = tmo_view_unsqueeze, .reforms = true,
	  COMPUTED(REFORM(unsqueeze)) },
	{ .name = "Expand", .view = tmo_view_expand, COMPUTED(BY_NUMBERS(expand, INPUT(1))) },

	/* parts of it */
	{ .name = "Slice", .view = tmo_view_slice,
	  COMPUTED(BY_NUMBERS(slice, INPUT(1) | INPUT(2) | INPUT(3) | INPUT(4))) },
	{ .name = "Split", .view = tmo_view_split, .all_outputs = true, COMPUTED(BY_NUMBERS(split, INPUT(1))) },
	{ .name = "Concat", .view = tmo_view_concat, .any_input = true, COMPUTED(FUNCTION(concat)) },
	{ .name = "Gather", .view = tmo_view_gather, .is_table = true, COMPUTED(FUNCTION(gather)) },
	{ .name = "GatherElements", COMPUTED(FUNCTION(gather_elements)) },
	{ .name = "GatherND", COMPUTED(FUNCTION(gather_nd)) },
	{ .name = "Compress", COMPUTED(MAKES(compress)) },
	{ .name = "Unique", COMPUTED(MAKES(unique)) },
	{ .name = "Trilu", COMPUTED(FUNCTION(trilu)) },
	{ .name = "Tile", COMPUTED(BY_NUMBERS(tile, INPUT(1))) },
	{ .domain = MICROSOFT, .name = "GatherBlockQuantized",
	  .integer = INTEGER(.becomes = "Gather", .codes = 0, FLOAT_RESULT, NO_BIAS),
	  COMPUTED({1, tmo_shape_gather_codes, .run = tmo_run_gather_codes, NUMBERS}) },

	/* elements in other places */
	{ .name = "Where", COMPUTED(FUNCTION(where)) },
	{ .name = "Pad", COMPUTED({1, tmo_shape_pad, tmo_prepare_pad, tmo_run_pad, .numbers = INPUT(1) | INPUT(3)}) },
	{ .name = "Scatter", COMPUTED(FUNCTION(scatter_elements)) },
	{ .name = "ScatterElements", COMPUTED(FUNCTION(scatter_elements)) },
	{ .name = "ScatterND", COMPUTED(FUNCTION(scatter_nd)) },
	{ .name = "TensorScatter", COMPUTED(FUNCTION(tensor_scatter)) },
	{ .name = "DepthToSpace", COMPUTED(FUNCTION(depth_to_space)) },
	{ .name = "SpaceToDepth", COMPUTED(FUNCTION(space_to_depth)) },
	{ .name = "ReverseSequence", COMPUTED(FUNCTION(reverse_sequence)) },

	/* made of shapes or of few numbers */
	{ .name = "Shape", COMPUTED(OF_SHAPES(shape)) },
	{ .name = "Size", COMPUTED(OF_SHAPES(size)) },
	{ .name = "EyeLike", COMPUTED(OF_SHAPES(eye_like)) },
	{ .name = "ConstantOfShape", COMPUTED(BY_NUMBERS(constant_of_shape, INPUT(0))) },
	{ .name = "Range", COMPUTED(BY_NUMBERS(range, INPUT(0) | INPUT(1) | INPUT(2))) },
	{ .name = "OneHot", COMPUTED(BY_NUMBERS(one_hot, INPUT(1))) },

	/* by order, or where elements are */
	{ .name = "TopK", COMPUTED({1, tmo_shape_top_k, tmo_prepare_top_k, tmo_run_top_k, .numbers = INPUT(1)}) },
	{ .name = "ArgMax", COMPUTED(ARG(MAX)) },
	{ .name = "ArgMin", COMPUTED(ARG(MIN)) },
	{ .name = "NonZero", COMPUTED(MAKES(nonzero)) },
	{ .name = "NonMaxSuppression", COMPUTED(MAKES(non_max_suppression)) },
	{ .name = "IsNaN", COMPUTED(IS(NAN)) },
	{ .name = "IsInf", COMPUTED(IS(INF)) },

	/* along an axis */
	{ .name = "CumSum", COMPUTED(CUMULATE(SUM)) },
	{ .name = "CumProd", COMPUTED(CUMULATE(PRODUCT)) },

	/* pictures made smaller, and larger again */
	{ .name = "MaxPool", COMPUTED(POOL(tmo_run_max_pool, MAX)) },
	{ .name = "AveragePool", COMPUTED(POOL(tmo_run_sum_pool, AVERAGE)) },
	{ .name = "LpPool", COMPUTED(POOL(tmo_run_sum_pool, NORM)) },
	{ .name = "GlobalMaxPool", COMPUTED(GLOBAL_POOL(MAX)) },
	{ .name = "GlobalAveragePool", COMPUTED(GLOBAL_POOL(AVERAGE)) },
	{ .name = "GlobalLpPool", COMPUTED(GLOBAL_POOL(NORM)) },
	{ .name = "MaxUnpool", COMPUTED(BY_NUMBERS(max_unpool, INPUT(2))) },
	{ .name = "Col2Im",
	  COMPUTED({1, tmo_shape_col2im, .run = tmo_run_col2im, .numbers = INPUT(1) | INPUT(2), FLOATS}) },
	{ .name = "CenterCropPad", COMPUTED(BY_NUMBERS(center_crop_pad, INPUT(1))) },
	{ .name = "Resize", COMPUTED(RESIZE(11, TMO_RESIZE, INPUT(2) | INPUT(3)), RESIZE(10, TMO_RESIZE_10, INPUT(1))) },
	{ .name = "Upsample", COMPUTED(RESIZE(1, TMO_UPSAMPLE, INPUT(1))) },

	/* pictures seen elsewhere */
	{ .name = "GridSample", COMPUTED({16, tmo_shape_grid_sample, .run = tmo_run_grid_sample, FLOATS}) },
	{ .name = "AffineGrid",
	  COMPUTED({20, tmo_shape_affine_grid, .run = tmo_run_affine_grid, .numbers = INPUT(1), FLOATS}) },
	{ .name = "RoiAlign",
	  COMPUTED({16, tmo_shape_roi_align, .run = tmo_run_roi_align, .function = TMO_ROI_ALIGN, FLOATS_BUT(INPUT(2))},
	           {10, tmo_shape_roi_align, .run = tmo_run_roi_align, .function = TMO_ROI_ALIGN_10, FLOATS_BUT(INPUT(2))}) },
	{ .name = "MaxRoiPool", COMPUTED({1, tmo_shape_max_roi_pool, .run = tmo_run_max_roi_pool, FLOATS}) },

	/* codes that stand for floats */
	{ .domain = MICROSOFT, .name = "QLinearAdd", COMPUTED(QUANTIZED(ADD)) },
	{ .domain = MICROSOFT, .name = "QLinearMul", COMPUTED(QUANTIZED(MUL)) },
	{ .domain = MICROSOFT, .name = "QLinearSigmoid", COMPUTED(QUANTIZED(SIGMOID)) },
	{ .domain = MICROSOFT, .name = "QLinearLeakyRelu", COMPUTED(QUANTIZED(LEAKY_RELU)) },
	{ .domain = MICROSOFT, .name = "QLinearSoftmax", COMPUTED(QUANTIZED(SOFTMAX)) },
	{ .domain = MICROSOFT, .name = "QLinearConcat", COMPUTED(QUANTIZED(CONCAT)) },
	{ .domain = MICROSOFT, .name = "QLinearAveragePool", COMPUTED(QUANTIZED(AVERAGE)) },
	{ .domain = MICROSOFT, .name = "QLinearGlobalAveragePool", COMPUTED(QUANTIZED(GLOBAL_AVERAGE)) },

	/* each element by itself */
	{ .name = "Abs", COMPUTED(UNARY(TMO_MAP_ABS)) },
	{ .name = "Neg", COMPUTED(UNARY(TMO_MAP_NEGATIVE)) },
	{ .name = "Sign", COMPUTED(UNARY(TMO_MAP_SIGN)) },
	{ .name = "Floor", COMPUTED(UNARY(TMO_MAP_FLOOR)) },
	{ .name = "Ceil", COMPUTED(UNARY(TMO_MAP_CEIL)) },
	{ .name = "Round", COMPUTED(UNARY(TMO_MAP_ROUND)) },
	{ .name = "Reciprocal", COMPUTED(UNARY(TMO_MAP_RECIPROCAL)) },
	{ .name = "Sqrt", COMPUTED(UNARY(TMO_MAP_SQRT)) },
	{ .name = "Exp", COMPUTED(UNARY(TMO_MAP_EXP)) },
	{ .name = "Log", COMPUTED(UNARY(TMO_MAP_LOG)) },
	{ .name = "Sin", COMPUTED(UNARY(TMO_MAP_SIN)) },
	{ .name = "Cos", COMPUTED(UNARY(TMO_MAP_COS)) },
	{ .name = "Tan", COMPUTED(UNARY(TMO_MAP_TAN)) },
	{ .name = "Sinh", COMPUTED(UNARY(TMO_MAP_SINH)) },
	{ .name = "Cosh", COMPUTED(UNARY(TMO_MAP_COSH)) },
	{ .name = "Asin", COMPUTED(UNARY(TMO_MAP_ASIN)) },
	{ .name = "Acos", COMPUTED(UNARY(TMO_MAP_ACOS)) },
	{ .name = "Atan", COMPUTED(UNARY(TMO_MAP_ATAN)) },
	{ .name = "Asinh", COMPUTED(UNARY(TMO_MAP_ASINH)) },
	{ .name = "Acosh", COMPUTED(UNARY(TMO_MAP_ACOSH)) },
	{ .name = "Atanh", COMPUTED(UNARY(TMO_MAP_ATANH)) },
	{ .name = "Tanh", COMPUTED(UNARY(TMO_MAP_TANH)) },
	{ .name = "Sigmoid", COMPUTED(UNARY(TMO_MAP_SIGMOID)) },
	{ .name = "Erf", COMPUTED(UNARY(TMO_MAP_ERF)) },
	{ .name = "Relu", COMPUTED(UNARY(TMO_MAP_RELU)) },
	{ .name = "Clip", COMPUTED(UNARY(TMO_MAP_CLIP)) },
	{ .name = "HardSigmoid", COMPUTED(UNARY(TMO_MAP_HARD_SIGMOID)) },
	{ .name = "HardSwish", COMPUTED(UNARY(TMO_MAP_HARD_SWISH)) },
	{ .name = "LeakyRelu", COMPUTED(UNARY(TMO_MAP_LEAKY_RELU)) },
	{ .name = "ThresholdedRelu", COMPUTED(UNARY(TMO_MAP_THRESHOLDED_RELU)) },
	{ .name = "Elu", COMPUTED(UNARY(TMO_MAP_ELU)) },
	{ .name = "Celu", COMPUTED(UNARY(TMO_MAP_CELU)) },
	{ .name = "Softplus", COMPUTED(UNARY(TMO_MAP_SOFTPLUS)) },
	{ .name = "Softsign", COMPUTED(UNARY(TMO_MAP_SOFTSIGN)) },
	{ .name = "Mish", COMPUTED(UNARY(TMO_MAP_MISH)) },
	{ .name = "Swish", COMPUTED(UNARY(TMO_MAP_SWISH)) },
	{ .name = "Shrink", COMPUTED(UNARY(TMO_MAP_SHRINK)) },
	{ .name = "Selu", COMPUTED(UNARIES(6, TMO_MAP_SELU), UNARY(TMO_MAP_SELU)) },
	{ .name = "Gelu", COMPUTED({1, tmo_shape_unary, tmo_prepare_elements, tmo_run_gelu, .function = TMO_MAP_GELU, FLOATS}) },
	{ .domain = MICROSOFT, .name = "Gelu", COMPUTED(UNARY(TMO_MAP_GELU)) },
	{ .name = "Not", COMPUTED(BITS(TMO_BINARY_XOR, not)) },
	{ .name = "BitwiseNot", COMPUTED(BITS(TMO_BINARY_BITS_XOR, not)) },

	/* elements of two arrays, or more */
	{ .name = "Add", COMPUTED(PAIR(TMO_BINARY_ADD)) },
	{ .name = "Sub", COMPUTED(PAIR(TMO_BINARY_SUBTRACT)) },
	{ .name = "Div", COMPUTED(PAIR(TMO_BINARY_DIVIDE)) },
	{ .name = "Pow", COMPUTED(PAIR(TMO_BINARY_POWER)) },
	{ .name = "PRelu", COMPUTED(PAIR(TMO_BINARY_PRELU)) },
	{ .name = "And", COMPUTED(PAIR(TMO_BINARY_AND)) },
	{ .name = "Or", COMPUTED(PAIR(TMO_BINARY_OR)) },
	{ .name = "Xor", COMPUTED(PAIR(TMO_BINARY_XOR)) },
	{ .name = "Mod", COMPUTED(PAIRS(7, TMO_BINARY_REST)) },
	{ .name = "BitShift", COMPUTED(PAIRS(7, TMO_BINARY_SHIFT_LEFT)) },
	{ .name = "BitwiseAnd", COMPUTED(PAIRS(7, TMO_BINARY_BITS_AND)) },
	{ .name = "BitwiseOr", COMPUTED(PAIRS(7, TMO_BINARY_BITS_OR)) },
	{ .name = "BitwiseXor", COMPUTED(PAIRS(7, TMO_BINARY_BITS_XOR)) },
	{ .name = "Equal", COMPUTED(COMPARISON(TMO_COMPARE_EQUAL)) },
	{ .name = "Less", COMPUTED(COMPARISON(TMO_COMPARE_LESS)) },
	{ .name = "LessOrEqual", COMPUTED(COMPARISON(TMO_COMPARE_LESS_OR_EQUAL)) },
	{ .name = "Greater", COMPUTED(COMPARISON(TMO_COMPARE_GREATER)) },
	{ .name = "GreaterOrEqual", COMPUTED(COMPARISON(TMO_COMPARE_GREATER_OR_EQUAL)) },
	{ .name = "Max", COMPUTED(FOLD(TMO_BINARY_LARGER, fold)) },
	{ .name = "Min", COMPUTED(FOLD(TMO_BINARY_SMALLER, fold)) },
	{ .name = "Sum", COMPUTED(FOLD(TMO_BINARY_ADD, fold)) },
	{ .name = "Mean", COMPUTED(FOLD(TMO_BINARY_ADD, mean)) },

	/* one number of many */
	{ .name = "ReduceSum", COMPUTED(REDUCTION(SUM)) },
	{ .name = "ReduceMean", COMPUTED(REDUCTION(MEAN)) },
	{ .name = "ReduceProd", COMPUTED(REDUCTION(PROD)) },
	{ .name = "ReduceMax", COMPUTED(REDUCTION(MAX)) },
	{ .name = "ReduceMin", COMPUTED(REDUCTION(MIN)) },
	{ .name = "ReduceL1", COMPUTED(REDUCTION(L1)) },
	{ .name = "ReduceL2", COMPUTED(REDUCTION(L2)) },
	{ .name = "ReduceSumSquare", COMPUTED(REDUCTION(SUM_SQUARE)) },
	{ .name = "ReduceLogSum", COMPUTED(REDUCTION(LOG_SUM)) },
	{ .name = "ReduceLogSumExp", COMPUTED(REDUCTION(LOG_SUM_EXP)) },
	{ .name = "Softmax", COMPUTED(SOFTMAX(TMO_SOFTMAX)) },
	{ .name = "LogSoftmax", COMPUTED(SOFTMAX(TMO_LOG_SOFTMAX)) },
	{ .name = "Hardmax", COMPUTED(SOFTMAX(TMO_HARDMAX)) },

	/* normalizations */
	{ .name = "BatchNormalization",
	  COMPUTED(STEPS(14, batch_normalization, 0), STEPS(1, batch_normalization, 0)) },
	{ .name = "LRN", COMPUTED(STEPS(1, lrn, 0)) },
	{ .name = "InstanceNormalization", COMPUTED(STEPS(1, normalize, TMO_INSTANCE_NORM)) },
	{ .name = "GroupNormalization",
	  COMPUTED(STEPS(21, normalize, TMO_GROUP_NORM), STEPS(1, normalize, TMO_GROUP_NORM_18)) },
	{ .name = "LayerNormalization", COMPUTED(STEPS(1, normalize, TMO_LAYER_NORM)) },
	{ .name = "RMSNormalization", COMPUTED(STEPS(1, normalize, TMO_RMS_NORM)) },
	{ .name = "SimplifiedLayerNormalization", COMPUTED(STEPS(1, normalize, TMO_SIMPLIFIED_LAYER_NORM)) },
	{ .domain = MICROSOFT, .name = "SkipLayerNormalization", COMPUTED(STEPS(1, normalize, TMO_SKIP_LAYER_NORM)) },
	{ .domain = MICROSOFT, .name = "SkipSimplifiedLayerNormalization",
	  COMPUTED(STEPS(1, normalize, TMO_SKIP_SIMPLIFIED_LAYER_NORM)) },
	{ .name = "LpNormalization", COMPUTED(STEPS(1, normalize_along, TMO_LP_NORM)) },
	{ .name = "MeanVarianceNormalization", COMPUTED(STEPS(1, normalize_along, TMO_MEAN_VARIANCE_NORM)) },

	/* losses */
	{ .name = "NegativeLogLikelihoodLoss", COMPUTED(LOSS(TMO_LIKELIHOOD)) },
	{ .name = "SoftmaxCrossEntropyLoss", COMPUTED(LOSS(TMO_CROSS_ENTROPY)) },
};

const struct tmo_operator *
tmo_operator_find(const char *domain, const char *name)
{
	if (strcmp(domain, "ai.onnx") == 0)
		domain = "";
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		const struct tmo_operator *const o = &operators[i];

		if (strcmp(o->name, name) == 0 &&
		    strcmp(o->domain != NULL ? o->domain : "", domain) == 0)
			return o;
	}
	return NULL;
}

int
tmo_operator_output_axis(const struct tmo_operator *o, int input, int rank, bool transposed)
{
	struct tmo_equation e;
	int operand = 0;

	if (o->product[0].equation == NULL || !tmo_equation_parse(o->product[0].equation, &e))
		return -1;
	while (operand < TMO_OPERANDS_MAX && o->product[0].operand[operand] != input)
		operand++;
	if (operand == TMO_OPERANDS_MAX)
		return -1;
	if (transposed)
		tmo_equation_transpose(&e, operand);
	for (int i = 0; i < rank; i++) {
		const struct tmo_equation_axis *const axis = tmo_equation_axis_at(&e, operand, rank, i);

		for (int k = 0; axis != NULL && k < axis->count; k++)
			if (tmo_equation_role(&e, operand, axis->index[k]) == TMO_ROLE_OUTPUT)
				return i;
	}
	return -1;
}
