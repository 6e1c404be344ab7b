/* SPDX-License-Identifier: Apache-2.0 */
/*
 * qlinear.c: operators over integers with a constant weight, as the operators over floats that
 * they stand for, between a DequantizeLinear and, where the result was quantized, a
 * QuantizeLinear. What the integer kernels add up exactly is then added up in floats.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/affine_form.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/onnx_dtype.h"
#include "net/operators.h"

/*
 * The row of the node, if its first six inputs are x, its scale and zero point, w, its both: that of
 * QLinearConv and its like. NULL: it is none of them.
 */
static const struct tmo_operator *
linear_kind(const Onnx__NodeProto *n)
{
	const struct tmo_operator *const o = tmo_onnx_operator(n);

	return o != NULL && o->integer != NULL && o->integer->codes == 3 ? o : NULL;
}

static bool
is_gemm(const struct tmo_operator *kind)
{
	return strcmp(kind->integer->becomes, "Gemm") == 0;
}

static bool
is_product(const struct tmo_operator *kind)
{
	return strcmp(kind->integer->becomes, "MatMul") == 0;
}

/* Input number i of the node; "" if it has none, or i is none. */
static const char *
named_input(const Onnx__NodeProto *n, int i)
{
	return i >= 0 ? tmo_onnx_input(n, (size_t)i) : "";
}

/* The axis of the weight that its scales belong to, of so many; -1: there is none. */
static int
output_axis(const struct tmo_operator *kind, const Onnx__NodeProto *n, int rank)
{
	const char *const attribute = kind->transposed[1];

	return tmo_operator_output_axis(kind, kind->integer->codes, rank,
	                                attribute != NULL && tmo_onnx_int(n, attribute, 0) != 0);
}

/* Whether what is not the weight is as expected: single constants, and no factor beside them. */
static bool
is_plain(const struct tmo_onnx_rewrite *rw, const struct tmo_operator *kind, const Onnx__NodeProto *n)
{
	const bool makes_float = is_gemm(kind) && named_input(n, kind->integer->y_scale)[0] == '\0';
	const int single[] = { 1, 2, kind->integer->y_scale, kind->integer->y_zero_point };
	const Onnx__AttributeProto *alpha = tmo_onnx_attribute(n, "alpha");

	for (int i = 0; i < (makes_float ? 2 : 4); i++)
		if (!tmo_onnx_is_one(tmo_onnx_const(rw, named_input(n, single[i]))))
			return false;
	/* Gemm can do without C only from operator set 11 on. */
	return (alpha == NULL || alpha->f == 1.0f) && (!is_gemm(kind) || rw->opset >= 11) &&
	       tmo_onnx_type(tmo_onnx_const(rw, n->input[1])->tensor) == TMO_F32;
}

/* The bias: integers whose scale is that of x times that of w. */
static int
bias_form(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_const *bias,
          const struct tmo_onnx_const *x_scale, const struct tmo_onnx_const *w_scale,
          struct tmo_onnx_coded *form, bool *fits)
{
	const struct tmo_onnx_storage number = { .type = TMO_F32 };
	size_t shape[TMO_RANK_MAX], count, scales, own[TMO_RANK_MAX];
	struct tmo_onnx_storage s;
	int rank;

	*form = (struct tmo_onnx_coded){ .dtype = TMO_F32 };
	*fits = bias != NULL && bias->tensor->data_type == TMO_ONNX_INT32 &&
	        tmo_onnx_dims(bias->tensor, &form->rank, form->shape, &count) && form->rank > 0 &&
	        count > 0 && tmo_onnx_dims(w_scale->tensor, &rank, own, &scales) &&
	        (scales == 1 || scales == form->shape[form->rank - 1]);
	if (!*fits || !tmo_onnx_storage(bias->tensor, &s))
		return 0;
	for (int i = 0; i < form->rank; i++)
		shape[i] = 1;
	shape[form->rank - 1] = scales;
	if (tmo_onnx_add_codes(rw, form, bias, &s) < 0 ||
	    tmo_onnx_add_part(rw, form, "scale", &number, form->rank, shape, w_scale->tensor) < 0 ||
	    tmo_onnx_find_data(x_scale->tensor, &rw->files->table, &form->part[1].factor,
	                       rw->err) < 0) {
		tmo_onnx_coded_free(form);
		return -1;
	}
	form->part[1].is_product = true;
	return 0;
}

/* The nodes that take the place of the one at the site. w, b: names of weights, b may be NULL. */
static int
replace(struct tmo_onnx_rewrite *rw, size_t site, const struct tmo_operator *kind, const char *w,
        const char *b)
{
	Onnx__NodeProto *n = rw->site[site].node, *op;
	const char *const quantized[] = { n->input[0], n->input[1], n->input[2], NULL };
	char *x = tmo_onnx_new_name(rw, n->input[0], "_f32"), *y = NULL;
	const char *const operands[] = { x, w, b, NULL };
	const char *const result = n->output[0];
	int status = -1;

	if (x == NULL || tmo_onnx_remove(rw, site, result) < 0 ||
	    tmo_onnx_put_node(rw, site, "DequantizeLinear", NULL, quantized, x) == NULL)
		goto out;
	if (named_input(n, kind->integer->y_scale)[0] != '\0' &&
	    (y = tmo_onnx_new_name(rw, result, "_f32")) == NULL)
		goto out;
	op = tmo_onnx_put_node(rw, site, kind->integer->becomes, n->name, operands, y != NULL ? y : result);
	if (op == NULL)
		goto out;
	tmo_onnx_move_attributes(op, n);
	if (y != NULL) {
		const char *const to_quantize[] = {
			y, named_input(n, kind->integer->y_scale),
			named_input(n, kind->integer->y_zero_point), NULL
		};

		if (tmo_onnx_put_node(rw, site, "QuantizeLinear", NULL, to_quantize, result) == NULL)
			goto out;
	}
	status = 0;
out:
	free(x);
	free(y);
	return status;
}

/* Both weights become initializers, and the operator one over floats. */
static int
lift(struct tmo_onnx_rewrite *rw, size_t site, const struct tmo_operator *kind,
     const struct tmo_onnx_affine *a, struct tmo_onnx_coded *form, struct tmo_onnx_coded *bias)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	char *w = tmo_onnx_affine_weight(rw, a, n->input[3], form), *b = NULL;
	int status = -1;

	if (w != NULL && bias->part_count > 0) {
		const char *name = named_input(n, kind->integer->bias);
		const struct tmo_onnx_affine codes = {
			.codes = tmo_onnx_const(rw, name), .scale = a->scale
		};

		b = tmo_onnx_affine_weight(rw, &codes, name, bias);
		if (b == NULL)
			goto out;
	}
	if (w != NULL)
		status = replace(rw, site, kind, w, b);
out:
	free(w);
	free(b);
	return status;
}

int
tmo_onnx_lift_linear(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	const struct tmo_operator *kind = linear_kind(n);
	struct tmo_onnx_affine a = {0};
	struct tmo_onnx_coded form = {0}, bias = {0};
	const char *bias_name;
	bool fits;
	int status = 0;

	if (kind == NULL || n->n_output != 1 || !tmo_onnx_affine_inputs(rw, n, 3, 4, 5, &a) ||
	    !is_plain(rw, kind, n))
		return 0;
	a.axis = output_axis(kind, n, (int)a.codes->tensor->n_dims);
	/* Scales of a product of matrices side by side would be along two axes. */
	if (is_product(kind) && a.codes->tensor->n_dims != 2 && !tmo_onnx_is_one(a.scale))
		return 0;
	bias_name = named_input(n, kind->integer->bias);
	if (tmo_onnx_affine_form(rw, &a, &form, &fits) < 0)
		return -1;
	if (fits && bias_name[0] != '\0')
		status = bias_form(rw, tmo_onnx_const(rw, bias_name),
		                   tmo_onnx_const(rw, n->input[1]), a.scale, &bias, &fits);
	if (status == 0 && fits && form.dtype == TMO_F32) {
		*done = true;
		status = lift(rw, site, kind, &a, &form, &bias);
	}
	tmo_onnx_coded_free(&form);	/* empty, unless nobody took it over */
	tmo_onnx_coded_free(&bias);
	return status;
}
