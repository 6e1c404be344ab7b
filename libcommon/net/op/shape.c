/* SPDX-License-Identifier: Apache-2.0 */
/* shape.c: operators that give a value another shape, or its axes another order. */
#include <string.h>

#include "net/op/op.h"
#include "net/view.h"

bool
tmo_view_transpose(const struct tmo_view_context *context, size_t input,
                   struct tmo_view_draft *view)
{
	const struct tmo_view_draft in = *view;
	struct tmo_integers perm = {0};

	(void)input;
	if (in.rank < 0)
		return true;
	if (!tmo_node_integers(context->net, context->node, "perm", 0, &perm))
		for (perm.count = 0; perm.count < (size_t)in.rank; perm.count++)
			perm.value[perm.count] = in.rank - 1 - (int)perm.count;
	if (perm.count != (size_t)in.rank)
		return false;
	for (int i = 0; i < in.rank; i++) {
		const int from = tmo_view_whole_axis(perm.value[i], in.rank);

		if (from < 0)
			return false;
		view->axis[i] = in.axis[from];
	}
	return true;
}

static void
lose(struct tmo_view_draft *view)
{
	view->rank = -1;
	view->lost = true;
}

/* All elements of the value; false: a size is not known. */
static bool
count_elements(const struct tmo_view_draft *view, size_t *count)
{
	*count = 1;
	for (int i = 0; i < view->rank; i++) {
		const size_t dim = tmo_view_dim(&view->axis[i]);

		if (dim == TMO_DIM_UNKNOWN)
			return false;
		*count *= dim;
	}
	return true;
}

/* What a Reshape's constant asks for, as sizes. */
static bool
target_shape(const struct tmo_view_draft *view, const struct tmo_integers *wanted, bool copies,
             size_t *shape)
{
	size_t all, others = 1;
	int open = -1;

	if (!count_elements(view, &all))
		return false;
	for (int i = 0; i < (int)wanted->count; i++) {
		if (wanted->value[i] == 0 && copies && i < view->rank)
			shape[i] = tmo_view_dim(&view->axis[i]);
		else if (wanted->value[i] >= 0)
			shape[i] = (size_t)wanted->value[i];
		else
			open = i;
		if (open != i)
			others *= shape[i];
	}
	if (open >= 0)
		shape[open] = others > 0 ? all / others : 0;
	return true;
}

/* The shape that the file gives the node's result; false: it gives none. */
static bool
declared_shape(const struct tmo_view_context *context, struct tmo_integers *shape)
{
	const struct tmo_value *v;

	if (context->node->output_count == 0 || context->node->output[0] == TMO_NET_NONE)
		return false;
	v = &context->net->value[context->node->output[0]];
	if (v->rank < 0 || v->rank > TMO_RANK_MAX)
		return false;
	shape->count = (size_t)v->rank;
	for (int i = 0; i < v->rank; i++) {
		if (v->dim[i].size > INT64_MAX)
			return false;
		shape->value[i] = (int64_t)v->dim[i].size;
	}
	return true;
}

bool
tmo_view_reshape(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	bool copies = tmo_node_number(context->node, "allowzero", 0) == 0;
	struct tmo_integers wanted;
	size_t shape[TMO_RANK_MAX];

	(void)input;
	if (!tmo_node_integers(context->net, context->node, "shape", 1, &wanted)) {
		copies = false;
		if (!declared_shape(context, &wanted)) {
			lose(view);
			return true;
		}
	}
	if (view->rank < 0 || !target_shape(view, &wanted, copies, shape))
		lose(view);
	else
		tmo_view_set_shape(view, (int)wanted.count, shape);
	return true;
}

bool
tmo_view_flatten(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	int64_t axis = tmo_node_number(context->node, "axis", 1);
	size_t shape[2] = {1, 1};

	(void)input;
	if (view->rank < 0)
		return true;
	if (axis < 0)
		axis += view->rank;
	for (int i = 0; i < view->rank; i++) {
		const size_t dim = tmo_view_dim(&view->axis[i]);

		if (dim == TMO_DIM_UNKNOWN) {
			lose(view);
			return true;
		}
		shape[i < axis ? 0 : 1] *= dim;
	}
	tmo_view_set_shape(view, 2, shape);
	return true;
}

/* Axes that the node's list names, of a value of this rank; false: they are not known. */
static bool
marked_axes(const struct tmo_view_context *context, int rank, bool *marked, int *count)
{
	struct tmo_integers axes;

	memset(marked, 0, TMO_RANK_MAX * sizeof(*marked));
	*count = 0;
	if (!tmo_node_integers(context->net, context->node, "axes", 1, &axes))
		return false;
	for (size_t i = 0; i < axes.count; i++) {
		const int axis = tmo_view_whole_axis(axes.value[i], rank);

		if (axis < 0)
			return false;
		*count += !marked[axis];
		marked[axis] = true;
	}
	return true;
}

bool
tmo_view_squeeze(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const struct tmo_view_draft in = *view;
	bool gone[TMO_RANK_MAX];
	int count;

	(void)input;
	if (in.rank < 0)
		return true;
	if (!marked_axes(context, in.rank, gone, &count))
		for (int i = 0; i < in.rank; i++)
			gone[i] = tmo_view_dim(&in.axis[i]) == 1;
	view->rank = 0;
	for (int i = 0; i < in.rank; i++)
		if (!gone[i])
			view->axis[view->rank++] = in.axis[i];
	return true;
}

bool
tmo_view_unsqueeze(const struct tmo_view_context *context, size_t input,
                   struct tmo_view_draft *view)
{
	const struct tmo_view_draft in = *view;
	struct tmo_integers axes;
	bool added[TMO_RANK_MAX];
	int count, from = 0;

	(void)input;
	if (in.rank < 0 || !tmo_node_integers(context->net, context->node, "axes", 1, &axes) ||
	    (size_t)in.rank + axes.count > TMO_RANK_MAX ||
	    !marked_axes(context, in.rank + (int)axes.count, added, &count)) {
		lose(view);
		return true;
	}
	view->rank = in.rank + (int)axes.count;
	for (int i = 0; i < view->rank; i++) {
		if (added[i] || from >= in.rank)
			view->axis[i] = (struct tmo_view_axis){0};
		else
			view->axis[i] = in.axis[from++];
	}
	return true;
}

/* Axes in front, and axes of one index that repeat: what is new is not of the weight. */
bool
tmo_view_expand(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const struct tmo_view_draft in = *view;
	struct tmo_integers shape;
	int added;

	(void)input;
	if (!tmo_value_integers(context->net, tmo_node_input(context->node, 1), &shape) &&
	    !declared_shape(context, &shape)) {
		lose(view);
		return true;
	}
	if (in.rank < 0)
		return true;
	added = (int)shape.count > in.rank ? (int)shape.count - in.rank : 0;
	view->rank = in.rank + added;
	if (view->rank > TMO_RANK_MAX)
		return false;
	for (int i = 0; i < view->rank; i++) {
		const int at = i - (view->rank - (int)shape.count);
		const size_t dim = i < added ? 1 : tmo_view_dim(&in.axis[i - added]);

		view->axis[i] = i < added ? (struct tmo_view_axis){0} : in.axis[i - added];
		if (dim == 1 && at >= 0 && shape.value[at] > 1)
			view->axis[i] = (struct tmo_view_axis){
				.count = 1,
				.cell[0] = {.dim = (size_t)shape.value[at], .axis = -1},
			};
	}
	return true;
}
