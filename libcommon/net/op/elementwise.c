/* SPDX-License-Identifier: Apache-2.0 */
/* elementwise.c: operators that work on each element by itself. */
#include <string.h>

#include "net/op/op.h"
#include "net/view.h"

bool
tmo_view_same(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	(void)context;
	(void)input;
	(void)view;
	return true;
}

/* Does its name say that it is a mask, as "conv1.weight_mask" does? */
static bool
is_called_mask(const struct tmo_value *v)
{
	return strstr(v->name, "mask") != NULL || strstr(v->name, "Mask") != NULL;
}

/*
 * A weight times a constant, as the mask of a pruned one; times anything else it is no weight. Of two
 * constants as large as each other the second is the mask, unless it is the first that is called so.
 */
bool
tmo_view_masked(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const struct tmo_net *const net = context->net;
	const size_t other = tmo_node_input(context->node, 1 - input);
	const struct tmo_value *own, *v;
	bool swapped;

	if (input > 1 || other == TMO_NET_NONE || !context->is_constant(context->arg, other))
		return false;
	v = &net->value[other];
	own = &net->value[context->node->input[input]];
	if (v->rank < 0 || v->rank > view->rank)
		return false;
	swapped = is_called_mask(&net->value[context->node->input[0]]) &&
	          !is_called_mask(&net->value[context->node->input[1]]);
	return v->rank < own->rank || (input == 1) == swapped;
}
