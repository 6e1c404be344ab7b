/* SPDX-License-Identifier: Apache-2.0 */
#include "net/equation.h"
#include "net/operators.h"
#include "net/roles.h"

/* The equation in which the input is an operand, and which one; false: there is none. */
static bool
find_equation(const struct tmo_node *node, size_t input, struct tmo_equation *e, int *operand)
{
	const struct tmo_operator *const o = node->operator;

	if (o->written) {
		const struct tmo_attribute *const a = tmo_node_attribute(node, "equation");

		*operand = (int)input;
		return a != NULL && a->kind == TMO_ATTRIBUTE_TEXT && tmo_equation_parse(a->text, e) &&
		       input < (size_t)e->operand_count;
	}
	for (int p = 0; p < TMO_PRODUCTS_MAX && o->product[p].equation != NULL; p++)
		for (int k = 0; k < TMO_OPERANDS_MAX; k++) {
			if (o->product[p].operand[k] != input ||
			    !tmo_equation_parse(o->product[p].equation, e))
				continue;
			for (int t = 0; t < TMO_OPERANDS_MAX; t++)
				if (o->transposed[t] != NULL &&
				    tmo_node_number(node, o->transposed[t], 0) != 0)
					tmo_equation_transpose(e, t);
			*operand = k;
			return true;
		}
	return false;
}

/*
 * A weight of which rows were picked is what those rows then are: where another constant is what the
 * picked rows are multiplied with, that one is the weight, and the rows are data.
 */
static bool
is_data(const struct tmo_view_context *context, size_t input, const struct tmo_view_draft *view)
{
	const struct tmo_node *const n = context->node;

	for (size_t i = 0; view->gathered && i < n->input_count && i < 2; i++)
		if (i != input && n->input[i] != TMO_NET_NONE &&
		    context->is_constant(context->arg, n->input[i]))
			return true;
	return false;
}

static void
set_roles(const struct tmo_node *node, const struct tmo_equation *e, int operand,
          const struct tmo_equation_axis *axis, struct tmo_view_roles *roles)
{
	const int64_t groups = tmo_node_number(node, "group", 1);

	roles->count = axis->count;
	for (int k = 0; k < axis->count; k++) {
		roles->index[k].role = tmo_equation_role(e, operand, axis->index[k]);
		roles->index[k].size = TMO_DIM_UNKNOWN;
	}
	if (axis->count > 1)
		roles->index[0].size = groups > 0 ? (size_t)groups : 1;
}

bool
tmo_layer_roles(const struct tmo_view_context *context, size_t input,
                const struct tmo_view_draft *view, struct tmo_view_roles *roles, bool *known)
{
	const struct tmo_node *const node = context->node;
	struct tmo_equation e;
	int operand;

	*known = false;
	if (node->operator == NULL || input >= 32 || (node->operator->weights >> input & 1) == 0 ||
	    (view->rank >= 0 && view->rank < 2) || is_data(context, input, view))
		return false;
	if (view->rank < 0 || !find_equation(node, input, &e, &operand))
		return true;
	for (int i = 0; i < view->rank; i++) {
		const struct tmo_equation_axis *const axis =
			tmo_equation_axis_at(&e, operand, view->rank, i);

		if (axis == NULL)
			return true;
		set_roles(node, &e, operand, axis, &roles[i]);
	}
	*known = true;
	return true;
}

bool
tmo_table_roles(const struct tmo_view_context *context, size_t input,
                const struct tmo_view_draft *view, struct tmo_view_roles *roles)
{
	const int axis = tmo_view_whole_axis(tmo_node_number(context->node, "axis", 0), view->rank);

	if (context->node->operator == NULL || !context->node->operator->is_table || input != 0 ||
	    view->rank < 2 || axis < 0)
		return false;
	for (int i = 0; i < view->rank; i++)
		roles[i] = (struct tmo_view_roles){
			.count = 1, .index[0] = {
				.role = i == axis ? TMO_ROLE_OUTPUT : i == (axis == 0) ? TMO_ROLE_INPUT :
					TMO_ROLE_WITHIN,
				.size = TMO_DIM_UNKNOWN,
			},
		};
	return true;
}
