/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dynamic.c: what dynamic quantization makes of a layer,
 *
 *	xq, s, z = DynamicQuantizeLinear(x)
 *	y = Cast(MatMulInteger(xq, Wq, z, Wz)) * (s * Ws)
 *
 * as MatMul(DequantizeLinear(xq, s, z), W), and so for ConvInteger; and a Gather of rows that are
 * dequantized behind it.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/affine_form.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/dequantize/node_to_weight.h"

/* The nodes of the pattern, and the constants in it. */
struct dynamic {
	size_t site, cast, mul, scales;
	const Onnx__NodeProto *quantize;
	struct tmo_onnx_affine a;
};

/* Of a node with two inputs the one that is not `name`; NULL if neither is. */
static const char *
other_input(const Onnx__NodeProto *n, const char *name)
{
	if (n->n_input != 2 || n->n_output != 1)
		return NULL;
	return strcmp(n->input[0], name) == 0 ? n->input[1] :
	       strcmp(n->input[1], name) == 0 ? n->input[0] : NULL;
}

/* What quantized x: its outputs are the node's inputs. */
static bool
find_quantize(const struct tmo_onnx_rewrite *rw, struct dynamic *d)
{
	const Onnx__NodeProto *n = rw->site[d->site].node;
	const size_t at = tmo_onnx_made_by(rw, tmo_onnx_input(n, 0), d->site, "DynamicQuantizeLinear");

	if (at == TMO_ONNX_NOWHERE)
		return false;
	d->quantize = rw->site[at].node;
	return d->quantize->n_output == 3 && strcmp(d->quantize->output[0], n->input[0]) == 0 &&
	       strcmp(d->quantize->output[2], tmo_onnx_input(n, 2)) == 0;
}

/* The nodes behind the site, up to the last multiplication; the weight's scale's name or NULL. */
static const char *
find_nodes(const struct tmo_onnx_rewrite *rw, struct dynamic *d)
{
	const Onnx__NodeProto *n = rw->site[d->site].node;
	const char *product, *factor;

	d->cast = tmo_onnx_followed_by(rw, n->output[0], d->site, "Cast");
	if (tmo_onnx_cast_to(rw, d->cast) != TMO_F32)
		return NULL;
	product = rw->site[d->cast].node->output[0];
	d->mul = tmo_onnx_followed_by(rw, product, d->site, "Mul");
	if (d->mul == TMO_ONNX_NOWHERE)
		return NULL;
	factor = other_input(rw->site[d->mul].node, product);
	d->scales = factor == NULL ? TMO_ONNX_NOWHERE :
	                             tmo_onnx_made_by(rw, factor, d->site, "Mul");
	if (d->scales == TMO_ONNX_NOWHERE)
		return NULL;
	return other_input(rw->site[d->scales].node, d->quantize->output[1]);
}

static bool
match(const struct tmo_onnx_rewrite *rw, struct dynamic *d)
{
	const Onnx__NodeProto *n = rw->site[d->site].node;
	const char *scale;

	if (n->n_output != 1 || !find_quantize(rw, d) || (scale = find_nodes(rw, d)) == NULL)
		return false;
	d->a.codes = tmo_onnx_const(rw, tmo_onnx_input(n, 1));
	d->a.scale = tmo_onnx_const(rw, scale);
	d->a.zero = tmo_onnx_const(rw, tmo_onnx_input(n, 3));
	d->a.axis = -1;
	if (d->a.codes == NULL || d->a.scale == NULL ||
	    (d->a.zero == NULL && tmo_onnx_input(n, 3)[0] != '\0'))
		return false;
	/* Along the output axis of a matrix; of a convolution only one scale for all is known. */
	if (tmo_onnx_is(n, "MatMulInteger") && d->a.codes->tensor->n_dims == 2)
		return true;
	return tmo_onnx_is_one(d->a.scale) && (d->a.zero == NULL || tmo_onnx_is_one(d->a.zero));
}

static int
replace(struct tmo_onnx_rewrite *rw, const struct dynamic *d, const char *w)
{
	Onnx__NodeProto *n = rw->site[d->site].node, *op;
	const Onnx__NodeProto *mul = rw->site[d->mul].node, *scales = rw->site[d->scales].node;
	char *x = tmo_onnx_new_name(rw, n->input[0], "_f32");
	const char *const quantized[] = {
		d->quantize->output[0], d->quantize->output[1], d->quantize->output[2], NULL
	};
	const char *const operands[] = { x, w, NULL };
	const struct tmo_onnx_value *factor;
	int status = -1;

	if (x == NULL || tmo_onnx_remove(rw, d->site, NULL) < 0 ||
	    tmo_onnx_remove(rw, d->cast, NULL) < 0 || tmo_onnx_remove(rw, d->mul, mul->output[0]) < 0)
		goto out;
	factor = tmo_onnx_value(rw, scales->output[0]);
	if ((factor->uses == 0 && tmo_onnx_remove(rw, d->scales, NULL) < 0) ||
	    tmo_onnx_put_node(rw, d->site, "DequantizeLinear", NULL, quantized, x) == NULL)
		goto out;
	op = tmo_onnx_put_node(rw, d->site, tmo_onnx_is(n, "ConvInteger") ? "Conv" : "MatMul", n->name,
	                     operands, mul->output[0]);
	if (op == NULL)
		goto out;
	tmo_onnx_move_attributes(op, n);
	status = 0;
out:
	free(x);
	return status;
}

int
tmo_onnx_lift_dynamic(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	struct dynamic d = { .site = site };
	struct tmo_onnx_coded form;
	bool fits;
	char *w;
	int status = -1;

	if ((!tmo_onnx_is(n, "MatMulInteger") && !tmo_onnx_is(n, "ConvInteger")) || !match(rw, &d))
		return 0;
	if (tmo_onnx_affine_form(rw, &d.a, &form, &fits) < 0)
		return -1;
	if (!fits || form.dtype != TMO_F32) {
		tmo_onnx_coded_free(&form);
		return 0;
	}
	*done = true;
	w = tmo_onnx_affine_weight(rw, &d.a, n->input[1], &form);
	if (w != NULL)
		status = replace(rw, &d, w);
	free(w);
	return status;
}

/* The constants of a Gather and the DequantizeLinear behind it, one scale for all; false: others. */
static bool
match_gathered(const struct tmo_onnx_rewrite *rw, size_t site, size_t gather,
               struct tmo_onnx_affine *a)
{
	const Onnx__NodeProto *n = rw->site[site].node;

	if (gather == TMO_ONNX_NOWHERE || n->n_output != 1 ||
	    rw->site[gather].node->n_input != 2 || tmo_onnx_int(n, "output_dtype", 0) != 0 ||
	    tmo_onnx_followed_by(rw, n->input[0], site, "DequantizeLinear") != site)
		return false;
	a->codes = tmo_onnx_const(rw, rw->site[gather].node->input[0]);
	a->scale = tmo_onnx_const(rw, tmo_onnx_input(n, 1));
	a->zero = tmo_onnx_const(rw, tmo_onnx_input(n, 2));
	return a->codes != NULL && tmo_onnx_is_one(a->scale) &&
	       (tmo_onnx_is_one(a->zero) || tmo_onnx_input(n, 2)[0] == '\0');
}

int
tmo_onnx_lift_gathered(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	const size_t at = tmo_onnx_made_by(rw, tmo_onnx_input(n, 0), site, "Gather");
	struct tmo_onnx_affine a = {0};
	struct tmo_onnx_coded form;
	Onnx__NodeProto *gather, *op = NULL;
	char *w;
	bool fits;

	if (!tmo_onnx_is(n, "DequantizeLinear") || !match_gathered(rw, site, at, &a))
		return 0;
	if (tmo_onnx_affine_form(rw, &a, &form, &fits) < 0)
		return -1;
	if (!fits)
		return 0;
	*done = true;
	gather = rw->site[at].node;
	w = tmo_onnx_affine_weight(rw, &a, gather->input[0], &form);
	if (w != NULL && tmo_onnx_remove(rw, at, NULL) == 0 &&
	    tmo_onnx_remove(rw, site, n->output[0]) == 0) {
		const char *const operands[] = { w, gather->input[1], NULL };

		op = tmo_onnx_put_node(rw, site, "Gather", gather->name, operands, n->output[0]);
	}
	free(w);
	if (op == NULL)
		return -1;
	tmo_onnx_move_attributes(op, gather);
	return 0;
}
