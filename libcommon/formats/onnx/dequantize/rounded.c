/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rounded.c: a weight of floats behind a QuantizeLinear and a DequantizeLinear, as a network that was
 * trained for integers has it. What the two make of it is a weight in codes, on the network's own grid:
 * to fit it another one would round it twice.
 */
#include <stdlib.h>

#include "base/memory.h"
#include "formats/onnx/dequantize/affine_form.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/dequantize/node_to_weight.h"

/* A QuantizeLinear of a constant, and the constants of its grid. */
struct quantizing {
	size_t site;
	struct tmo_onnx_const *weight, *scale, *zero;	/* zero: NULL if there is none */
	int64_t axis;
};

static bool
match(const struct tmo_onnx_rewrite *rw, size_t site, struct quantizing *q)
{
	const Onnx__NodeProto *n;

	q->site = tmo_onnx_made_by(rw, tmo_onnx_input(rw->site[site].node, 0), site, "QuantizeLinear");
	if (q->site == TMO_ONNX_NOWHERE)
		return false;
	n = rw->site[q->site].node;
	q->weight = tmo_onnx_const(rw, tmo_onnx_input(n, 0));
	q->scale = tmo_onnx_const(rw, tmo_onnx_input(n, 1));
	q->zero = tmo_onnx_const(rw, tmo_onnx_input(n, 2));
	q->axis = tmo_onnx_int(n, "axis", 1);
	return n->n_output == 1 && q->weight != NULL && q->scale != NULL &&
	       (q->zero != NULL || tmo_onnx_input(n, 2)[0] == '\0') &&
	       tmo_onnx_int(n, "block_size", 0) == 0 && tmo_onnx_int(n, "output_dtype", 0) == 0 &&
	       tmo_onnx_type(q->weight->tensor) == TMO_F32 && tmo_onnx_type(q->scale->tensor) == TMO_F32;
}

/* The part of the codes, of a form whose shape is known; false: the grid does not fit it. */
static bool
grid_fits(const struct quantizing *q, const struct tmo_onnx_coded *form, struct tmo_onnx_grid *g)
{
	const int64_t axis = q->axis < 0 ? q->axis + form->rank : q->axis;
	size_t shape[TMO_RANK_MAX], zeros;
	int rank;

	*g = (struct tmo_onnx_grid){.each = 1, .has_zero = q->zero != NULL};
	if (!tmo_onnx_dims(q->scale->tensor, &rank, shape, &g->entries) || rank > 1 ||
	    (q->zero != NULL && (!tmo_onnx_dims(q->zero->tensor, &rank, shape, &zeros) ||
	                         zeros != g->entries)))
		return false;
	if (g->entries == 1)
		return true;
	if (axis < 0 || axis >= form->rank || form->shape[axis] != g->entries)
		return false;
	for (int i = (int)axis + 1; i < form->rank; i++)
		g->each *= form->shape[i];
	return true;
}

/* The codes that the QuantizeLinear makes, as the first part of the form. */
static int
add_rounded(struct tmo_onnx_rewrite *rw, const struct quantizing *q, struct tmo_onnx_coded *form,
            bool *fits)
{
	struct tmo_onnx_storage s = {.type = TMO_U8, .bits = 8};
	struct tmo_onnx_coded_part *const part = &form->part[0];
	struct tmo_onnx_grid grid;
	size_t count;

	if (q->zero != NULL)
		s.type = tmo_onnx_type(q->zero->tensor);
	*fits = (s.type == TMO_U8 || s.type == TMO_I8) &&
	        tmo_onnx_dims(q->weight->tensor, &form->rank, form->shape, &count) &&
	        form->rank > 0 && count > 0 && grid_fits(q, form, &grid);
	if (!*fits)
		return 0;
	if (tmo_onnx_add_codes(rw, form, q->weight, &s) < 0)
		return -1;
	part->is_rounded = true;
	part->grid = grid;
	if (tmo_onnx_find_data(q->scale->tensor, &rw->files->table, &part->grid.scale, rw->err) < 0)
		return -1;
	return q->zero == NULL ? 0 :
		tmo_onnx_find_data(q->zero->tensor, &rw->files->table, &part->grid.zero, rw->err);
}

/* The weight under its own name, if nothing but the QuantizeLinear used it; else under its result's. */
static int
replace(struct tmo_onnx_rewrite *rw, size_t site, const struct quantizing *q,
        struct tmo_onnx_coded *form)
{
	const char *const made = rw->site[site].node->output[0];
	char *const name = tmo_copy_string(tmo_onnx_input(rw->site[q->site].node, 0), rw->err);
	int status = -1;

	if (name == NULL || tmo_onnx_remove(rw, q->site, NULL) < 0)
		goto out;
	q->weight->taken = true;
	if (q->weight->site != TMO_ONNX_NOWHERE || tmo_onnx_value(rw, name)->uses > 0) {
		free(name);
		return tmo_onnx_become(rw, site, q->weight, form);
	}
	if (tmo_onnx_give_up_name(rw, name) == 0 &&
	    tmo_onnx_add_weight(rw, name, q->weight, form) == 0 &&
	    tmo_onnx_add_rename(&rw->renames, made, name, rw->err) == 0)
		status = tmo_onnx_remove(rw, site, NULL);
out:
	free(name);
	return status;
}

int
tmo_onnx_lift_rounded(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	struct tmo_onnx_affine a = {.axis = tmo_onnx_int(n, "axis", 1)};
	struct tmo_onnx_coded form = {.dtype = TMO_F32};
	struct quantizing q;
	bool fits = false;
	int status = -1;

	if (!tmo_onnx_may_go(rw, site) || !match(rw, site, &q) || !tmo_onnx_may_go(rw, q.site) ||
	    tmo_onnx_only_user(rw, rw->site[q.site].node->output[0], rw->site[site].graph) != site ||
	    tmo_onnx_int(n, "block_size", 0) != 0 || tmo_onnx_int(n, "output_dtype", 0) != 0)
		return 0;
	a.scale = tmo_onnx_const(rw, tmo_onnx_input(n, 1));
	a.zero = tmo_onnx_const(rw, tmo_onnx_input(n, 2));
	if (a.scale == NULL || tmo_onnx_type(a.scale->tensor) != TMO_F32 ||
	    (a.zero == NULL && tmo_onnx_input(n, 2)[0] != '\0'))
		return 0;
	if (add_rounded(rw, &q, &form, &fits) == 0 &&
	    (!fits || tmo_onnx_affine_parameters(rw, &a, form.part[0].type, &form, &fits) == 0))
		status = 0;
	if (status == 0 && fits) {
		*done = true;
		a.scale->taken = q.scale->taken = true;
		if (a.zero != NULL)
			a.zero->taken = true;
		if (q.zero != NULL)
			q.zero->taken = true;
		return replace(rw, site, &q, &form);
	}
	tmo_onnx_coded_free(&form);
	return status;
}
