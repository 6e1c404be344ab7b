/* SPDX-License-Identifier: Apache-2.0 */
/* dequantize_linear.c: DequantizeLinear and Cast of constants. */
#include "formats/onnx/dequantize/affine_form.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/dequantize/node_to_weight.h"
#include "formats/onnx/dequantize/view_form.h"

/* DequantizeLinear of constants, perhaps of a view of the weight, perhaps with a Cast of what it makes. */
int
tmo_onnx_lift_dequantize(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
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
int
tmo_onnx_lift_cast(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
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
