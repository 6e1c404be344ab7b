/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arithmetic.c: weights that arithmetic makes of their codes, where DequantizeLinear cannot:
 *
 *	Cast or codebook, [Reshape to blocks], [Sub zero point], [Mul scale], [Reshape back], [Cast]
 */
#include <string.h>

#include "formats/onnx/dequantize/chain.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/dequantize/node_to_weight.h"
#include "tensor/tensor.h"

static bool
has_part(const struct tmo_onnx_chain *c, const char *role)
{
	for (int i = 0; i < c->form.part_count; i++)
		if (strcmp(c->form.part[i].role, role) == 0)
			return true;
	return false;
}

/* Sub or Mul with a parameter, if it comes next: a part of the weight. */
static int
step_parameter(struct tmo_onnx_chain *c, const char *op, const char *role)
{
	const size_t site = tmo_onnx_chain_next(c, op);
	const Onnx__NodeProto *n = site == TMO_ONNX_NOWHERE ? NULL : c->rw->site[site].node;
	const bool is_first = n != NULL && strcmp(tmo_onnx_input(n, 0), c->value) == 0;
	struct tmo_onnx_operand o = {0};
	bool fits;

	if (has_part(c, role))
		return 0;	/* the codebook has its own */
	if (n == NULL || n->n_input != 2 || (!is_first && strcmp(op, "Sub") == 0))
		return 0;
	if (tmo_onnx_chain_operand(c, n->input[is_first], c->compute, &o, &fits) < 0)
		return -1;
	if (!fits)
		return 0;
	tmo_onnx_chain_step(c, site);
	return tmo_onnx_add_part(c->rw, &c->form, role, &o.storage, c->form.rank, o.entries,
	                         o.from->tensor);
}

/* Whether all parts agree on blocks, as a stream wants it. */
static bool
is_consistent(const struct tmo_onnx_chain *c)
{
	for (int i = 1; i < c->form.part_count; i++)
		for (int a = 0; a < c->form.rank; a++) {
			const size_t n = c->form.shape[a], b = c->form.block[a];
			const size_t entries = c->form.part[i].shape[a];

			if (entries != 1 && entries != n / b + (n % b != 0))
				return false;
		}
	return true;
}

/* Whether these are codes that arithmetic may begin with: integers and fp8. */
static bool
are_codes(const struct tmo_onnx_storage *s, enum tmo_type to)
{
	if (s->code != TMO_NONE)
		return tmo_type_size(s->code) == 1 && tmo_type_is_float(to);
	return s->type != TMO_I32;
}

static bool
start(struct tmo_onnx_chain *c, size_t site, bool books)
{
	const enum tmo_type to = tmo_onnx_cast_to(c->rw, site);
	struct tmo_onnx_storage s;
	size_t count;

	c->codes = to == TMO_NONE ? NULL : tmo_onnx_const(c->rw, c->rw->site[site].node->input[0]);
	if (c->codes == NULL || to == TMO_F16 || to == TMO_BF16 || tmo_type_is_integer(to) != books ||
	    !tmo_onnx_storage(c->codes->tensor, &s) || !are_codes(&s, to) ||
	    !tmo_onnx_dims(c->codes->tensor, &c->form.rank, c->form.shape, &count) ||
	    c->form.rank == 0 || c->form.rank == TMO_RANK_MAX || count == 0)
		return false;
	c->compute = to;
	for (int a = 0; a < c->form.rank; a++)
		c->form.block[a] = 1;
	tmo_onnx_chain_whole(c);
	tmo_onnx_chain_step(c, site);
	tmo_onnx_chain_takes(c, c->codes);
	return tmo_onnx_add_codes(c->rw, &c->form, c->codes, &s) == 0;
}

/* All steps. *fits: they make a weight. */
static int
follow(struct tmo_onnx_chain *c, bool *fits)
{
	size_t cast;
	enum tmo_type to;

	*fits = true;
	if (tmo_type_is_integer(c->compute)) {
		if (tmo_onnx_chain_book(c, fits) < 0)
			return -1;
	} else if (tmo_onnx_chain_split(c) < 0) {
		return -1;
	}
	if (!*fits)
		return 0;
	if (step_parameter(c, "Sub", "zero_point") < 0 || step_parameter(c, "Mul", "scale") < 0 ||
	    tmo_onnx_chain_join(c, fits) < 0)
		return -1;
	c->form.dtype = c->compute;
	cast = tmo_onnx_chain_next(c, "Cast");
	to = tmo_onnx_cast_to(c->rw, cast);
	if (*fits && c->compute == TMO_F32 && (to == TMO_F16 || to == TMO_BF16) &&
	    tmo_onnx_may_go(c->rw, cast)) {
		c->form.dtype = to;
		tmo_onnx_chain_step(c, cast);
	}
	/* fp8 that is only cast is for whoever lifts a Cast. */
	*fits = *fits && (c->form.code == TMO_NONE || has_part(c, "scale")) && is_consistent(c) &&
	        tmo_onnx_may_go(c->rw, c->last);
	return 0;
}

/* Removes nodes that nothing needs any more, from the last on. */
static int
apply(struct tmo_onnx_chain *c)
{
	if (tmo_onnx_become(c->rw, c->last, c->codes, &c->form) < 0)
		return -1;
	for (int i = 0; i < c->constant_count; i++)
		c->constant[i]->taken = true;
	for (int again = c->node_count; again > 0; again--)
		for (int i = 0; i < c->node_count; i++) {
			const struct tmo_onnx_site *s = &c->rw->site[c->node[i]];

			if (!s->gone && tmo_onnx_value(c->rw, s->node->output[0])->uses == 0 &&
			    tmo_onnx_remove(c->rw, c->node[i], NULL) < 0)
				return -1;
		}
	return 0;
}

int
tmo_onnx_lift_arithmetic(struct tmo_onnx_rewrite *rw, size_t site, bool books)
{
	struct tmo_onnx_chain c = { .rw = rw };
	bool fits = false;
	int status = 0;

	if (start(&c, site, books))
		status = follow(&c, &fits);
	else if (c.form.part_count == 0 && rw->err->kind != TMO_ERROR_NONE)
		status = -1;	/* no memory for the first part */
	if (status == 0 && fits)
		status = apply(&c);
	tmo_onnx_coded_free(&c.form);
	return status;
}
