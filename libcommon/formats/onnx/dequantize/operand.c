/* SPDX-License-Identifier: Apache-2.0 */
/* operand.c: constants that stand beside codes in arithmetic: which entry counts where. */
#include <stdlib.h>

#include "formats/onnx/dequantize/chain.h"
#include "formats/onnx/dequantize/node_to_weight.h"

bool
tmo_onnx_number_storage(const Onnx__TensorProto *t, struct tmo_onnx_storage *s)
{
	const enum tmo_type type = tmo_onnx_type(t);

	*s = (struct tmo_onnx_storage){ .type = type };
	return type == TMO_F16 || type == TMO_F32 || type == TMO_F64 ||
	       (tmo_onnx_storage(t, s) && s->code == TMO_NONE);
}

/* Notes that the axis has blocks of b; false: it has others. */
static bool
note_block(struct tmo_onnx_chain *c, int axis, size_t b)
{
	if (c->form.block[axis] != 1 && c->form.block[axis] != b)
		return false;
	c->form.block[axis] = b;
	c->form.blocked = true;
	return true;
}

/*
 * A Gather that gives each element along an axis the entry of its block: element i that of i / b.
 * Moves *name to what is gathered from.
 */
static int
spread(struct tmo_onnx_chain *c, const char **name, size_t *spread_to, bool *fits)
{
	const size_t site = tmo_onnx_made_by(c->rw, *name, c->last, "Gather");
	const Onnx__NodeProto *n = site == TMO_ONNX_NOWHERE ? NULL : c->rw->site[site].node;
	const size_t cast = n == NULL ? TMO_ONNX_NOWHERE :
	                    tmo_onnx_made_by(c->rw, tmo_onnx_input(n, 1), c->last, "Cast");
	struct tmo_onnx_const *blocks = n == NULL ? NULL :
		tmo_onnx_const(c->rw, tmo_onnx_input(cast != TMO_ONNX_NOWHERE ?
		                                     c->rw->site[cast].node : n,
		                                     cast == TMO_ONNX_NOWHERE));
	const int64_t axis = n == NULL ? -1 : tmo_onnx_int(n, "axis", 0);
	int64_t *number;
	size_t b = 0, count;

	*fits = blocks != NULL && axis >= 0 && axis < c->form.rank && !c->is_split &&
	        c->node_count < TMO_ONNX_CHAIN_MAX / 3;
	if (!*fits)
		return 0;
	count = c->form.shape[axis];
	if (tmo_onnx_numbers(c->rw, blocks, count, &number, fits) < 0) {
		free(number);
		return -1;
	}
	while (*fits && b < count && number[b] == 0)
		b++;
	*fits = *fits && b > 1;
	for (size_t i = 0; *fits && i < count; i++)
		*fits = number[i] == (int64_t)(i / b);
	free(number);
	*fits = *fits && note_block(c, (int)axis, b);
	if (*fits) {
		c->node[c->node_count++] = site;
		if (cast != TMO_ONNX_NOWHERE)
			c->node[c->node_count++] = cast;
		tmo_onnx_chain_takes(c, blocks);
		spread_to[axis] = b;
		*name = n->input[0];
	}
	return 0;
}

/* Is there an entry for every element? Then it is no scale, but what a weight is multiplied with: a mask. */
static bool
is_one_each(const struct tmo_onnx_chain *c, const struct tmo_onnx_operand *o)
{
	int full = 0;

	for (int i = 0; i < c->form.rank; i++) {
		if (o->entries[i] != c->form.shape[i])
			return false;
		full += c->form.shape[i] > 1;
	}
	return full > 1;
}

/* Its entries along the weight's axes; false: they are not one for all, for a block, or for each. */
static bool
find_entries(struct tmo_onnx_chain *c, struct tmo_onnx_operand *o, const size_t *spread_to)
{
	size_t shape[TMO_RANK_MAX], count;
	int rank, missing;

	if (!tmo_onnx_dims(o->from->tensor, &rank, shape, &count) || rank > c->rank || count == 0)
		return false;
	missing = c->rank - rank;
	for (int j = 0; j < c->rank; j++) {
		const size_t d = j < missing ? 1 : shape[j - missing];
		const int a = c->axis[j];

		if (a < 0 && d != 1)
			return false;
		if (a < 0)
			continue;
		o->entries[a] = d;
		if (spread_to[a] != 0) {
			if (d != c->shape[j] / spread_to[a] + (c->shape[j] % spread_to[a] != 0))
				return false;
		} else if (d != 1 && (d != c->shape[j] || (j + 1 < c->rank && c->axis[j + 1] < 0 &&
		           !note_block(c, a, c->shape[j + 1])))) {
			return false;
		}
	}
	return !is_one_each(c, o);
}

int
tmo_onnx_chain_operand(struct tmo_onnx_chain *c, const char *name, enum tmo_type compute,
                       struct tmo_onnx_operand *o, bool *fits)
{
	size_t spread_to[TMO_RANK_MAX] = {0}, cast;
	bool more = true;

	*fits = false;
	while (more)
		if (spread(c, &name, spread_to, &more) < 0)
			return -1;
	cast = tmo_onnx_made_by(c->rw, name, c->last, "Cast");
	if (cast != TMO_ONNX_NOWHERE && tmo_onnx_cast_to(c->rw, cast) != compute)
		return 0;
	o->from = tmo_onnx_const(c->rw, cast != TMO_ONNX_NOWHERE ? c->rw->site[cast].node->input[0] :
	                                                           name);
	*fits = o->from != NULL && tmo_onnx_number_storage(o->from->tensor, &o->storage) &&
	        (cast != TMO_ONNX_NOWHERE || o->storage.type == compute) &&
	        find_entries(c, o, spread_to);
	if (!*fits)
		return 0;
	if (cast != TMO_ONNX_NOWHERE)
		c->node[c->node_count++] = cast;
	tmo_onnx_chain_takes(c, o->from);
	return 0;
}
