/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rounded.c: a weight of floats behind a QuantizeLinear and a DequantizeLinear, as a network that was
 * trained for integers has it. What the two make of it is a weight in codes, on the network's own grid:
 * to fit it another one would round it twice.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/onnx_dtype.h"

/* Numbers on their way to codes. */
struct rounding {
	const struct tmo_onnx_coded_part *part;
	const struct tmo_onnx_out *to;
	const float *scale;
	const unsigned char *zero;	/* one byte each; NULL: 0 */
	size_t at;			/* numbers so far */
};

enum { SOME = 4096 };			/* numbers that are rounded at a time */

/* One code, by ONNX's rule: x / scale rounded to nearest even, plus the zero point, saturated. */
static unsigned char
round_one(const struct rounding *r, float x, size_t entry)
{
	const bool is_signed = r->part->type == TMO_I8;
	const float low = is_signed ? -128 : 0, high = is_signed ? 127 : 255;
	const float zero = r->zero == NULL ? 0 :
		is_signed ? (float)(int8_t)r->zero[entry] : (float)r->zero[entry];
	float v = rintf(x / r->scale[entry]) + zero;

	v = v > low ? v : low;		/* NaN too */
	v = v < high ? v : high;
	return is_signed ? (unsigned char)(int8_t)v : (unsigned char)v;
}

static int
round_piece(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	struct rounding *const r = arg;
	const struct tmo_onnx_grid *const g = &r->part->grid;
	const unsigned char *in = data;
	unsigned char codes[SOME];

	for (size_t left = size / sizeof(float); left > 0;) {
		const size_t n = left < SOME ? left : SOME;

		for (size_t i = 0; i < n; i++, in += sizeof(float)) {
			float x;

			memcpy(&x, in, sizeof(x));
			codes[i] = round_one(r, x, (r->at + i) / g->each % g->entries);
		}
		if (r->to->write(r->to->arg, codes, n, err) < 0)
			return -1;
		r->at += n;
		left -= n;
	}
	return 0;
}

int
tmo_onnx_read_rounded(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *part,
                      const struct tmo_onnx_out *out, struct tmo_error *err)
{
	const struct tmo_onnx_grid *const g = &part->grid;
	struct tmo_buffer scale = {0}, zero = {0};
	struct rounding r = {.part = part, .to = out};
	const struct tmo_onnx_out through = {round_piece, &r};
	int status = -1;

	if (tmo_onnx_load(files, &g->scale, TMO_F32, g->entries, &scale, err) < 0 ||
	    (g->has_zero && tmo_onnx_load(files, &g->zero, part->type, g->entries, &zero, err) < 0))
		goto out;
	r.scale = (const float *)(const void *)scale.data;
	r.zero = g->has_zero ? zero.data : NULL;
	status = tmo_onnx_read_data(files, &part->data, TMO_F32, part->count, &through, err);
out:
	tmo_buffer_free(&scale);
	tmo_buffer_free(&zero);
	return status;
}

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
