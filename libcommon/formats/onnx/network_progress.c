/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/onnx/network_progress.h"
#include "formats/onnx/onnx_network_parts.h"

/* Is it in the model as an initializer? */
static bool
is_initializer(const struct tmo_value *v)
{
	return v->maker == TMO_NET_NONE && v->origin != TMO_NET_NONE && v->origin != TMO_ONNX_SPARSE;
}

bool
tmo_onnx_is_new_initializer(const struct tmo_value *v)
{
	return tmo_value_is_held(v) && v->maker == TMO_NET_NONE && v->origin == TMO_NET_NONE;
}

/* How many nodes and initializers each graph has in the model. */
static int
count_origins(struct tmo_onnx_write *w)
{
	const struct tmo_net *const net = w->net;

	for (size_t i = 0; i < net->node_count; i++)
		w->graph[net->node[i].graph].node_count += net->node[i].origin != TMO_NET_NONE;
	for (size_t i = 0; i < net->value_count; i++)
		w->graph[net->value[i].graph].held_count += is_initializer(&net->value[i]);
	for (size_t g = 0; g < net->graph_count; g++) {
		struct tmo_onnx_progress *const p = &w->graph[g];

		p->node = tmo_arena_alloc(&w->arena, p->node_count, sizeof(*p->node), w->err);
		p->held = tmo_arena_alloc(&w->arena, p->held_count, sizeof(*p->held), w->err);
		if (p->node == NULL || p->held == NULL)
			return -1;
	}
	return 0;
}

int
tmo_onnx_write_begin(struct tmo_onnx_write *w)
{
	const struct tmo_net *const net = w->net;

	w->graph = tmo_arena_alloc(&w->arena, net->graph_count, sizeof(*w->graph), w->err);
	if (w->graph == NULL || count_origins(w) < 0)
		return -1;
	for (size_t i = 0; i < net->node_count; i++)
		if (net->node[i].origin != TMO_NET_NONE)
			w->graph[net->node[i].graph].node[net->node[i].origin] = i;
	w->first_new = net->value_count;
	for (size_t i = net->value_count; i-- > 0;) {
		const struct tmo_value *const v = &net->value[i];
		struct tmo_onnx_progress *const p = &w->graph[v->graph];

		if (is_initializer(v))
			p->held[v->origin] = i;
		if (tmo_onnx_is_new_initializer(v)) {
			w->first_new = i;
			w->adds_weights = w->adds_weights || v->graph == TMO_NET_MAIN;
		}
		if (v->redefined && tmo_string_index_set(&p->redefined, v->name, i, w->err) < 0)
			return -1;
	}
	return 0;
}

void
tmo_onnx_write_end(struct tmo_onnx_write *w)
{
	for (size_t g = 0; w->graph != NULL && g < w->net->graph_count; g++)
		tmo_string_index_free(&w->graph[g].redefined);
	tmo_arena_free(&w->arena);
}
