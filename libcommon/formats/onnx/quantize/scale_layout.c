/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "formats/onnx/quantize/emit.h"
#include "formats/onnx/quantize/scale_layout.h"
#include "tensor/blocks.h"

size_t
tmo_onnx_most_entries(const struct tmo_tensor *t, int axis)
{
	const size_t s = tmo_is_there(&t->scale) ? t->scale.shape[axis] : 1;
	const size_t z = tmo_is_there(&t->zero_point) ? t->zero_point.shape[axis] : 1;

	return s > z ? s : z;
}

/*
 * Where all entries lie along one axis of [before, entries, after], though not of the tensor. Blocks
 * that an axis is cut into are left to arithmetic, or to DequantizeLinear's own.
 */
static void
merge_axes(const struct tmo_tensor *t, struct tmo_onnx_layout *l)
{
	struct tmo_blocks b;
	size_t block[TMO_RANK_MAX], before, after;

	for (int a = 0; a < t->rank; a++) {
		block[a] = l->entries[a] == 1 ? 0 : 1;
		if (l->entries[a] != 1 && l->entries[a] != t->shape[a])
			return;
	}
	tmo_blocks_init(&b, t->rank, t->shape, block);
	after = b.cols > 1 ? 1 : b.row_block;
	before = b.count / b.entries / after;
	/* One kind of axis inside of the entries, one outside, and nothing else. */
	if (b.loops > (b.cols == 1) || (b.cols > 1 && b.line_blocks > 1) ||
	    (b.loops == 1 && b.loop[0].step != 0))
		return;
	l->opset = 13;
	l->axis = before > 1;
	l->rank = 1;
	l->dims[0] = b.entries;
	if (before > 1)
		l->view[l->view_rank++] = before;
	l->view[l->view_rank++] = b.entries;
	if (after > 1)
		l->view[l->view_rank++] = after;
}

struct tmo_onnx_layout
tmo_onnx_layout_of(const struct tmo_tensor *t, int64_t opset)
{
	struct tmo_onnx_layout l = { .opset = INT64_MAX, .axis = -1 }, merged;
	int many = 0, partial = 0, partial_axis = 0;

	for (int a = 0; a < t->rank; a++) {
		l.entries[a] = tmo_onnx_most_entries(t, a);
		if (l.entries[a] > 1) {
			many++;
			l.axis = a;
		}
		if (l.entries[a] != t->shape[a]) {
			partial++;
			partial_axis = a;
		}
	}
	merged = l;
	if (many == 0) {
		l.opset = 10;
	} else if (many == 1 && l.entries[l.axis] == t->shape[l.axis]) {
		l.opset = 13;
		l.rank = 1;
		l.dims[0] = t->shape[l.axis];
	} else if (partial == 1) {
		l.opset = 21;
		l.axis = partial_axis;
		l.block = l.entries[l.axis] == 1 ? t->shape[l.axis] : t->block[l.axis];
		l.rank = t->rank;
		memcpy(l.dims, l.entries, sizeof(l.dims));
	}
	if (l.opset > opset)
		merge_axes(t, &merged);
	return l.opset > opset && merged.view_rank > 0 ? merged : l;
}
