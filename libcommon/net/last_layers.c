/* SPDX-License-Identifier: Apache-2.0 */
/*
 * last_layers.c: goes from the inputs of each layer back through the nodes that make them, through inner
 * graphs too; a layer that is never come to is a last one.
 */
#include "net/last_layers.h"

#include <stdlib.h>

#include "base/memory.h"

/* Values that lead to a layer, each noted once; those from `done` on have not been gone back from. */
struct search {
	const struct tmo_net *net;
	bool *leads;			/* of each value */
	size_t *value;
	size_t count, done;
};

static void
note(struct search *s, size_t value)
{
	if (value == TMO_NET_NONE || s->leads[value])
		return;
	s->leads[value] = true;
	s->value[s->count++] = value;
}

static void
note_all(struct search *s, const size_t *values, size_t count)
{
	for (size_t i = 0; i < count; i++)
		note(s, values[i]);
}

/* What its maker makes it of: the node's inputs, and what the graphs in it give and are given. */
static void
go_back(struct search *s, size_t value)
{
	const size_t maker = s->net->value[value].maker;
	const struct tmo_node *const n = maker != TMO_NET_NONE ? &s->net->node[maker] : NULL;

	if (n == NULL)
		return;
	note_all(s, n->input, n->input_count);
	for (size_t i = 0; i < n->inner_count; i++) {
		const struct tmo_graph *const g = &s->net->graph[n->inner[i].graph];

		note_all(s, g->output, g->output_count);
		note_all(s, n->inner[i].from, n->inner[i].count);
	}
}

/* An inner graph's own inputs come from the node that it is in. */
static void
leave_inner_graph(struct search *s, size_t layer)
{
	for (size_t node = s->net->graph[s->net->node[layer].graph].outer_node; node != TMO_NET_NONE;
	     node = s->net->graph[s->net->node[node].graph].outer_node)
		note_all(s, s->net->node[node].input, s->net->node[node].input_count);
}

int
tmo_net_last_layers(const struct tmo_net *net, struct tmo_uses *uses, struct tmo_error *err)
{
	struct search s = {.net = net};
	int status = -1;

	s.leads = tmo_alloc(net->value_count, sizeof(*s.leads), err);
	s.value = tmo_alloc(net->value_count, sizeof(*s.value), err);
	if (s.leads == NULL || s.value == NULL)
		goto out;
	for (size_t i = 0; i < uses->count; i++) {
		const size_t layer = uses->use[i].layer;

		if (layer == TMO_NET_NONE)
			continue;
		note_all(&s, net->node[layer].input, net->node[layer].input_count);
		leave_inner_graph(&s, layer);
	}
	while (s.done < s.count)
		go_back(&s, s.value[s.done++]);
	for (size_t i = 0; i < uses->count; i++) {
		const struct tmo_node *const n = uses->use[i].layer != TMO_NET_NONE ? &net->node[uses->use[i].layer] : NULL;

		uses->use[i].is_last = n != NULL;
		for (size_t k = 0; n != NULL && k < n->output_count; k++)
			if (n->output[k] != TMO_NET_NONE && s.leads[n->output[k]])
				uses->use[i].is_last = false;
	}
	status = 0;
out:
	free(s.leads);
	free(s.value);
	return status;
}
