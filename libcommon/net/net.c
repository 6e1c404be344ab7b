/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/net.h"
#include "net/operators.h"
#include "tensor/tensor.h"

struct tmo_net *
tmo_net_new(struct tmo_error *err)
{
	return tmo_alloc(1, sizeof(struct tmo_net), err);
}

void
tmo_net_free(struct tmo_net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->value_count; i++)
		if (net->value[i].data != NULL)
			tmo_array_free(net->value[i].data);
	free(net->graph);
	free(net->value);
	free(net->node);
	free(net->opset);
	tmo_arena_free(&net->arena);
	tmo_string_index_free(&net->names);
	free(net);
}

size_t
tmo_net_add_graph(struct tmo_net *net, size_t outer_node, struct tmo_error *err)
{
	if (tmo_grow(&net->graph, net->graph_count, &net->graph_room, sizeof(*net->graph), err) < 0)
		return TMO_NET_NONE;
	net->graph[net->graph_count] = (struct tmo_graph){.outer_node = outer_node};
	return net->graph_count++;
}

size_t
tmo_net_add_value(struct tmo_net *net, size_t graph, enum tmo_value_kind kind, const char *name,
                  struct tmo_error *err)
{
	struct tmo_value v = {
		.kind = kind, .rank = -1, .graph = graph, .maker = TMO_NET_NONE,
		.maker_output = TMO_NET_NONE, .origin = TMO_NET_NONE,
	};

	v.name = tmo_arena_string(&net->arena, name, err);
	if (v.name == NULL ||
	    tmo_grow(&net->value, net->value_count, &net->value_room, sizeof(v), err) < 0)
		return TMO_NET_NONE;
	net->value[net->value_count] = v;
	return net->value_count++;
}

size_t
tmo_net_list_room(size_t count)
{
	size_t room = 1;

	while (room < count)
		room *= 2;
	return room;
}

/* A list of n numbers, all TMO_NET_NONE. */
static size_t *
new_list(struct tmo_net *net, size_t n, struct tmo_error *err)
{
	size_t *const list = tmo_arena_alloc(&net->arena, n, sizeof(*list), err);

	for (size_t i = 0; list != NULL && i < n; i++)
		list[i] = TMO_NET_NONE;
	return list;
}

size_t
tmo_net_add_node(struct tmo_net *net, size_t graph, const char *domain, const char *type,
                 const char *name, size_t inputs, size_t outputs, struct tmo_error *err)
{
	struct tmo_node n = {
		.operator = tmo_operator_find(domain, type), .graph = graph,
		.input_count = inputs, .output_count = outputs, .origin = TMO_NET_NONE,
	};

	n.domain = tmo_arena_string(&net->arena, strcmp(domain, "ai.onnx") == 0 ? "" : domain, err);
	n.type = tmo_arena_string(&net->arena, type, err);
	n.name = tmo_arena_string(&net->arena, name, err);
	n.input = new_list(net, inputs, err);
	n.output = new_list(net, outputs, err);
	if (n.domain == NULL || n.type == NULL || n.name == NULL || n.input == NULL ||
	    n.output == NULL ||
	    tmo_grow(&net->node, net->node_count, &net->node_room, sizeof(n), err) < 0)
		return TMO_NET_NONE;
	net->node[net->node_count] = n;
	return net->node_count++;
}

int
tmo_net_add_opset(struct tmo_net *net, const char *domain, int64_t version, struct tmo_error *err)
{
	struct tmo_opset o = {
		.domain = tmo_arena_string(&net->arena, strcmp(domain, "ai.onnx") == 0 ? "" : domain, err),
		.version = version,
	};

	if (o.domain == NULL ||
	    tmo_grow(&net->opset, net->opset_count, &net->opset_room, sizeof(o), err) < 0)
		return -1;
	net->opset[net->opset_count++] = o;
	return 0;
}

int
tmo_net_hold(struct tmo_net *net, size_t value, struct tmo_array *data, struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];

	if (v->data == NULL &&
	    (v->data = tmo_arena_alloc(&net->arena, 1, sizeof(*v->data), err)) == NULL)
		return -1;
	tmo_array_free(v->data);
	*v->data = *data;
	*data = (struct tmo_array){0};
	return 0;
}

/* Each graph's list of its own nodes. */
static int
list_nodes(struct tmo_net *net, struct tmo_error *err)
{
	for (size_t i = 0; i < net->node_count; i++)
		net->graph[net->node[i].graph].node_count++;
	for (size_t g = 0; g < net->graph_count; g++) {
		net->graph[g].node = new_list(net, tmo_net_list_room(net->graph[g].node_count), err);
		if (net->graph[g].node == NULL)
			return -1;
		net->graph[g].node_count = 0;
	}
	for (size_t i = 0; i < net->node_count; i++) {
		struct tmo_graph *const g = &net->graph[net->node[i].graph];

		g->node[g->node_count++] = i;
	}
	return 0;
}

int
tmo_net_finish(struct tmo_net *net, struct tmo_error *err)
{
	for (size_t i = 0; i < net->node_count; i++)
		for (size_t k = 0; k < net->node[i].input_count; k++)
			if (net->node[i].input[k] != TMO_NET_NONE)
				net->value[net->node[i].input[k]].user_count++;
	for (size_t i = 0; i < net->value_count; i++) {
		struct tmo_value *const v = &net->value[i];

		v->user = tmo_arena_alloc(&net->arena, tmo_net_list_room(v->user_count), sizeof(*v->user),
		                          err);
		if (v->user == NULL)
			return -1;
		v->user_count = 0;
	}
	for (size_t i = 0; i < net->node_count; i++)
		for (size_t k = 0; k < net->node[i].input_count; k++) {
			struct tmo_value *v;

			if (net->node[i].input[k] == TMO_NET_NONE)
				continue;
			v = &net->value[net->node[i].input[k]];
			v->user[v->user_count++] = (struct tmo_user){i, k};
		}
	return list_nodes(net, err);
}

const struct tmo_attribute *
tmo_node_attribute(const struct tmo_node *node, const char *name)
{
	for (size_t i = 0; i < node->attribute_count; i++)
		if (strcmp(node->attribute[i].name, name) == 0)
			return &node->attribute[i];
	return NULL;
}

int64_t
tmo_node_number(const struct tmo_node *node, const char *name, int64_t otherwise)
{
	const struct tmo_attribute *const a = tmo_node_attribute(node, name);

	return a != NULL && a->kind == TMO_ATTRIBUTE_INT ? a->number : otherwise;
}

bool
tmo_node_is(const struct tmo_node *node, const char *type)
{
	return node->domain[0] == '\0' && strcmp(node->type, type) == 0;
}

size_t
tmo_node_input(const struct tmo_node *node, size_t i)
{
	return i < node->input_count ? node->input[i] : TMO_NET_NONE;
}

bool
tmo_value_integers(const struct tmo_net *net, size_t value, struct tmo_integers *out)
{
	const struct tmo_array *a;

	if (value == TMO_NET_NONE)
		return false;
	a = net->value[value].data;
	if (a == NULL || a->count > TMO_RANK_MAX || (a->type != TMO_I64 && a->type != TMO_I32))
		return false;
	out->count = a->count;
	for (size_t i = 0; i < a->count; i++)
		out->value[i] = tmo_array_integer(a, i);
	return true;
}

bool
tmo_node_integers(const struct tmo_net *net, const struct tmo_node *node, const char *attribute,
                  size_t i, struct tmo_integers *out)
{
	const struct tmo_attribute *const a = tmo_node_attribute(node, attribute);

	if (a == NULL || a->kind != TMO_ATTRIBUTE_INTS)
		return i > 0 && tmo_value_integers(net, tmo_node_input(node, i), out);
	if (a->count > TMO_RANK_MAX)
		return false;
	out->count = a->count;
	for (size_t k = 0; k < a->count; k++)
		out->value[k] = a->numbers[k];
	return true;
}
