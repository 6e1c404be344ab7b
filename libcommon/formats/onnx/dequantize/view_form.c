/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view_form.c: a weight whose scales lie along several axes next to each other, which tmo-to-onnx gave
 * to DequantizeLinear as one axis of a view, and reshaped.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/node_to_weight.h"
#include "formats/onnx/dequantize/view_form.h"
#include "tensor/blocks.h"

/*
 * Whether it is a weight that was written so: its codes are called like it. Any other Reshape of a
 * weight belongs to the network.
 */
static bool
is_ours(const struct tmo_onnx_rewrite *rw, size_t reshape, const char *codes_name)
{
	static const char ending[] = "_quantized";
	const char *const made = rw->site[reshape].node->output[0];
	const size_t cast = tmo_onnx_followed_by(rw, made, reshape, "Cast");
	const char *const name = cast == TMO_ONNX_NOWHERE ? made : rw->site[cast].node->output[0];
	const size_t length = strlen(name);

	return strncmp(codes_name, name, length) == 0 &&
	       strncmp(codes_name + length, ending, sizeof(ending) - 1) == 0;
}

/* The shape of a part of the form, of which an entry counts for so many elements, in the new one. */
static bool
reshape_part(const struct tmo_onnx_coded *form, struct tmo_onnx_coded_part *p, int rank,
             const size_t *shape)
{
	struct tmo_blocks b, reshaped;
	size_t block[TMO_RANK_MAX];

	for (int a = 0; a < form->rank; a++)
		block[a] = p->shape[a] == form->shape[a] ? 1 : 0;
	tmo_blocks_init(&b, form->rank, form->shape, block);
	if (b.entries != p->count || !tmo_blocks_reshape(&b, rank, shape, &reshaped))
		return false;
	for (int a = 0; a < rank; a++)
		if (reshaped.block[a] != 1 && reshaped.block[a] != shape[a])
			return false;
	p->rank = rank;
	memcpy(p->shape, reshaped.entries_along, (size_t)rank * sizeof(*shape));
	return true;
}

/* The form in the shape that the Reshape gives; false: nothing of the kind. */
static bool
reshape_form(struct tmo_onnx_coded *form, const int64_t *to, int rank)
{
	struct tmo_onnx_coded other = *form;

	other.rank = rank;
	for (int a = 0; a < rank; a++) {
		if (to[a] <= 0)
			return false;
		other.shape[a] = (size_t)to[a];
	}
	for (int i = 0; i < form->part_count; i++)
		if (!reshape_part(form, &other.part[i], rank, other.shape))
			return false;
	*form = other;
	return true;
}

int
tmo_onnx_undo_view(struct tmo_onnx_rewrite *rw, size_t site, const char *codes_name,
                   struct tmo_onnx_coded *form, size_t *last)
{
	const size_t reshape = tmo_onnx_followed_by(rw, rw->site[site].node->output[0], site,
	                                            "Reshape");
	const Onnx__NodeProto *n = reshape == TMO_ONNX_NOWHERE ? NULL : rw->site[reshape].node;
	struct tmo_onnx_const *shape = n == NULL ? NULL : tmo_onnx_const(rw, tmo_onnx_input(n, 1));
	int64_t *to;
	bool fits;
	size_t rank;

	if (shape == NULL || n->n_input != 2 || form->blocked || tmo_onnx_int(n, "allowzero", 0) != 0 ||
	    shape->tensor->n_dims != 1 || shape->tensor->dims[0] <= 0 ||
	    shape->tensor->dims[0] > TMO_RANK_MAX || !tmo_onnx_may_go(rw, reshape) ||
	    !is_ours(rw, reshape, codes_name))
		return 0;
	rank = (size_t)shape->tensor->dims[0];
	if (tmo_onnx_numbers(rw, shape, rank, &to, &fits) < 0) {
		free(to);
		return -1;
	}
	if (fits && reshape_form(form, to, (int)rank)) {
		shape->taken = true;
		*last = reshape;
	}
	free(to);
	return 0;
}
