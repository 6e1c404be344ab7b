/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_network.c: an ONNX model as a network. A graph sees the names of the graphs around it, but for
 * those that it defines itself; a function sees its own only.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string_index.h"
#include "formats/onnx/onnx_network.h"
#include "formats/onnx/onnx_network_parts.h"
#include "formats/onnx/proto.h"

#define NODES_MAX ((size_t)1 << 22)	/* functions that call each other could make any number */
#define CALLS_MAX 32			/* of functions in functions */

/* A graph, and through it the graphs around it. */
struct scope {
	const struct scope *outer;
	size_t graph;
	struct tmo_string_index names;		/* -> value */
	struct tmo_string_index declared;	/* -> place in value_info */
	Onnx__ValueInfoProto **value_info;
	/* In a function: the call, whose attributes the body's refer to. (Defaults of a function's
	 * attributes are newer than the onnx.proto that we have: such an attribute is absent.) */
	const Onnx__NodeProto *call;
	int calls;				/* how many functions this one is in */
};

struct build {
	struct tmo_net *net;
	const Onnx__ModelProto *model;
	struct tmo_error *err;
};

static int add_graph_nodes(struct build *b, struct scope *s, Onnx__NodeProto **node, size_t count);

/* A new value of the scope, with what the graph declares of it. */
static size_t
define(struct build *b, struct scope *s, const char *name, enum tmo_value_kind kind)
{
	const size_t declared = tmo_string_index_get(&s->declared, name);
	const size_t value = tmo_net_add_value(b->net, s->graph, kind, name, b->err);

	if (value == TMO_NET_NONE || tmo_string_index_set(&s->names, name, value, b->err) < 0)
		return TMO_NET_NONE;
	if (declared != SIZE_MAX &&
	    tmo_onnx_declare(b->net, value, s->value_info[declared]->type, b->err) < 0)
		return TMO_NET_NONE;
	return value;
}

/*
 * The value that a name means here. A name that nothing has defined so far, which ONNX forbids, is a
 * value of this graph that something may make later on.
 */
static size_t
find(struct build *b, struct scope *s, const char *name)
{
	for (const struct scope *at = s; at != NULL; at = at->outer) {
		const size_t value = tmo_string_index_get(&at->names, name);

		if (value != SIZE_MAX)
			return value;
	}
	return define(b, s, name, TMO_VALUE_MADE);
}

/* The value that a node makes. */
static size_t
make(struct build *b, struct scope *s, const char *name, size_t node, size_t output)
{
	size_t value = tmo_string_index_get(&s->names, name);

	if (value == SIZE_MAX || b->net->value[value].maker != TMO_NET_NONE ||
	    b->net->value[value].kind != TMO_VALUE_MADE)
		value = define(b, s, name, TMO_VALUE_MADE);
	if (value == TMO_NET_NONE)
		return value;
	b->net->value[value].maker = node;
	b->net->value[value].maker_output = output;
	return value;
}

static int
add_initializers(struct build *b, struct scope *s, const Onnx__GraphProto *g)
{
	const bool main = s->graph == TMO_NET_MAIN;
	size_t place = 0, value;

	TMO_ONNX_EACH(Onnx__TensorProto, t, g, initializer) {
		value = define(b, s, tmo_onnx_text((*t)->name),
		               main ? TMO_VALUE_WEIGHT : TMO_VALUE_CONSTANT);
		if (value == TMO_NET_NONE || tmo_onnx_hold_tensor(b->net, value, *t, b->err) < 0)
			return -1;
		b->net->value[value].origin = place++;
	}
	TMO_ONNX_EACH(Onnx__SparseTensorProto, t, g, sparse_initializer) {
		if ((*t)->values == NULL)
			continue;
		value = define(b, s, tmo_onnx_text((*t)->values->name), TMO_VALUE_CONSTANT);
		if (value == TMO_NET_NONE)
			return -1;
		b->net->value[value].origin = TMO_ONNX_SPARSE;
	}
	return 0;
}

static int
add_attributes(struct build *b, const struct scope *s, size_t node, const Onnx__NodeProto *n)
{
	struct tmo_attribute *list =
		tmo_arena_alloc(&b->net->arena, n->n_attribute, sizeof(*list), b->err);
	size_t count = 0;

	if (list == NULL)
		return -1;
	TMO_ONNX_EACH(Onnx__AttributeProto, a, n, attribute) {
		const Onnx__AttributeProto *from = *a;

		if (tmo_onnx_text(from->ref_attr_name)[0] != '\0')
			from = s->call == NULL ? NULL :
				tmo_onnx_attribute(s->call, from->ref_attr_name);
		if (from == NULL)
			continue;
		if (tmo_onnx_take_attribute(b->net, &list[count], tmo_onnx_text((*a)->name), from,
		                            b->err) < 0)
			return -1;
		count++;
	}
	b->net->node[node].attribute = list;
	b->net->node[node].attribute_count = count;
	return 0;
}

/* The names of a graph that come before its nodes, then its nodes, then which values it gives. */
static int
fill_graph(struct build *b, struct scope *s, const Onnx__GraphProto *g)
{
	struct tmo_graph *graph;
	size_t *list, count = 0;

	s->value_info = g->value_info;
	for (size_t i = 0; i < g->n_value_info; i++)
		if (tmo_string_index_set(&s->declared, tmo_onnx_text(g->value_info[i]->name), i,
		                         b->err) < 0)
			return -1;
	if (add_initializers(b, s, g) < 0)
		return -1;
	list = tmo_arena_alloc(&b->net->arena, g->n_input, sizeof(*list), b->err);
	if (list == NULL)
		return -1;
	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, input) {
		const char *const name = tmo_onnx_text((*v)->name);

		/* Until IR version 3 weights were inputs too. */
		if (tmo_string_index_get(&s->names, name) != SIZE_MAX)
			continue;
		list[count] = define(b, s, name, TMO_VALUE_INPUT);
		if (list[count] == TMO_NET_NONE ||
		    tmo_onnx_declare(b->net, list[count], (*v)->type, b->err) < 0)
			return -1;
		count++;
	}
	b->net->graph[s->graph].input = list;
	b->net->graph[s->graph].input_count = count;
	if (add_graph_nodes(b, s, g->node, g->n_node) < 0)
		return -1;
	list = tmo_arena_alloc(&b->net->arena, g->n_output, sizeof(*list), b->err);
	for (size_t i = 0; list != NULL && i < g->n_output; i++)
		if ((list[i] = find(b, s, tmo_onnx_text(g->output[i]->name))) == TMO_NET_NONE ||
		    tmo_onnx_declare(b->net, list[i], g->output[i]->type, b->err) < 0)
			return -1;
	graph = &b->net->graph[s->graph];
	graph->output = list;
	graph->output_count = g->n_output;
	return list != NULL ? 0 : -1;
}

static void
free_scope(struct scope *s)
{
	tmo_string_index_free(&s->names);
	tmo_string_index_free(&s->declared);
}

/* A graph inside a node: how its inputs hang in the node's depends on the operator. */
static int
add_inner(struct build *b, const struct scope *outer, size_t node, const Onnx__NodeProto *n,
          const Onnx__GraphProto *g, const char *attribute, struct tmo_inner *inner)
{
	struct scope s = {
		.outer = outer, .call = outer->call, .calls = outer->calls,
	};
	int status = -1;

	s.graph = tmo_net_add_graph(b->net, node, b->err);
	if (s.graph != TMO_NET_NONE)
		b->net->graph[s.graph].is_copy = s.call != NULL;
	if (s.graph != TMO_NET_NONE && fill_graph(b, &s, g) == 0)
		status = tmo_onnx_bind_inner(b->net, node, n, s.graph, inner, b->err);
	inner->attribute = attribute;
	free_scope(&s);
	return status;
}

/* The body of the function that the node calls, as a graph inside it. */
static int
add_call(struct build *b, const struct scope *outer, size_t node, const Onnx__NodeProto *n,
         const Onnx__FunctionProto *f, struct tmo_inner *inner)
{
	struct scope s = {.call = n, .calls = outer->calls + 1};
	size_t *inputs, *outputs;
	int status = -1;

	inputs = tmo_arena_alloc(&b->net->arena, f->n_input, sizeof(*inputs), b->err);
	outputs = tmo_arena_alloc(&b->net->arena, f->n_output, sizeof(*outputs), b->err);
	if (inputs == NULL || outputs == NULL ||
	    (s.graph = tmo_net_add_graph(b->net, node, b->err)) == TMO_NET_NONE)
		return -1;
	b->net->graph[s.graph].is_copy = true;
	for (size_t i = 0; i < f->n_input; i++)
		if ((inputs[i] = define(b, &s, f->input[i], TMO_VALUE_INPUT)) == TMO_NET_NONE)
			goto out;
	b->net->graph[s.graph].input = inputs;
	b->net->graph[s.graph].input_count = f->n_input;
	if (add_graph_nodes(b, &s, f->node, f->n_node) < 0)
		goto out;
	for (size_t i = 0; i < f->n_output; i++)
		if ((outputs[i] = find(b, &s, f->output[i])) == TMO_NET_NONE)
			goto out;
	b->net->graph[s.graph].output = outputs;
	b->net->graph[s.graph].output_count = f->n_output;
	status = tmo_onnx_bind_call(b->net, node, s.graph, inner, b->err);
out:
	free_scope(&s);
	return status;
}

static int
add_inner_graphs(struct build *b, const struct scope *s, size_t node, const Onnx__NodeProto *n)
{
	const Onnx__FunctionProto *const f = tmo_onnx_called_function(b->model, n);
	const bool call = f != NULL && s->calls < CALLS_MAX && b->net->node_count < NODES_MAX;
	struct tmo_inner *list;
	size_t count = call, at = 0;

	TMO_ONNX_EACH(Onnx__AttributeProto, a, n, attribute)
		count += ((*a)->g != NULL) + (*a)->n_graphs;
	if (count == 0)
		return 0;
	list = tmo_arena_alloc(&b->net->arena, count, sizeof(*list), b->err);
	if (list == NULL)
		return -1;
	TMO_ONNX_EACH(Onnx__AttributeProto, a, n, attribute) {
		const char *const name = tmo_arena_string(&b->net->arena, tmo_onnx_text((*a)->name), b->err);

		if (name == NULL || ((*a)->g != NULL && add_inner(b, s, node, n, (*a)->g, name, &list[at++]) < 0))
			return -1;
		TMO_ONNX_EACH(Onnx__GraphProto, g, *a, graphs)
			if (add_inner(b, s, node, n, *g, name, &list[at++]) < 0)
				return -1;
	}
	if (call && add_call(b, s, node, n, f, &list[at++]) < 0)
		return -1;
	b->net->node[node].inner = list;
	b->net->node[node].inner_count = count;
	return 0;
}

/* place: among its graph's nodes. */
static int
add_node(struct build *b, struct scope *s, const Onnx__NodeProto *n, size_t place)
{
	const size_t node = tmo_net_add_node(b->net, s->graph, tmo_onnx_text(n->domain),
	                                     tmo_onnx_text(n->op_type), tmo_onnx_text(n->name),
	                                     n->n_input, n->n_output, b->err);

	if (node == TMO_NET_NONE || add_attributes(b, s, node, n) < 0)
		return -1;
	b->net->node[node].origin = place;
	for (size_t i = 0; i < n->n_input; i++) {
		size_t value;

		if (tmo_onnx_text(n->input[i])[0] == '\0')
			continue;
		value = find(b, s, n->input[i]);
		if (value == TMO_NET_NONE)
			return -1;
		b->net->node[node].input[i] = value;
	}
	if (add_inner_graphs(b, s, node, n) < 0)
		return -1;
	for (size_t i = 0; i < n->n_output; i++) {
		size_t value;

		if (tmo_onnx_text(n->output[i])[0] == '\0')
			continue;
		value = make(b, s, n->output[i], node, i);
		if (value == TMO_NET_NONE)
			return -1;
		b->net->node[node].output[i] = value;
		if (i == 0 && tmo_onnx_is(n, "Constant") &&
		    tmo_onnx_hold_constant(b->net, value, n, b->err) < 0)
			return -1;
	}
	return 0;
}

static int
add_graph_nodes(struct build *b, struct scope *s, Onnx__NodeProto **node, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (add_node(b, s, node[i], i) < 0)
			return -1;
	return 0;
}

struct tmo_net *
tmo_onnx_network(const void *graph, size_t bytes, struct tmo_error *err)
{
	Onnx__ModelProto *const model = tmo_onnx_unpack(graph, bytes, err);
	struct build b = {.model = model, .err = err};
	struct scope s = {.graph = TMO_NET_MAIN};
	int status = -1;

	if (model == NULL)
		return NULL;
	b.net = tmo_net_new(err);
	if (b.net == NULL || tmo_net_add_graph(b.net, TMO_NET_NONE, err) == TMO_NET_NONE)
		goto out;
	TMO_ONNX_EACH(Onnx__OperatorSetIdProto, o, model, opset_import)
		if (tmo_net_add_opset(b.net, tmo_onnx_text((*o)->domain), (*o)->version, err) < 0)
			goto out;
	if (fill_graph(&b, &s, model->graph) == 0)
		status = tmo_net_finish(b.net, err);
out:
	free_scope(&s);
	tmo_onnx_free(model);
	if (status == 0)
		return b.net;
	tmo_net_free(b.net);
	return NULL;
}
