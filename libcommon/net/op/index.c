/* SPDX-License-Identifier: Apache-2.0 */
/* index.c: operators that take parts out of values, or put them together. */
#include "net/op/op.h"
#include "net/view.h"

static void
lose(struct tmo_view_draft *view)
{
	view->lost = true;
}

/* An axis that runs on, but of which it is not known where it begins or how long it is. */
static void
blur(struct tmo_view_axis *axis)
{
	for (int i = 0; i < axis->count; i++) {
		axis->cell[i].uncut = true;
		if (i == 0)
			axis->cell[i].dim = TMO_DIM_UNKNOWN;
	}
}

/* The indices [start, start + count) of an axis whose size is known. */
static void
take_range(struct tmo_view_draft *view, int axis, size_t start, size_t count)
{
	struct tmo_view_axis *const a = &view->axis[axis];
	struct tmo_view_cell *cell;
	size_t inner = 1, end = start + count;

	if (a->count == 0)
		return;		/* one index, whole or not at all */
	cell = &a->cell[0];
	if (a->count == 1 && cell->stride == 1 && cell->axis >= 0 && count == 1 && cell->count > 1)
		view->picked[cell->axis] = true;	/* each index has a use of its own */
	for (int i = 1; i < a->count; i++)
		inner *= a->cell[i].dim;
	if (inner == 0 || start % inner != 0 || count % inner != 0) {
		blur(a);
		return;
	}
	start /= inner;
	end /= inner;
	cell->dim = end - start;
	if (cell->axis < 0)
		return;
	/* What of the weight's own range is left. */
	if (start > cell->offset) {
		const size_t cut = start - cell->offset < cell->count ? start - cell->offset : cell->count;

		cell->start += cut;
		cell->count -= cut;
		cell->offset += cut;
	}
	if (cell->count == 0 || cell->offset >= end) {
		*cell = (struct tmo_view_cell){.dim = cell->dim, .axis = -1};
		return;
	}
	cell->offset -= start;
	if (cell->count > cell->dim - cell->offset)
		cell->count = cell->dim - cell->offset;
}

static size_t
clamp_index(int64_t index, size_t dim)
{
	if (index < 0)
		index += (int64_t)dim;
	return index < 0 ? 0 : (uint64_t)index > dim ? dim : (size_t)index;
}

/* One axis of a Slice. */
static void
slice_axis(struct tmo_view_draft *view, int axis, int64_t from, int64_t to, int64_t step)
{
	const size_t dim = tmo_view_dim(&view->axis[axis]);
	size_t start, end;

	if (dim == TMO_DIM_UNKNOWN || dim > INT64_MAX || step != 1) {
		blur(&view->axis[axis]);
		return;
	}
	start = clamp_index(from, dim);
	end = clamp_index(to, dim);
	if (start == 0 && end == dim)
		return;
	take_range(view, axis, start, end > start ? end - start : 0);
}

bool
tmo_view_slice(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const struct tmo_net *const net = context->net;
	struct tmo_integers starts, ends, axes, steps;
	const bool known = tmo_node_integers(net, context->node, "starts", 1, &starts) &&
	                   tmo_node_integers(net, context->node, "ends", 2, &ends) &&
	                   starts.count == ends.count;
	const bool has_axes = tmo_node_integers(net, context->node, "axes", 3, &axes);
	const bool has_steps = tmo_value_integers(net, tmo_node_input(context->node, 4), &steps);

	(void)input;
	if (view->rank < 0)
		return true;
	if (!known || (has_axes ? axes.count != starts.count :
	               tmo_node_input(context->node, 3) != TMO_NET_NONE) ||
	    (has_steps ? steps.count != starts.count :
	     tmo_node_input(context->node, 4) != TMO_NET_NONE)) {
		for (int i = 0; i < view->rank; i++)
			blur(&view->axis[i]);
		return true;
	}
	for (size_t i = 0; i < starts.count; i++) {
		const int axis = tmo_view_whole_axis(has_axes ? axes.value[i] : (int64_t)i, view->rank);

		if (axis < 0)
			return false;
		slice_axis(view, axis, starts.value[i], ends.value[i], has_steps ? steps.value[i] : 1);
	}
	return true;
}

/* Where output number `output` of a Split begins, and how long it is. */
static bool
split_range(const struct tmo_view_context *context, size_t dim, size_t output, size_t *start,
            size_t *count)
{
	struct tmo_integers sizes;
	const size_t outputs = context->node->output_count;
	size_t each;

	*start = 0;
	if (tmo_node_integers(context->net, context->node, "split", 1, &sizes)) {
		if (output >= sizes.count)
			return false;
		for (size_t i = 0; i < output; i++)
			*start += (size_t)sizes.value[i];
		*count = (size_t)sizes.value[output];
		return *start <= dim && *count <= dim - *start;
	}
	if (tmo_node_input(context->node, 1) != TMO_NET_NONE || outputs == 0)
		return false;
	each = (dim + outputs - 1) / outputs;
	*start = output * each;
	*count = *start + each <= dim ? each : dim > *start ? dim - *start : 0;
	return *start <= dim;
}

bool
tmo_view_split(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const int axis = tmo_view_whole_axis(tmo_node_number(context->node, "axis", 0), view->rank);
	size_t start, count, dim;

	(void)input;
	if (view->rank < 0)
		return true;
	if (axis < 0)
		return false;
	dim = tmo_view_dim(&view->axis[axis]);
	if (dim != TMO_DIM_UNKNOWN && split_range(context, dim, context->output, &start, &count))
		take_range(view, axis, start, count);
	else
		blur(&view->axis[axis]);
	return true;
}

/* How long input number i of the node is along the axis; TMO_DIM_UNKNOWN. */
static size_t
input_dim(const struct tmo_view_context *context, size_t i, int axis, int rank)
{
	const size_t value = tmo_node_input(context->node, i);
	const struct tmo_value *v;

	if (value == TMO_NET_NONE)
		return TMO_DIM_UNKNOWN;
	v = &context->net->value[value];
	return v->rank == rank ? v->dim[axis].size : TMO_DIM_UNKNOWN;
}

bool
tmo_view_concat(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const int axis = tmo_view_whole_axis(tmo_node_number(context->node, "axis", 0), view->rank);
	struct tmo_view_axis *a;
	size_t before = 0, all = 0, inner = 1;

	if (view->rank < 0)
		return true;
	if (axis < 0)
		return false;
	a = &view->axis[axis];
	for (size_t i = 0; i < context->node->input_count && all != TMO_DIM_UNKNOWN; i++) {
		const size_t dim = i == input ? tmo_view_dim(a) : input_dim(context, i, axis, view->rank);

		if (i == input)
			before = all;
		all = dim == TMO_DIM_UNKNOWN ? dim : all + dim;
	}
	if (a->count == 0)
		*a = (struct tmo_view_axis){.count = 1, .cell[0] = {.dim = 1, .axis = -1}};
	for (int i = 1; i < a->count; i++)
		inner *= a->cell[i].dim;
	if (all == TMO_DIM_UNKNOWN || inner == 0 || before % inner != 0 || all % inner != 0) {
		blur(a);
		return true;
	}
	a->cell[0].offset += before / inner;
	a->cell[0].dim = all / inner;
	return true;
}

/* Is it a list of one index? */
static bool
is_single(const struct tmo_net *net, size_t value)
{
	return value != TMO_NET_NONE && net->value[value].rank == 1 && net->value[value].dim[0].size == 1;
}

/*
 * Indices of one axis are picked. A list of them stays an axis of the weight's, in another order; one
 * index, or several lists, replace it by axes of which the weight knows nothing.
 */
bool
tmo_view_gather(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const struct tmo_view_draft in = *view;
	const int axis = tmo_view_whole_axis(tmo_node_number(context->node, "axis", 0), in.rank);
	const size_t indices = tmo_node_input(context->node, 1);
	int rank = indices != TMO_NET_NONE ? context->net->value[indices].rank : -1;

	(void)input;
	if (in.rank < 0)
		return true;
	if (axis < 0)
		return false;
	if (rank < 0)
		rank = in.rank > 2 ? 0 : 1;	/* of experts one, of a table's rows a list */
	view->gathered = view->gathered || indices == TMO_NET_NONE ||
	                 !tmo_value_is_held(&context->net->value[indices]);
	if (rank == 1 && !is_single(context->net, indices)) {
		blur(&view->axis[axis]);
		return true;
	}
	for (int i = 0; i < in.axis[axis].count; i++) {
		const struct tmo_view_cell *const cell = &in.axis[axis].cell[i];

		if (cell->axis < 0)
			continue;
		/* Part of an axis picked, the rest in use: two roles that only the whole axis could have. */
		if (cell->stride != 1 || in.axis[axis].count != 1)
			lose(view);
		view->picked[cell->axis] = true;
	}
	if (in.rank - 1 + rank > TMO_RANK_MAX)
		return false;
	view->rank = in.rank - 1 + rank;
	for (int i = 0; i < view->rank; i++) {
		if (i < axis)
			view->axis[i] = in.axis[i];
		else if (i < axis + rank)
			view->axis[i] = (struct tmo_view_axis){
				.count = 1, .cell[0] = {.dim = TMO_DIM_UNKNOWN, .axis = -1},
			};
		else
			view->axis[i] = in.axis[i - rank + 1];
	}
	return true;
}
