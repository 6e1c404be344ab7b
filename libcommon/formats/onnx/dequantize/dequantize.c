/* SPDX-License-Identifier: Apache-2.0 */
/* dequantize.c: DequantizeLinear and Cast of constants, and who else is asked about a node. */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/onnx_dtype.h"

enum tmo_type
tmo_onnx_cast_to(const struct tmo_onnx_rewrite *rw, size_t site)
{
	const Onnx__NodeProto *n = site == TMO_ONNX_NOWHERE ? NULL : rw->site[site].node;

	if (n == NULL || !tmo_onnx_is(n, "Cast") || n->n_input != 1 || n->n_output != 1)
		return TMO_NONE;
	switch (tmo_onnx_int(n, "to", 0)) {
	case TMO_ONNX_FLOAT:
		return TMO_F32;
	case TMO_ONNX_FLOAT16:
		return TMO_F16;
	case TMO_ONNX_DOUBLE:
		return TMO_F64;
	case TMO_ONNX_BFLOAT16:
		return TMO_BF16;
	case TMO_ONNX_INT32:
		return TMO_I32;
	case TMO_ONNX_INT64:
		return TMO_I64;
	default:
		return TMO_NONE;
	}
}

bool
tmo_onnx_may_go(const struct tmo_onnx_rewrite *rw, size_t site)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	const struct tmo_onnx_value *v = n->n_output == 1 ? tmo_onnx_value(rw, n->output[0]) : NULL;

	return v != NULL && v->outputs == 0 && !rw->site[site].gone;
}

int
tmo_onnx_become(struct tmo_onnx_rewrite *rw, size_t site, const struct tmo_onnx_const *anchor,
                struct tmo_onnx_coded *form)
{
	const char *output = rw->site[site].node->output[0];
	char *name = tmo_onnx_base_name(rw, output, false);
	const bool same = name != NULL && strcmp(name, output) == 0;
	int status = -1;

	if (name == NULL) {
		tmo_onnx_coded_free(form);
		return -1;
	}
	if (tmo_onnx_add_weight(rw, name, anchor, form) == 0 &&
	    (same || tmo_onnx_add_rename(&rw->renames, output, name, rw->err) == 0))
		status = tmo_onnx_remove(rw, site, same ? name : NULL);
	free(name);
	return status;
}

/* DequantizeLinear of constants, perhaps of a view of the weight, perhaps with a Cast of what it makes. */
static int
lift_dequantize(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	struct tmo_onnx_affine a = {
		.axis = tmo_onnx_int(n, "axis", 1), .block = tmo_onnx_int(n, "block_size", 0)
	};
	const int64_t made = tmo_onnx_int(n, "output_dtype", 0);
	struct tmo_onnx_coded form;
	size_t reshape = site, last, cast;
	enum tmo_type to;
	bool fits;

	if (!tmo_onnx_may_go(rw, site) || !tmo_onnx_affine_inputs(rw, n, 0, 1, 2, &a) ||
	    (made != 0 && made != a.scale->tensor->data_type))
		return 0;
	if (tmo_onnx_affine_form(rw, &a, &form, &fits) < 0)
		return -1;
	if (!fits)
		return 0;
	if (tmo_onnx_undo_view(rw, site, tmo_onnx_input(n, 0), &form, &reshape) < 0) {
		tmo_onnx_coded_free(&form);
		return -1;
	}
	last = reshape;
	cast = tmo_onnx_followed_by(rw, rw->site[last].node->output[0], last, "Cast");
	to = tmo_onnx_cast_to(rw, cast);
	if (form.dtype == TMO_F32 && (to == TMO_F16 || to == TMO_BF16) && tmo_onnx_may_go(rw, cast)) {
		form.dtype = to;
		last = cast;
	}
	*done = true;
	tmo_onnx_take_affine(&a);
	if (tmo_onnx_become(rw, last, a.codes, &form) < 0 ||
	    (reshape != site && reshape != last && tmo_onnx_remove(rw, reshape, NULL) < 0))
		return -1;
	return last != site ? tmo_onnx_remove(rw, site, NULL) : 0;
}

/* A Cast of floats to a wider type that holds them all. */
static int
lift_cast(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	struct tmo_onnx_coded form = { .dtype = tmo_onnx_cast_to(rw, site) };
	struct tmo_onnx_storage s = {0};
	struct tmo_onnx_const *c;
	size_t count;

	if (!tmo_type_is_float(form.dtype) || !tmo_onnx_may_go(rw, site))
		return 0;
	c = tmo_onnx_const(rw, rw->site[site].node->input[0]);
	if (c == NULL || !tmo_onnx_storage(c->tensor, &s) || s.code == TMO_NONE ||
	    tmo_type_size(s.code) >= tmo_type_size(form.dtype) ||
	    !tmo_onnx_dims(c->tensor, &form.rank, form.shape, &count) || form.rank == 0 ||
	    count == 0)
		return 0;
	*done = true;
	c->taken = true;
	if (tmo_onnx_add_codes(rw, &form, c, &s) < 0)
		return -1;
	return tmo_onnx_become(rw, site, c, &form);
}

/* Asks each kind that has the node's operator; the first that knows the node has it. */
static int
lift_node(struct tmo_onnx_rewrite *rw, size_t site)
{
	static const struct {
		const char *op;
		int (*lift)(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
	} kinds[] = {
		{ "DequantizeLinear", lift_dequantize },
		{ "DequantizeLinear", tmo_onnx_lift_rounded },
		{ "DequantizeLinear", tmo_onnx_lift_gathered },
		{ "Cast", lift_cast },
		{ "QLinearConv", tmo_onnx_lift_linear },
		{ "QLinearMatMul", tmo_onnx_lift_linear },
		{ "QGemm", tmo_onnx_lift_linear },
		{ "MatMulInteger", tmo_onnx_lift_dynamic },
		{ "ConvInteger", tmo_onnx_lift_dynamic },
		{ "MatMulNBits", tmo_onnx_lift_nbits },
		{ "GatherBlockQuantized", tmo_onnx_lift_nbits },
	};
	bool done = false;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]) && !done; i++) {
		const struct tmo_onnx_site *s = &rw->site[site];

		if (!s->gone && strcmp(tmo_onnx_text(s->node->op_type), kinds[i].op) == 0 &&
		    kinds[i].lift(rw, site, &done) < 0)
			return -1;
	}
	return 0;
}

int
tmo_onnx_dequantize(Onnx__ModelProto *model, struct tmo_onnx_files *files,
                    struct tmo_onnx_weights *weights, struct tmo_error *err)
{
	struct tmo_onnx_rewrite rw = {
		.model = model, .files = files, .weights = weights, .err = err
	};
	int status = tmo_onnx_rewrite_open(&rw);

	/* First chains: their codebooks may be made by a DequantizeLinear or Cast of their own. */
	for (size_t i = 0; i < rw.site_count && status == 0 && rw.opset > 0; i++)
		if (!rw.site[i].gone)
			status = tmo_onnx_lift_arithmetic(&rw, i);
	for (size_t i = 0; i < rw.site_count && status == 0 && rw.opset > 0; i++)
		status = lift_node(&rw, i);
	if (status == 0)
		status = tmo_onnx_rewrite_finish(&rw);
	tmo_onnx_rewrite_close(&rw);
	return status;
}
