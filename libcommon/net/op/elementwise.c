/* SPDX-License-Identifier: Apache-2.0 */
/* elementwise.c: operators that work on each element by itself. */
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

/* A weight times a constant, as the mask of a pruned one; times anything else it is no weight. */
bool
tmo_view_masked(const struct tmo_view_context *context, size_t input, struct tmo_view_draft *view)
{
	const struct tmo_net *const net = context->net;
	const size_t other = tmo_node_input(context->node, 1 - input);
	const size_t own = tmo_node_input(context->node, input);
	const struct tmo_value *v;

	if (input > 1 || other == TMO_NET_NONE || !context->is_constant(context->arg, other))
		return false;
	v = &net->value[other];
	/* Of two that are large, the second is the mask. */
	if (input == 1 && v->rank >= net->value[own].rank)
		return false;
	return v->rank >= 0 && v->rank <= view->rank;
}
