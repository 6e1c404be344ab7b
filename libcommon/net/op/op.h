/* SPDX-License-Identifier: Apache-2.0 */
/* op.h: the functions of the table of operators, a file a family. */
#ifndef TMO_OP_H
#define TMO_OP_H

#include "net/operators.h"
#include "net/step.h"

/* ---- what passes through (view.h) ---- */

/* elementwise.c */
tmo_view_fn tmo_view_same, tmo_view_masked;
/* shape.c */
tmo_view_fn tmo_view_transpose, tmo_view_reshape, tmo_view_flatten, tmo_view_squeeze,
	tmo_view_unsqueeze, tmo_view_expand;
/* index.c */
tmo_view_fn tmo_view_slice, tmo_view_split, tmo_view_concat, tmo_view_gather;

/* ---- how it is computed (step.h) ---- */

/* common_shapes.c */
tmo_shape_fn tmo_shape_same;		/* each output as input 0 */
tmo_shape_fn tmo_shape_floats;		/* likewise; fails unless all inputs are floats */
tmo_shape_fn tmo_shape_broadcast;	/* all inputs broadcast; the type of input 0 */
/* control.c, scan.c */
tmo_control_fn tmo_control_if, tmo_control_loop, tmo_control_scan;
/* convert.c: between types of floats; the plan puts it in */
extern const struct tmo_version tmo_float_conversion;
extern const struct tmo_node tmo_float_conversion_node;
tmo_shape_fn tmo_shape_cast, tmo_shape_cast_like;
tmo_run_fn tmo_run_cast;
/* binary.c */
tmo_shape_fn tmo_shape_pair, tmo_shape_fold, tmo_shape_compare;
tmo_prepare_fn tmo_prepare_elements;	/* for any operator of elements */
tmo_run_fn tmo_run_pair, tmo_run_fold, tmo_run_mean, tmo_run_compare;
/* conv.c */
enum { TMO_CONV, TMO_FUSED_CONV };
tmo_shape_fn tmo_shape_conv;
tmo_prepare_fn tmo_prepare_conv;
tmo_run_fn tmo_run_conv;
/* conv_transpose.c; tmo_run_conv runs it */
tmo_shape_fn tmo_shape_conv_transpose;
tmo_prepare_fn tmo_prepare_conv_transpose;
/* deform.c */
tmo_shape_fn tmo_shape_deform_conv;
tmo_run_fn tmo_run_deform_conv;
/* matmul.c */
tmo_shape_fn tmo_shape_matmul, tmo_shape_gemm;
tmo_prepare_fn tmo_prepare_matmul, tmo_prepare_gemm;
tmo_run_fn tmo_run_matmul;
/* integer_products.c: of integers, else matmul.c's */
tmo_prepare_fn tmo_prepare_matmul_any;
tmo_run_fn tmo_run_matmul_any;
/* einsum.c */
tmo_shape_fn tmo_shape_einsum;
tmo_prepare_fn tmo_prepare_einsum;
tmo_run_fn tmo_run_einsum;
/* determinant.c */
tmo_shape_fn tmo_shape_det;
tmo_prepare_fn tmo_prepare_det;
tmo_run_fn tmo_run_det;
/* cumulate.c */
enum { TMO_CUMULATE_SUM, TMO_CUMULATE_PRODUCT };
tmo_shape_fn tmo_shape_cumulate;
tmo_run_fn tmo_run_cumulate;
/* gather.c */
tmo_shape_fn tmo_shape_gather, tmo_shape_gather_elements, tmo_shape_gather_nd;
tmo_run_fn tmo_run_gather, tmo_run_gather_elements, tmo_run_gather_nd;
/* scatter.c */
tmo_shape_fn tmo_shape_scatter_elements, tmo_shape_scatter_nd, tmo_shape_tensor_scatter;
tmo_run_fn tmo_run_scatter_elements, tmo_run_scatter_nd, tmo_run_tensor_scatter;
/* pad.c */
tmo_shape_fn tmo_shape_pad;
tmo_prepare_fn tmo_prepare_pad;
tmo_run_fn tmo_run_pad;
/* make.c */
tmo_shape_fn tmo_shape_shape, tmo_shape_size, tmo_shape_constant_of_shape, tmo_shape_range, tmo_shape_eye_like,
	tmo_shape_one_hot;
tmo_run_fn tmo_run_shape, tmo_run_size, tmo_run_constant_of_shape, tmo_run_range, tmo_run_eye_like,
	tmo_run_one_hot;
/* select.c */
enum { TMO_IS_NAN, TMO_IS_INF };
tmo_shape_fn tmo_shape_where, tmo_shape_nonzero, tmo_shape_compress, tmo_shape_trilu, tmo_shape_is;
tmo_run_fn tmo_run_where, tmo_run_nonzero, tmo_run_compress, tmo_run_trilu, tmo_run_is;
/* rank.c */
enum { TMO_ARG_MAX, TMO_ARG_MIN };
tmo_shape_fn tmo_shape_top_k, tmo_shape_arg;
tmo_prepare_fn tmo_prepare_top_k, tmo_prepare_arg;
tmo_run_fn tmo_run_top_k, tmo_run_arg;
/* unique.c */
tmo_shape_fn tmo_shape_unique;
tmo_run_fn tmo_run_unique;
/* suppression.c */
tmo_shape_fn tmo_shape_non_max_suppression;
tmo_run_fn tmo_run_non_max_suppression;
/* rearrange.c */
enum { TMO_DROPOUT_OLDEST, TMO_DROPOUT_MASK, TMO_DROPOUT_BOOL_MASK };
tmo_shape_fn tmo_shape_depth_to_space, tmo_shape_space_to_depth, tmo_shape_reverse_sequence, tmo_shape_dropout;
tmo_run_fn tmo_run_depth_to_space, tmo_run_space_to_depth, tmo_run_reverse_sequence, tmo_run_dropout;
/* move.c */
tmo_shape_fn tmo_shape_transpose, tmo_shape_slice, tmo_shape_expand, tmo_shape_tile, tmo_shape_concat,
	tmo_shape_split;
tmo_run_fn tmo_run_transpose, tmo_run_slice, tmo_run_expand, tmo_run_tile, tmo_run_concat, tmo_run_split;
/* recurrent.c, recurrent_run.c */
tmo_shape_fn tmo_shape_recurrent;
tmo_prepare_fn tmo_prepare_recurrent;
tmo_run_fn tmo_run_recurrent;
/* attention.c */
tmo_shape_fn tmo_shape_attention;
tmo_prepare_fn tmo_prepare_attention;
tmo_run_fn tmo_run_attention;
/* rotary.c */
tmo_shape_fn tmo_shape_rotary;
tmo_prepare_fn tmo_prepare_rotary;
tmo_run_fn tmo_run_rotary;
/* signal.c */
enum { TMO_WINDOW_HANN, TMO_WINDOW_HAMMING, TMO_WINDOW_BLACKMAN };
tmo_shape_fn tmo_shape_window, tmo_shape_dft, tmo_shape_stft;
tmo_prepare_fn tmo_prepare_dft, tmo_prepare_stft;
tmo_run_fn tmo_run_window, tmo_run_dft, tmo_run_stft;
/* mel.c */
tmo_shape_fn tmo_shape_mel;
tmo_run_fn tmo_run_mel;
/* reform.c */
tmo_shape_fn tmo_shape_reshape, tmo_shape_flatten, tmo_shape_squeeze, tmo_shape_unsqueeze;
/* pool.c */
enum { TMO_POOL_MAX, TMO_POOL_AVERAGE, TMO_POOL_NORM };
tmo_shape_fn tmo_shape_pool;
tmo_prepare_fn tmo_prepare_pool;
tmo_run_fn tmo_run_max_pool, tmo_run_sum_pool;
/* What tmo_run_sum_pool makes of one plane of a prepared step. */
void tmo_pool_plane(const struct tmo_step *step, const float *plane, float *y);
/* One more number in a sum of magnitudes to the power of p; what the root of the sum is. */
float tmo_norm_add(float sum, float x, float p);
float tmo_norm_root(float sum, float p);
/* pool_global.c */
tmo_shape_fn tmo_shape_global_pool;
tmo_prepare_fn tmo_prepare_global_pool;
tmo_run_fn tmo_run_global_pool;
/* unpool.c */
tmo_shape_fn tmo_shape_max_unpool, tmo_shape_col2im, tmo_shape_center_crop_pad;
tmo_run_fn tmo_run_max_unpool, tmo_run_col2im, tmo_run_center_crop_pad;
/* resize.c */
enum { TMO_UPSAMPLE, TMO_RESIZE_10, TMO_RESIZE };
tmo_shape_fn tmo_shape_resize;
tmo_run_fn tmo_run_resize;
/* grid_sample.c */
tmo_shape_fn tmo_shape_grid_sample, tmo_shape_affine_grid;
tmo_run_fn tmo_run_grid_sample, tmo_run_affine_grid;
/* regions.c */
enum { TMO_ROI_ALIGN_10, TMO_ROI_ALIGN };	/* from 16 on places are half a pixel further back */
tmo_shape_fn tmo_shape_roi_align, tmo_shape_max_roi_pool;
tmo_run_fn tmo_run_roi_align, tmo_run_max_roi_pool;
/* quantize.c */
tmo_shape_fn tmo_shape_quantize, tmo_shape_dequantize, tmo_shape_dynamic_quantize;
tmo_run_fn tmo_run_quantize, tmo_run_dequantize, tmo_run_dynamic_quantize;
/* The scale, and the u8 zero point, that cover these numbers and 0. */
void tmo_dynamic_range(const float *x, size_t count, float *scale, float *zero);
/* integer_matmul.c */
enum { TMO_MATMUL_INTEGER, TMO_QLINEAR_MATMUL, TMO_QGEMM, TMO_DYNAMIC_MATMUL, TMO_MATMUL_TO_FLOAT };
tmo_shape_fn tmo_shape_integer_matmul;
tmo_run_fn tmo_run_integer_matmul;
/* integer_conv.c */
enum { TMO_CONV_INTEGER, TMO_QLINEAR_CONV };
tmo_shape_fn tmo_shape_integer_conv;
tmo_run_fn tmo_run_integer_conv;
/* quantized.c */
enum {
	TMO_QLINEAR_ADD, TMO_QLINEAR_MUL, TMO_QLINEAR_SIGMOID, TMO_QLINEAR_LEAKY_RELU, TMO_QLINEAR_SOFTMAX,
	TMO_QLINEAR_CONCAT, TMO_QLINEAR_AVERAGE, TMO_QLINEAR_GLOBAL_AVERAGE
};
tmo_shape_fn tmo_shape_quantized;
tmo_prepare_fn tmo_prepare_quantized;
tmo_run_fn tmo_run_quantized;
/* packed_codes.c */
tmo_shape_fn tmo_shape_matmul_bits, tmo_shape_gather_codes;
tmo_prepare_fn tmo_prepare_matmul_bits;
tmo_run_fn tmo_run_matmul_bits, tmo_run_gather_codes;
/* batchnorm.c, lrn.c, normalize.c, normalize_along.c */
tmo_shape_fn tmo_shape_batch_normalization, tmo_shape_lrn, tmo_shape_normalize, tmo_shape_normalize_along;
tmo_prepare_fn tmo_prepare_batch_normalization, tmo_prepare_lrn, tmo_prepare_normalize, tmo_prepare_normalize_along;
tmo_run_fn tmo_run_batch_normalization, tmo_run_lrn, tmo_run_normalize, tmo_run_normalize_along;
/* loss.c */
enum { TMO_LIKELIHOOD, TMO_CROSS_ENTROPY };
tmo_shape_fn tmo_shape_loss;
tmo_prepare_fn tmo_prepare_loss;
tmo_run_fn tmo_run_loss;
/* reduce.c */
tmo_shape_fn tmo_shape_reduce;
tmo_prepare_fn tmo_prepare_reduce;
tmo_run_fn tmo_run_reduce;
/* softmax_along.c */
enum { TMO_SOFTMAX, TMO_LOG_SOFTMAX, TMO_HARDMAX };
tmo_prepare_fn tmo_prepare_softmax;
tmo_run_fn tmo_run_softmax;
/* unary.c */
tmo_shape_fn tmo_shape_unary, tmo_shape_not;
tmo_run_fn tmo_run_unary, tmo_run_gelu, tmo_run_not;

#endif
