/* SPDX-License-Identifier: Apache-2.0 */
/* edit_nodes.c: nodes come and go, and use other values. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/edit_rules.h"
#include "net/operators.h"

#define INPUTS_MAX 1024		/* of one node: none has so many */

/* Does a graph give the value? */
static bool
is_result(const struct tmo_net *net, size_t value)
{
	for (size_t g = 0; g < net->graph_count; g++)
		for (size_t i = 0; i < net->graph[g].output_count; i++)
			if (net->graph[g].output[i] == value)
				return true;
	return false;
}

bool
tmo_net_is_used(const struct tmo_net *net, size_t value)
{
	return net->value[value].user_count > 0 || is_result(net, value);
}

/* What the node's outputs are called. */
static const char *
output_base(struct tmo_net *net, const struct tmo_new_node *new, struct tmo_error *err)
{
	const char *const first = new->input_count > 0 && new->input[0] != TMO_NET_NONE ?
		net->value[new->input[0]].name : "";
	char *base;

	if (new->output != NULL)
		return new->output;
	base = tmo_arena_alloc(&net->arena, strlen(first) + strlen(new->type) + 2, 1, err);
	if (base == NULL)
		return NULL;
	memcpy(base, first, strlen(first));
	if (first[0] != '\0')
		base[strlen(first)] = '_';
	memcpy(base + strlen(base), new->type, strlen(new->type));
	return base;
}

/* The earliest place in the graph where the inputs are there; they are checked at the place it gets. */
static size_t
earliest_place(const struct tmo_net *net, size_t graph, const struct tmo_new_node *new)
{
	size_t place = 0;

	for (size_t i = 0; i < new->input_count; i++) {
		const size_t maker = new->input[i] != TMO_NET_NONE ? net->value[new->input[i]].maker :
			TMO_NET_NONE;

		if (maker != TMO_NET_NONE && net->node[maker].graph == graph &&
		    tmo_net_node_place(net, maker) >= place)
			place = tmo_net_node_place(net, maker) + 1;
	}
	return place;
}

/* The node, which is in its graph, uses the inputs and makes new values. */
static int
connect(struct tmo_net *net, size_t node, const struct tmo_new_node *new, struct tmo_error *err)
{
	const char *const base = output_base(net, new, err);

	for (size_t i = 0; i < new->input_count; i++)
		if (new->input[i] != TMO_NET_NONE &&
		    tmo_net_replace_input(net, node, i, new->input[i], err) < 0)
			return -1;
	for (size_t i = 0; base != NULL && i < new->output_count; i++) {
		const size_t value = tmo_net_new_value(net, net->node[node].graph, TMO_VALUE_MADE, base, err);

		if (value == TMO_NET_NONE)
			return -1;
		net->value[value].maker = node;
		net->value[value].maker_output = i;
		net->node[node].output[i] = value;
	}
	return base != NULL ? 0 : -1;
}

size_t
tmo_net_insert(struct tmo_net *net, size_t graph, const struct tmo_new_node *new, struct tmo_error *err)
{
	const char *const domain = new->domain != NULL ? new->domain : "";
	size_t node;

	if (tmo_net_may_edit(net, graph, err) < 0)
		return TMO_NET_NONE;
	node = tmo_net_add_node(net, graph, domain, new->type, new->name != NULL ? new->name : "",
	                        new->input_count, new->output_count, err);
	if (node == TMO_NET_NONE ||
	    tmo_net_put_node(net, node, earliest_place(net, graph, new), err) < 0)
		return TMO_NET_NONE;
	net->node[node].edited = true;
	for (size_t i = 0; i < new->input_count; i++)
		if (new->input[i] != TMO_NET_NONE && tmo_net_may_use(net, node, new->input[i], err) < 0)
			goto refuse;
	if (tmo_net_need_opset(net, domain, new->since, err) < 0)
		goto refuse;
	return connect(net, node, new, err) == 0 ? node : TMO_NET_NONE;
refuse:
	tmo_net_take_out(net, node);
	return TMO_NET_NONE;
}

/* Room for inputs up to number i, which a node with graphs in it may not get: they hang on its inputs. */
static int
widen(struct tmo_net *net, size_t node, size_t i, struct tmo_error *err)
{
	struct tmo_node *const n = &net->node[node];
	size_t *list;

	if (n->inner_count > 0 && (i >= n->input_count || n->input[i] == TMO_NET_NONE))
		return tmo_fail_unsupported(err, "%s %s has no input number %zu, and graphs that its inputs "
		                            "go to", n->type, n->name, i);
	if (i < n->input_count)
		return 0;
	if (i >= INPUTS_MAX)
		return tmo_fail(err, "input number %zu of %s; at most %d are possible", i, n->type,
		                INPUTS_MAX);
	list = tmo_arena_alloc(&net->arena, i + 1, sizeof(*list), err);
	if (list == NULL)
		return -1;
	memcpy(list, n->input, n->input_count * sizeof(*list));
	for (size_t k = n->input_count; k <= i; k++)
		list[k] = TMO_NET_NONE;
	n->input = list;
	n->input_count = i + 1;
	return 0;
}

int
tmo_net_set_input(struct tmo_net *net, size_t node, size_t i, size_t value, struct tmo_error *err)
{
	if (tmo_net_may_edit(net, net->node[node].graph, err) < 0 ||
	    (value != TMO_NET_NONE && tmo_net_may_use(net, node, value, err) < 0) ||
	    widen(net, node, i, err) < 0)
		return -1;
	return tmo_net_replace_input(net, node, i, value, err);
}

/* ---- one value instead of another ---- */

/* Nodes that are still to be looked at, each once. */
struct ancestors {
	bool *found;		/* a node each */
	size_t *stack, count;
};

static void
visit(const struct tmo_net *net, struct ancestors *a, size_t value, size_t end)
{
	const size_t maker = value != TMO_NET_NONE && value != end ? net->value[value].maker : TMO_NET_NONE;

	if (maker == TMO_NET_NONE || a->found[maker])
		return;
	a->found[maker] = true;
	a->stack[a->count++] = maker;
}

/* What the node uses, also in the graphs in it. */
static void
visit_inputs(const struct tmo_net *net, struct ancestors *a, size_t node, size_t end)
{
	const struct tmo_node *const n = &net->node[node];

	for (size_t i = 0; i < n->input_count; i++)
		visit(net, a, n->input[i], end);
	for (size_t i = 0; i < n->inner_count; i++) {
		const struct tmo_graph *const g = &net->graph[n->inner[i].graph];

		for (size_t k = 0; k < g->node_count; k++)
			visit_inputs(net, a, g->node[k], end);
	}
}

/* Marks the nodes that make `value`, back to `old`. *found: a mark for each node, owned. */
static int
find_makers(const struct tmo_net *net, size_t value, size_t old, bool **found, struct tmo_error *err)
{
	struct ancestors a = {
		.found = tmo_alloc(net->node_count, sizeof(*a.found), err),
		.stack = tmo_alloc(net->node_count, sizeof(*a.stack), err),
	};

	if (a.found != NULL && a.stack != NULL) {
		visit(net, &a, value, old);
		while (a.count > 0)
			visit_inputs(net, &a, a.stack[--a.count], old);
	}
	free(a.stack);
	*found = a.found;
	return a.found != NULL && a.stack != NULL ? 0 : -1;
}

/* Is the user, or the node in whose graphs it is, marked? */
static bool
is_kept(const struct tmo_net *net, const struct tmo_user *user, size_t graph, const bool *kept)
{
	size_t around;

	if (kept == NULL)
		return false;
	if (!tmo_net_node_around(net, net->node[user->node].graph, graph, &around))
		return false;
	return kept[around != TMO_NET_NONE ? around : user->node];
}

/* A name that stands elsewhere now: what makes and uses the value is written anew. */
static void
rename_value(struct tmo_net *net, size_t value, const char *name)
{
	struct tmo_value *const v = &net->value[value];

	v->name = name;
	v->redefined = true;
	if (v->maker != TMO_NET_NONE)
		net->node[v->maker].edited = true;
	for (size_t i = 0; i < v->user_count; i++)
		net->node[v->user[i].node].edited = true;
}

/* Does no other value have its name? Bodies of functions have names of their own. */
static bool
has_own_name(const struct tmo_net *net, size_t value)
{
	for (size_t i = 0; i < net->value_count; i++)
		if (i != value && !net->graph[net->value[i].graph].is_copy &&
		    strcmp(net->value[i].name, net->value[value].name) == 0)
			return false;
	return true;
}

/* Can `instead` be what the graph gives in the place of `old`? */
static bool
may_be_result(const struct tmo_net *net, size_t old, size_t instead)
{
	const struct tmo_value *const from = &net->value[old], *const to = &net->value[instead];

	return from->graph == to->graph && from->maker != TMO_NET_NONE && to->maker != TMO_NET_NONE &&
	       net->node[to->maker].graph == to->graph && !is_result(net, instead) &&
	       has_own_name(net, old) && has_own_name(net, instead);
}

/* The graph gives `instead` from now on, under the name that it is known by. */
static void
swap_result(struct tmo_net *net, size_t old, size_t instead)
{
	const char *const name = net->value[old].name, *const other = net->value[instead].name;
	struct tmo_graph *const g = &net->graph[net->value[old].graph];

	for (size_t i = 0; i < g->output_count; i++)
		if (g->output[i] == old)
			g->output[i] = instead;
	rename_value(net, old, other);
	rename_value(net, instead, name);
}

/* All uses of old, but those by nodes that are kept (NULL: none), are of instead. */
static int
replace_uses(struct tmo_net *net, size_t old, size_t instead, const bool *kept, struct tmo_error *err)
{
	struct tmo_value *v = &net->value[old];
	const size_t graph = net->value[instead].graph;

	for (size_t i = 0; i < v->user_count; i++)
		if (!is_kept(net, &v->user[i], graph, kept) &&
		    tmo_net_may_use(net, v->user[i].node, instead, err) < 0)
			return -1;
	for (size_t i = 0; i < v->user_count;) {
		const struct tmo_user user = v->user[i];

		if (is_kept(net, &user, graph, kept))
			i++;
		else if (tmo_net_replace_input(net, user.node, user.input, instead, err) < 0)
			return -1;
	}
	return 0;
}

int
tmo_net_use_instead(struct tmo_net *net, size_t old, size_t instead, struct tmo_error *err)
{
	const bool result = is_result(net, old);
	bool *kept = NULL;
	int status = -1;

	if (old == instead)
		return 0;
	if (tmo_net_may_edit(net, net->value[old].graph, err) < 0)
		return -1;
	if (result && !may_be_result(net, old, instead))
		return tmo_fail_unsupported(err, "%s cannot be what a graph gives instead of %s: both must "
		                            "be made by nodes of that graph", net->value[instead].name,
		                            net->value[old].name);
	if (find_makers(net, instead, old, &kept, err) == 0 &&
	    replace_uses(net, old, instead, kept, err) == 0)
		status = 0;
	free(kept);
	if (status == 0 && result)
		swap_result(net, old, instead);
	return status;
}

/* ---- nodes that go, or become others ---- */

int
tmo_net_remove_node(struct tmo_net *net, size_t node, struct tmo_error *err)
{
	const struct tmo_node *const n = &net->node[node];

	if (tmo_net_may_edit(net, n->graph, err) < 0)
		return -1;
	for (size_t i = 0; i < n->output_count; i++)
		if (n->output[i] != TMO_NET_NONE && tmo_net_is_used(net, n->output[i]))
			return tmo_fail_unsupported(err, "%s cannot go: %s is used", n->type,
			                            net->value[n->output[i]].name);
	tmo_net_take_out(net, node);
	return 0;
}

int
tmo_net_set_operator(struct tmo_net *net, size_t node, const char *domain, const char *type,
                     int64_t since, struct tmo_error *err)
{
	struct tmo_node *const n = &net->node[node];

	if (n->inner_count > 0)
		return tmo_fail_unsupported(err, "%s %s has graphs in it, and stays what it is", n->type,
		                            n->name);
	if (tmo_net_may_edit(net, n->graph, err) < 0 || tmo_net_need_opset(net, domain, since, err) < 0)
		return -1;
	n->domain = tmo_arena_string(&net->arena, domain, err);
	n->type = tmo_arena_string(&net->arena, type, err);
	if (n->domain == NULL || n->type == NULL)
		return -1;
	n->operator = tmo_operator_find(domain, type);
	n->edited = true;
	for (size_t i = 0; i < n->output_count; i++)
		if (n->output[i] != TMO_NET_NONE)
			tmo_net_forget_shape(net, n->output[i]);
	return 0;
}

/* The node hands its input number i on. */
static int
become_identity(struct tmo_net *net, size_t node, size_t i, struct tmo_error *err)
{
	const size_t value = net->node[node].input[i];

	if (tmo_net_set_operator(net, node, "", "Identity", 1, err) < 0)
		return -1;
	for (size_t k = 0; k < net->node[node].input_count; k++)
		if (tmo_net_replace_input(net, node, k, k == 0 ? value : TMO_NET_NONE, err) < 0)
			return -1;
	net->node[node].input_count = 1;
	net->node[node].output_count = 1;
	net->node[node].attribute_count = 0;
	return 0;
}

int
tmo_net_bypass(struct tmo_net *net, size_t node, size_t i, struct tmo_error *err)
{
	const struct tmo_node *const n = &net->node[node];
	const size_t input = tmo_node_input(n, i);
	const size_t output = n->output_count > 0 ? n->output[0] : TMO_NET_NONE;

	if (tmo_net_may_edit(net, n->graph, err) < 0)
		return -1;
	if (input == TMO_NET_NONE || output == TMO_NET_NONE)
		return tmo_fail(err, "%s %s has no input number %zu, or no output", n->type, n->name, i);
	for (size_t k = 1; k < n->output_count; k++)
		if (n->output[k] != TMO_NET_NONE && tmo_net_is_used(net, n->output[k]))
			return tmo_fail_unsupported(err, "%s cannot go: %s is used", n->type,
			                            net->value[n->output[k]].name);
	if (is_result(net, output) && !may_be_result(net, output, input))
		return become_identity(net, node, i, err);
	if (replace_uses(net, output, input, NULL, err) < 0)
		return -1;
	if (is_result(net, output))
		swap_result(net, output, input);
	tmo_net_take_out(net, node);
	return 0;
}

void
tmo_net_forget_shape(struct tmo_net *net, size_t value)
{
	struct tmo_value *const v = &net->value[value];

	v->type = TMO_NONE;
	v->rank = -1;
	v->dim = NULL;
	v->redefined = true;
}
