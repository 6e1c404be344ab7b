/* SPDX-License-Identifier: Apache-2.0 */
/*
 * matmul_nbits.c: com.microsoft's MatMulNBits, whose weight stands transposed and in blocks along K, as
 * a MatMul; its GatherBlockQuantized as a Gather.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/build.h"
#include "formats/onnx/dequantize/affine_form.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/onnx_dtype.h"

/* The numbers of a MatMulNBits. */
struct nbits {
	size_t k, n, block, blocks;	/* blocks: in one column of K */
	int bits;
	struct tmo_onnx_affine a;
};

static bool
has_count(const struct tmo_onnx_const *c, size_t wanted)
{
	size_t shape[TMO_RANK_MAX], count;
	int rank;

	return tmo_onnx_dims(c->tensor, &rank, shape, &count) && count == wanted;
}

/* a * b, or 0 if that overflows. */
static size_t
times(size_t a, size_t b)
{
	return b != 0 && a > SIZE_MAX / b ? 0 : a * b;
}

static bool
zero_fits(const struct nbits *m, enum tmo_type scale_type)
{
	const enum tmo_type type = m->a.zero == NULL ? TMO_NONE : tmo_onnx_type(m->a.zero->tensor);
	const size_t each = 8 / (size_t)m->bits;

	if (m->a.zero == NULL)
		return true;
	if (type == TMO_U8)
		return has_count(m->a.zero, times(m->n, m->blocks / each + (m->blocks % each != 0)));
	return type == scale_type && has_count(m->a.zero, times(m->n, m->blocks));
}

/* Reads the attributes and looks whether the constants fit them. */
static bool
match(const struct tmo_onnx_rewrite *rw, const Onnx__NodeProto *n, struct nbits *m)
{
	const int64_t k = tmo_onnx_int(n, "K", 0), columns = tmo_onnx_int(n, "N", 0);
	const int64_t block = tmo_onnx_int(n, "block_size", 0), bits = tmo_onnx_int(n, "bits", 4);
	enum tmo_type scale_type;

	if (k <= 0 || columns <= 0 || block < 8 || block > 1 << 24 ||
	    (bits != 2 && bits != 4 && bits != 8) || block * bits % 8 != 0 || n->n_output != 1 ||
	    tmo_onnx_int(n, "weight_prepacked", 0) != 0 || tmo_onnx_input(n, 4)[0] != '\0' ||
	    !tmo_onnx_affine_inputs(rw, n, 1, 2, 3, &m->a))
		return false;
	m->k = (size_t)k;
	m->n = (size_t)columns;
	m->block = (size_t)block;
	m->bits = (int)bits;
	m->blocks = m->k / m->block + (m->k % m->block != 0);
	scale_type = tmo_onnx_type(m->a.scale->tensor);
	return (scale_type == TMO_F32 || scale_type == TMO_F16) &&
	       tmo_onnx_type(m->a.codes->tensor) == TMO_U8 &&
	       times(times(m->blocks, m->block), m->n) != 0 &&
	       has_count(m->a.codes, times(times(m->blocks, m->block * (size_t)bits / 8), m->n)) &&
	       has_count(m->a.scale, times(m->n, m->blocks)) && zero_fits(m, scale_type);
}

/* A part that is a matrix of n rows in the model; the stream has the first `keep` of each. */
static int
add_matrix(struct tmo_onnx_rewrite *rw, struct tmo_onnx_coded *form, const struct nbits *m,
           const char *role, const struct tmo_onnx_storage *s, size_t row, size_t keep,
           const struct tmo_onnx_const *from)
{
	struct tmo_onnx_coded_part *p = &form->part[form->part_count];
	const size_t shape[] = { keep, m->n };

	if (tmo_onnx_add_part(rw, form, role, s, 2, shape, from->tensor) < 0)
		return -1;
	p->transposed = true;
	p->rows = m->n;
	p->row = row;
	p->keep = keep;
	return 0;
}

/* Where the zero point is left out it is half the range: codes are signed then, without one. */
static int
describe(struct tmo_onnx_rewrite *rw, const struct nbits *m, struct tmo_onnx_coded *form)
{
	const bool is_signed = m->a.zero == NULL;
	const struct tmo_onnx_storage codes = {
		.type = is_signed ? TMO_I8 : TMO_U8, .packed = m->bits,
		.less = is_signed ? 1u << (m->bits - 1) : 0,
	};
	const struct tmo_onnx_storage number = { .type = tmo_onnx_type(m->a.scale->tensor) };

	*form = (struct tmo_onnx_coded){
		.dtype = number.type, .rank = 2, .shape = { m->k, m->n }, .bits = m->bits,
		.blocked = m->blocks > 1, .block = { m->block, 1 },
	};
	if (add_matrix(rw, form, m, "codes", &codes, m->blocks * m->block, m->k, m->a.codes) < 0 ||
	    add_matrix(rw, form, m, "scale", &number, m->blocks, m->blocks, m->a.scale) < 0)
		return -1;
	return is_signed ? 0 : add_matrix(rw, form, m, "zero_point",
	                                  tmo_onnx_type(m->a.zero->tensor) == TMO_U8 ?
	                                  &codes : &number, m->blocks, m->blocks, m->a.zero);
}

/* MatMul, and Add for a bias, in the place of the node. */
static int
replace(struct tmo_onnx_rewrite *rw, size_t site, const char *w)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	const char *const operands[] = { n->input[0], w, NULL };
	const char *bias = tmo_onnx_input(n, 5);
	char *product = NULL;
	int status = -1;

	if (tmo_onnx_remove(rw, site, n->output[0]) < 0 ||
	    (bias[0] != '\0' && (product = tmo_onnx_new_name(rw, n->output[0], "_product")) == NULL))
		return -1;
	if (tmo_onnx_put_node(rw, site, "MatMul", n->name, operands,
	                    product != NULL ? product : n->output[0]) == NULL)
		goto out;
	if (product != NULL) {
		const char *const terms[] = { product, bias, NULL };

		if (tmo_onnx_put_node(rw, site, "Add", NULL, terms, n->output[0]) == NULL)
			goto out;
	}
	status = 0;
out:
	free(product);
	return status;
}

static int
lift_matmul(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	struct nbits m = {0};
	struct tmo_onnx_coded form;
	char *w;
	int status;

	if (!match(rw, n, &m))
		return 0;
	*done = true;
	if (describe(rw, &m, &form) < 0) {
		tmo_onnx_coded_free(&form);
		return -1;
	}
	w = tmo_onnx_affine_weight(rw, &m.a, n->input[1], &form);
	if (w == NULL)
		return -1;
	status = replace(rw, site, w);
	free(w);
	return status;
}

/* Of types of 4 bits, with a zero point where it is not plain that 0 is meant. */
static int
lift_gather(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;
	struct tmo_onnx_affine a = {
		.axis = tmo_onnx_int(n, "quantize_axis", 1), .block = tmo_onnx_int(n, "block_size", 128)
	};
	struct tmo_onnx_coded form;
	Onnx__NodeProto *op = NULL;
	char *w;
	bool fits;

	if (!tmo_onnx_affine_inputs(rw, n, 0, 2, 3, &a) || n->n_output != 1 || a.block < 1 ||
	    (a.codes->tensor->data_type != TMO_ONNX_INT4 &&
	     (a.codes->tensor->data_type != TMO_ONNX_UINT4 || a.zero == NULL)))
		return 0;
	if (tmo_onnx_affine_form(rw, &a, &form, &fits) < 0)
		return -1;
	if (!fits)
		return 0;
	*done = true;
	w = tmo_onnx_affine_weight(rw, &a, n->input[0], &form);
	if (w != NULL && tmo_onnx_remove(rw, site, n->output[0]) == 0) {
		const char *const operands[] = { w, n->input[1], NULL };

		op = tmo_onnx_put_node(rw, site, "Gather", n->name, operands, n->output[0]);
	}
	free(w);
	if (op == NULL)
		return -1;
	return tmo_onnx_set_int(op, "axis", tmo_onnx_int(n, "gather_axis", 0), rw->err);
}

int
tmo_onnx_lift_nbits(struct tmo_onnx_rewrite *rw, size_t site, bool *done)
{
	const Onnx__NodeProto *n = rw->site[site].node;

	if (strcmp(tmo_onnx_text(n->domain), "com.microsoft") != 0)
		return 0;
	return strcmp(n->op_type, "MatMulNBits") == 0 ? lift_matmul(rw, site, done) :
	                                                lift_gather(rw, site, done);
}
