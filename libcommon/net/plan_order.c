/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/operators.h"
#include "net/plan_parts.h"

static int64_t
opset_of(const struct tmo_net *net, const char *domain)
{
	if (strcmp(domain, "ai.onnx") == 0)
		domain = "";
	for (size_t i = 0; i < net->opset_count; i++) {
		const char *const its = net->opset[i].domain;

		if (strcmp(strcmp(its, "ai.onnx") == 0 ? "" : its, domain) == 0)
			return net->opset[i].version;
	}
	return 1;
}

const struct tmo_version *
tmo_node_version(const struct tmo_net *net, const struct tmo_node *node)
{
	const int64_t opset = opset_of(net, node->domain);
	const struct tmo_version *v;

	if (node->operator == NULL)
		return NULL;
	for (v = node->operator->version; v != NULL && v->since > 0; v++)
		if (v->since <= opset)
			return v;
	return NULL;
}

/* A call of a function that the model defines, and whose operator tmo does not know itself. */
static bool
is_call(const struct tmo_net *net, const struct tmo_node *node)
{
	return node->inner_count == 1 && node->inner[0].gives_outputs && net->graph[node->inner[0].graph].is_copy &&
	       tmo_node_version(net, node) == NULL;
}

/* Adds the nodes of a graph, those of functions in the place of their calls. */
static void
add_nodes(struct tmo_plan *plan, const struct tmo_graph *graph, struct tmo_plan_order *order)
{
	const struct tmo_net *const net = plan->net;

	for (size_t i = 0; i < graph->node_count; i++) {
		const struct tmo_node *const node = &net->node[graph->node[i]];

		if (!is_call(net, node)) {
			order->node[order->count++] = graph->node[i];
			continue;
		}
		const struct tmo_inner *const call = &node->inner[0];
		const struct tmo_graph *const body = &net->graph[call->graph];

		for (size_t k = 0; k < call->count && k < body->input_count; k++)
			if (call->from[k] != TMO_NET_NONE)
				plan->value[body->input[k]].same = plan->value[call->from[k]].same;
		add_nodes(plan, body, order);
		for (size_t k = 0; k < node->output_count && k < body->output_count; k++)
			if (node->output[k] != TMO_NET_NONE && body->output[k] != TMO_NET_NONE)
				plan->value[node->output[k]].same = plan->value[body->output[k]].same;
	}
}

/* Marks what a node reads; inner graphs read values of those outside, too. */
static void
want_inputs(const struct tmo_plan *plan, const struct tmo_node *node, bool *wanted)
{
	for (size_t i = 0; i < node->input_count; i++)
		if (node->input[i] != TMO_NET_NONE)
			wanted[plan->value[node->input[i]].same] = true;
	for (size_t k = 0; k < node->inner_count; k++) {
		const struct tmo_graph *const graph = &plan->net->graph[node->inner[k].graph];

		for (size_t i = 0; i < graph->node_count; i++)
			want_inputs(plan, &plan->net->node[graph->node[i]], wanted);
		for (size_t i = 0; i < graph->output_count; i++)
			if (graph->output[i] != TMO_NET_NONE)
				wanted[plan->value[graph->output[i]].same] = true;
	}
}

/* Leaves the nodes that the outputs need. */
static int
leave_wanted(struct tmo_plan *plan, const size_t *output, size_t output_count, struct tmo_plan_order *order,
             struct tmo_error *err)
{
	bool *const wanted = tmo_alloc(plan->value_count + 1, sizeof(*wanted), err);
	size_t kept = order->count;

	if (wanted == NULL)
		return -1;
	for (size_t i = 0; i < output_count; i++)
		if (output[i] != TMO_NET_NONE)
			wanted[plan->value[output[i]].same] = true;
	for (size_t i = order->count; i-- > 0;) {
		const struct tmo_node *const node = &plan->net->node[order->node[i]];
		bool need = false, held = true;

		for (size_t k = 0; k < node->output_count; k++)
			if (node->output[k] != TMO_NET_NONE) {
				need = need || wanted[node->output[k]];
				held = held && tmo_value_is_held(&plan->net->value[node->output[k]]);
			}
		if (!need || held)	/* a Constant node: its output is one already */
			continue;
		want_inputs(plan, node, wanted);
		order->node[--kept] = order->node[i];
	}
	free(wanted);
	order->count -= kept;
	memmove(order->node, order->node + kept, order->count * sizeof(*order->node));
	return 0;
}

/* Fails if nodes cannot be run: says which operator is the first, and how many more there are. */
static int
check_operators(const struct tmo_plan *plan, const struct tmo_plan_order *order, struct tmo_error *err)
{
	const struct tmo_node *first = NULL;
	size_t more = 0;

	for (size_t i = 0; i < order->count; i++) {
		const struct tmo_node *const node = &plan->net->node[order->node[i]];

		if (tmo_node_version(plan->net, node) != NULL)
			continue;
		if (first == NULL)
			first = node;
		else
			more++;
	}
	if (first == NULL)
		return 0;
	return tmo_fail_unsupported(err, "operator %.40s%s%.60s of operator set %jd, node \"%.100s\", cannot be run "
	                            "by this tmo (%zu more such nodes); ask for outputs before it with --outputs",
	                            first->domain, first->domain[0] != '\0' ? "." : "", first->type,
	                            (intmax_t)opset_of(plan->net, first->domain), first->name, more);
}

const struct tmo_inner *
tmo_node_branch(const struct tmo_node *node, bool condition)
{
	if (!tmo_node_is(node, "If"))
		return NULL;
	for (size_t i = 0; i < node->inner_count; i++)
		if (node->inner[i].attribute != NULL &&
		    strcmp(node->inner[i].attribute, condition ? "then_branch" : "else_branch") == 0)
			return &node->inner[i];
	return NULL;
}

/* ---- what an inner graph takes from outside ---- */

static bool
is_inside(const struct tmo_net *net, size_t value, size_t graph)
{
	for (size_t g = net->value[value].graph; g != graph; g = net->node[net->graph[g].outer_node].graph)
		if (net->graph[g].outer_node == TMO_NET_NONE)
			return false;
	return true;
}

static void
capture(const struct tmo_net *net, size_t graph, size_t value, bool *seen, size_t *list, size_t *count)
{
	if (value == TMO_NET_NONE || seen[value] || tmo_value_is_held(&net->value[value]) ||
	    is_inside(net, value, graph))
		return;
	seen[value] = true;
	list[(*count)++] = value;
}

static void
capture_all(const struct tmo_net *net, size_t graph, size_t inner, bool *seen, size_t *list, size_t *count)
{
	const struct tmo_graph *const g = &net->graph[inner];

	for (size_t i = 0; i < g->node_count; i++) {
		const struct tmo_node *const node = &net->node[g->node[i]];

		for (size_t k = 0; k < node->input_count; k++)
			capture(net, graph, node->input[k], seen, list, count);
		for (size_t k = 0; k < node->inner_count; k++)
			capture_all(net, graph, node->inner[k].graph, seen, list, count);
	}
	for (size_t i = 0; i < g->output_count; i++)
		capture(net, graph, g->output[i], seen, list, count);
}

int
tmo_plan_captures(const struct tmo_net *net, size_t graph, size_t **value, size_t *count, struct tmo_error *err)
{
	bool *const seen = tmo_alloc(net->value_count + 1, sizeof(*seen), err);

	*count = 0;
	*value = seen != NULL ? tmo_alloc(net->value_count + 1, sizeof(**value), err) : NULL;
	if (*value != NULL)
		capture_all(net, graph, graph, seen, *value, count);
	free(seen);
	return *value != NULL ? 0 : -1;
}

int
tmo_plan_order(struct tmo_plan *plan, size_t graph, const size_t *output, size_t output_count,
               struct tmo_plan_order *order, struct tmo_error *err)
{
	order->count = 0;
	order->node = tmo_arena_alloc(&plan->arena, plan->net->node_count, sizeof(*order->node), err);
	if (order->node == NULL)
		return -1;
	add_nodes(plan, &plan->net->graph[graph], order);
	if (leave_wanted(plan, output, output_count, order, err) < 0)
		return -1;
	return check_operators(plan, order, err);
}
