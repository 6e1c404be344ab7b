/* SPDX-License-Identifier: Apache-2.0 */
/* norms.c: from each BatchNormalization back to the layer that feeds it. */
#include <stdlib.h>

#include "base/memory.h"
#include "net/norms.h"
#include "net/operators.h"

#define STEPS_MAX 16	/* between a layer and its BatchNormalization; a graph may be a circle */

static const struct tmo_node *
maker_of(const struct tmo_net *net, size_t value)
{
	const size_t maker = value != TMO_NET_NONE ? net->value[value].maker : TMO_NET_NONE;

	return maker != TMO_NET_NONE ? &net->node[maker] : NULL;
}

/* Is the node's result its first input in another form? */
static bool
only_reforms(const struct tmo_node *n)
{
	return n->operator != NULL && n->operator->reforms && tmo_node_input(n, 0) != TMO_NET_NONE;
}

/* The weight or constant that a value is, in some form; TMO_NET_NONE: it is none. */
static size_t
tensor_of(const struct tmo_net *net, size_t value)
{
	for (int step = 0; step < STEPS_MAX && value != TMO_NET_NONE; step++) {
		const struct tmo_node *const n = maker_of(net, value);

		if (tmo_value_is_held(&net->value[value]))
			return value;
		if (n == NULL || !only_reforms(n))
			break;
		value = n->input[0];
	}
	return TMO_NET_NONE;
}

/* If the node is a layer: its weight; else TMO_NET_NONE. */
static size_t
weight_of(const struct tmo_net *net, const struct tmo_node *n)
{
	for (size_t i = 0; n->operator != NULL && i < n->input_count && i < 32; i++) {
		const size_t t = (n->operator->weights >> i & 1) != 0 ? tensor_of(net, n->input[i]) :
			TMO_NET_NONE;

		if (t != TMO_NET_NONE && (net->value[t].rank < 0 || net->value[t].rank >= 2))
			return t;
	}
	return TMO_NET_NONE;
}

/* The input that the node hands on: what it reforms, or what it adds a constant to. */
static size_t
handed_on(const struct tmo_net *net, const struct tmo_node *n)
{
	if (only_reforms(n))
		return n->input[0];
	if (!tmo_node_is(n, "Add") || n->input_count != 2)
		return TMO_NET_NONE;
	if (tensor_of(net, n->input[1]) != TMO_NET_NONE)
		return n->input[0];
	return tensor_of(net, n->input[0]) != TMO_NET_NONE ? n->input[1] : TMO_NET_NONE;
}

/* The weight of the layer that made the value, or TMO_NET_NONE. */
static size_t
layer_before(const struct tmo_net *net, size_t value)
{
	for (int step = 0; step < STEPS_MAX; step++) {
		const struct tmo_node *const n = maker_of(net, value);
		const size_t weight = n != NULL ? weight_of(net, n) : TMO_NET_NONE;

		if (n == NULL || weight != TMO_NET_NONE)
			return weight;
		value = handed_on(net, n);
	}
	return TMO_NET_NONE;
}

int
tmo_net_norms(const struct tmo_net *net, struct tmo_norms *norms, struct tmo_error *err)
{
	const struct tmo_graph *const g = &net->graph[TMO_NET_MAIN];
	bool *const has_norm = tmo_alloc(net->value_count, sizeof(*has_norm), err);

	*norms = (struct tmo_norms){0};
	norms->norm = tmo_alloc(g->node_count, sizeof(*norms->norm), err);
	if (has_norm == NULL || norms->norm == NULL) {
		free(has_norm);
		tmo_norms_free(norms);
		return -1;
	}
	for (size_t i = 0; i < g->node_count; i++) {
		const struct tmo_node *const n = &net->node[g->node[i]];
		size_t scale, weight;

		if (!tmo_node_is(n, "BatchNormalization") || n->input_count < 2)
			continue;
		scale = tensor_of(net, n->input[1]);
		weight = scale != TMO_NET_NONE ? layer_before(net, n->input[0]) : TMO_NET_NONE;
		if (weight == TMO_NET_NONE || has_norm[weight])
			continue;
		has_norm[weight] = true;
		norms->norm[norms->count++] = (struct tmo_norm){weight, scale};
	}
	free(has_norm);
	return 0;
}

void
tmo_norms_free(struct tmo_norms *norms)
{
	free(norms->norm);
	*norms = (struct tmo_norms){0};
}
