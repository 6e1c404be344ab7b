/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gathered_codebook.c: codes that a Gather looks up in a codebook; several codebooks stand one after the other
 * there, and an Add says where each begins.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/chain.h"
#include "formats/onnx/dequantize/node_to_weight.h"
#include "tensor/tensor.h"

/* What stands behind the Gather's first input. */
struct book {
	struct tmo_onnx_const *values, *scale, *zero;	/* scale, zero: of integer values, or NULL */
	struct tmo_onnx_storage storage;
	size_t count;
};

/* The node that makes the name for the site alone, if it is this operator; noted as the chain's. */
static const Onnx__NodeProto *
behind(struct tmo_onnx_chain *c, const char *name, size_t site, const char *op)
{
	const size_t maker = tmo_onnx_made_by(c->rw, name, site, op);

	if (maker == TMO_ONNX_NOWHERE || c->rw->site[maker].node->n_output != 1 ||
	    tmo_onnx_only_user(c->rw, name, c->rw->site[site].graph) == TMO_ONNX_NOWHERE)
		return NULL;
	c->node[c->node_count++] = maker;
	return c->rw->site[maker].node;
}

/*
 * Steps back over a Mul or Sub, if that is what makes *name, by a number for all values or one for each
 * codebook, perhaps behind a Cast: where DequantizeLinear does not give f64. Returns false if it is by another.
 */
static bool
step_back(struct tmo_onnx_chain *c, size_t gather, const char *op, const char **name,
          struct tmo_onnx_const **by)
{
	const Onnx__NodeProto *const n = behind(c, *name, gather, op), *cast;

	if (n == NULL)
		return true;
	cast = behind(c, tmo_onnx_input(n, 1), gather, "Cast");
	*by = tmo_onnx_const(c->rw, tmo_onnx_input(cast != NULL ? cast : n, cast != NULL ? 0 : 1));
	*name = n->input[0];
	return *by != NULL;
}

static bool
find_book(struct tmo_onnx_chain *c, size_t gather, struct book *b)
{
	const char *name = c->rw->site[gather].node->input[0];
	const Onnx__NodeProto *n = behind(c, name, gather, "Reshape");
	size_t shape[TMO_RANK_MAX];
	int rank;

	c->compute = TMO_F32;
	if (n != NULL) {	/* to one axis, as the Gather's rank shows below */
		struct tmo_onnx_const *to = tmo_onnx_const(c->rw, tmo_onnx_input(n, 1));

		if (to == NULL || to->tensor->n_dims != 1 || to->tensor->dims[0] != 1)
			return false;
		tmo_onnx_chain_takes(c, to);
		name = n->input[0];
	}
	if (!step_back(c, gather, "Mul", &name, &b->scale) ||
	    !step_back(c, gather, "Sub", &name, &b->zero))
		return false;
	if ((n = behind(c, name, gather, "Cast")) != NULL) {
		c->compute = tmo_onnx_cast_to(c->rw, c->node[c->node_count - 1]);
		name = n->input[0];
	} else if (b->scale == NULL && b->zero == NULL &&
	           (n = behind(c, name, gather, "DequantizeLinear")) != NULL) {
		b->scale = tmo_onnx_const(c->rw, tmo_onnx_input(n, 1));
		b->zero = tmo_onnx_const(c->rw, tmo_onnx_input(n, 2));
		if (b->scale == NULL || tmo_onnx_type(b->scale->tensor) != TMO_F32 ||
		    (b->zero == NULL && tmo_onnx_input(n, 2)[0] != '\0') ||
		    tmo_onnx_int(n, "axis", 0) != 0 || tmo_onnx_int(n, "block_size", 0) != 0)
			return false;
		name = n->input[0];
	}
	b->values = tmo_onnx_const(c->rw, name);
	if (b->values == NULL || !tmo_onnx_number_storage(b->values->tensor, &b->storage) ||
	    !tmo_onnx_dims(b->values->tensor, &rank, shape, &b->count) || rank < 1 || rank > 2)
		return false;
	if (n == NULL)
		c->compute = b->storage.type;
	return c->compute == TMO_F32 || c->compute == TMO_F64;
}

/* The Add that gives each codebook its part of all: its entries. *fits: none, or one that does. */
static int
find_offsets(struct tmo_onnx_chain *c, struct tmo_onnx_operand *o, size_t *books, bool *fits)
{
	const size_t site = tmo_onnx_chain_next(c, "Add");
	const Onnx__NodeProto *n = site == TMO_ONNX_NOWHERE ? NULL : c->rw->site[site].node;
	size_t shape[TMO_RANK_MAX];
	int rank;

	*fits = true;
	*books = 1;
	for (int a = 0; a < c->form.rank; a++)
		o->entries[a] = 1;
	if (n == NULL)
		return 0;
	*fits = n->n_input == 2 && strcmp(n->input[0], c->value) == 0;
	if (*fits && tmo_onnx_chain_operand(c, n->input[1], c->compute, o, fits) < 0)
		return -1;
	*fits = *fits && tmo_onnx_dims(o->from->tensor, &rank, shape, books);
	if (*fits)
		tmo_onnx_chain_step(c, site);
	return 0;
}

/* Whether codebook i begins at i times k. */
static int
check_offsets(struct tmo_onnx_chain *c, const struct tmo_onnx_operand *o, size_t books, size_t k,
              bool *fits)
{
	int64_t *number;
	int status = tmo_onnx_numbers(c->rw, o->from, books, &number, fits);

	for (size_t i = 0; status == 0 && *fits && i < books; i++)
		*fits = number[i] == (int64_t)(i * k);
	free(number);
	return status;
}

/* The codebook's own scale or zero point: one for all, or one for each codebook. */
static int
add_own(struct tmo_onnx_chain *c, const char *role, struct tmo_onnx_const *from, size_t books,
        const size_t *entries, bool *fits)
{
	size_t shape[TMO_RANK_MAX], count, ones[TMO_RANK_MAX];
	struct tmo_onnx_storage s;
	int rank;

	for (int a = 0; a < c->form.rank; a++)
		ones[a] = 1;
	*fits = tmo_onnx_number_storage(from->tensor, &s) &&
	        tmo_onnx_dims(from->tensor, &rank, shape, &count) && rank <= 2 &&
	        (rank < 2 || shape[1] == 1) && (count == 1 || count == books);
	if (!*fits)
		return 0;
	tmo_onnx_chain_takes(c, from);
	return tmo_onnx_add_part(c->rw, &c->form, role, &s, c->form.rank,
	                         count == 1 ? ones : entries, from->tensor);
}

int
tmo_onnx_chain_book(struct tmo_onnx_chain *c, bool *fits)
{
	struct tmo_onnx_operand o = {0};
	struct book b = {0};
	size_t books, site, shape[TMO_RANK_MAX];
	const Onnx__NodeProto *n;

	if (tmo_onnx_chain_split(c) < 0 || find_offsets(c, &o, &books, fits) < 0)
		return -1;
	site = tmo_onnx_chain_next(c, "Gather");
	n = site == TMO_ONNX_NOWHERE ? NULL : c->rw->site[site].node;
	*fits = *fits && n != NULL && n->n_input == 2 && strcmp(n->input[1], c->value) == 0 &&
	        tmo_onnx_int(n, "axis", 0) == 0 && !tmo_type_is_signed(c->form.part[0].type) &&
	        find_book(c, site, &b) && b.count > 0 && b.count % books == 0;
	if (*fits && o.from != NULL && check_offsets(c, &o, books, b.count / books, fits) < 0)
		return -1;
	if (!*fits)
		return 0;
	memcpy(shape, o.entries, sizeof(shape));
	shape[c->form.rank] = b.count / books;
	tmo_onnx_chain_takes(c, b.values);
	tmo_onnx_chain_step(c, site);
	if (tmo_onnx_add_part(c->rw, &c->form, "codebook", &b.storage, c->form.rank + 1, shape,
	                      b.values->tensor) < 0)
		return -1;
	if (b.scale != NULL && add_own(c, "scale", b.scale, books, o.entries, fits) < 0)
		return -1;
	if (*fits && b.zero != NULL)
		return add_own(c, "zero_point", b.zero, books, o.entries, fits);
	return 0;
}
