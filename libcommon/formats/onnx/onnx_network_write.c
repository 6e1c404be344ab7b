/* SPDX-License-Identifier: Apache-2.0 */
/*
 * onnx_network_write.c: goes through the model's bytes as onnx_network.c went through its messages, so
 * that the k-th node of a graph is the network's node of origin k; copies what is as it was.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/onnx/network_fields.h"
#include "formats/onnx/network_progress.h"
#include "formats/onnx/onnx_network_write.h"
#include "formats/onnx/wire.h"

#define IR_INITIALIZERS 4	/* before, every initializer had to be an input as well */

static int
not_of_this_model(struct tmo_error *err)
{
	return tmo_fail(err, "the network was made of another model");
}

/* ---- nodes ---- */

static int write_graph(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f,
                       struct tmo_buffer *out);

/* A graph in an attribute: number `inner` of its node's. */
static int
write_inner(struct tmo_onnx_write *w, const struct tmo_node *node, size_t inner,
            const struct tmo_wire_field *f, struct tmo_buffer *out)
{
	struct tmo_buffer body = {0};
	int status = -1;

	if (inner >= node->inner_count)
		return not_of_this_model(w->err);
	if (write_graph(w, node->inner[inner].graph, f, &body) == 0)
		status = tmo_wire_put_body(out, f, &body, w->err);
	tmo_buffer_free(&body);
	return status;
}

/* An attribute that stays. *inner: how many graphs the node's attributes before it have. */
static int
write_attribute(struct tmo_onnx_write *w, const struct tmo_node *node, const struct tmo_wire_field *f,
                size_t *inner, struct tmo_buffer *out)
{
	const unsigned char *at = f->body;
	struct tmo_buffer body = {0};
	struct tmo_wire_field part;
	const size_t one = *inner;	/* the field `g` comes first, wherever it stands */
	size_t next;
	int status = 0;

	next = one + tmo_wire_inside(f, TMO_ONNX_ATTRIBUTE_GRAPH, &part);
	while (status == 0 && tmo_wire_next(&at, f->end, &part))
		if (part.number == TMO_ONNX_ATTRIBUTE_GRAPH)
			status = write_inner(w, node, one, &part, &body);
		else if (part.number == TMO_ONNX_ATTRIBUTE_GRAPHS)
			status = write_inner(w, node, next++, &part, &body);
		else
			status = tmo_wire_put_field(&body, &part, w->err);
	*inner = next;
	if (status == 0)
		status = tmo_wire_put_body(out, f, &body, w->err);
	tmo_buffer_free(&body);
	return status;
}

/* Does the attribute of an edited node go, or get another value? */
static int
is_replaced(const struct tmo_onnx_write *w, const struct tmo_node *node, const struct tmo_wire_field *f,
            bool constant, bool *replaced)
{
	struct tmo_wire_field name, reference;
	const struct tmo_attribute *a;
	char *text;

	*replaced = constant;
	if (constant || !tmo_wire_inside(f, TMO_ONNX_ATTRIBUTE_NAME, &name))
		return 0;
	text = tmo_wire_text(&name, w->err);
	if (text == NULL)
		return -1;
	a = tmo_node_attribute(node, text);
	free(text);
	*replaced = a != NULL ? a->edited : !tmo_wire_inside(f, TMO_ONNX_ATTRIBUTE_REFERENCE, &reference);
	return 0;
}

/* The constant that an edited Constant holds, if that is what was changed; NULL. */
static const struct tmo_value *
changed_constant(const struct tmo_net *net, const struct tmo_node *node)
{
	const struct tmo_value *const v = node->output_count > 0 && node->output[0] != TMO_NET_NONE ?
		&net->value[node->output[0]] : NULL;

	return v != NULL && v->kind == TMO_VALUE_CONSTANT && v->edited ? v : NULL;
}

/* The operator of an edited node, where it is another one; *same: it is not. */
static int
write_operator(const struct tmo_onnx_write *w, const struct tmo_node *node, const struct tmo_wire_field *f,
               struct tmo_buffer *out, bool *same)
{
	struct tmo_wire_field type = {0}, domain = {0};
	const bool has_domain = tmo_wire_inside(f, TMO_ONNX_NODE_DOMAIN, &domain);

	*same = tmo_wire_inside(f, TMO_ONNX_NODE_TYPE, &type) && tmo_wire_is_text(&type, node->type) &&
	        (has_domain ? tmo_wire_is_text(&domain, node->domain) ||
	         (node->domain[0] == '\0' && tmo_wire_is_text(&domain, "ai.onnx")) :
	         node->domain[0] == '\0');
	if (*same)
		return 0;
	if (tmo_wire_put_text(out, TMO_ONNX_NODE_TYPE, node->type, w->err) < 0)
		return -1;
	return node->domain[0] == '\0' ? 0 :
		tmo_wire_put_text(out, TMO_ONNX_NODE_DOMAIN, node->domain, w->err);
}

/* One field of a node whose inputs, outputs and operator are seen to. */
static int
write_node_field(struct tmo_onnx_write *w, const struct tmo_node *node, const struct tmo_wire_field *f,
                 bool same_operator, size_t *inner, struct tmo_buffer *out)
{
	bool replaced = false;

	switch (f->number) {
	case TMO_ONNX_NODE_INPUT:
	case TMO_ONNX_NODE_OUTPUT:
		return node->edited ? 0 : tmo_wire_put_field(out, f, w->err);
	case TMO_ONNX_NODE_TYPE:
	case TMO_ONNX_NODE_DOMAIN:
		return same_operator ? tmo_wire_put_field(out, f, w->err) : 0;
	case TMO_ONNX_NODE_ATTRIBUTE:
		if (node->edited &&
		    is_replaced(w, node, f, changed_constant(w->net, node) != NULL, &replaced) < 0)
			return -1;
		return replaced ? 0 : write_attribute(w, node, f, inner, out);
	default:
		return tmo_wire_put_field(out, f, w->err);
	}
}

static int
write_node(struct tmo_onnx_write *w, const struct tmo_node *node, const struct tmo_wire_field *f,
           struct tmo_buffer *out)
{
	const struct tmo_value *const constant = changed_constant(w->net, node);
	const unsigned char *at = f->body;
	struct tmo_buffer body = {0};
	struct tmo_wire_field part;
	bool same_operator = true;
	size_t inner = 0;
	int status = 0;

	if (!node->edited && node->inner_count == 0)
		return tmo_wire_put_field(out, f, w->err);
	if (node->edited && (tmo_onnx_put_ends(w->net, node, &body, w->err) < 0 ||
	                     write_operator(w, node, f, &body, &same_operator) < 0))
		status = -1;
	while (status == 0 && tmo_wire_next(&at, f->end, &part))
		status = write_node_field(w, node, &part, same_operator, &inner, &body);
	if (status == 0 && node->edited)
		status = constant != NULL ? tmo_onnx_put_constant(constant, &body, w->err) :
			tmo_onnx_put_attributes(node, &body, w->err);
	if (status == 0)
		status = tmo_wire_put_body(out, f, &body, w->err);
	tmo_buffer_free(&body);
	return status;
}

/* New nodes, up to the next of the model's. */
static int
add_nodes(struct tmo_onnx_write *w, size_t graph, struct tmo_buffer *out)
{
	const struct tmo_graph *const g = &w->net->graph[graph];
	struct tmo_onnx_progress *const p = &w->graph[graph];

	for (; p->next < g->node_count; p->next++) {
		const struct tmo_node *const n = &w->net->node[g->node[p->next]];

		if (n->origin != TMO_NET_NONE)
			break;
		if (tmo_onnx_put_new_node(w->net, n, out, w->err) < 0)
			return -1;
	}
	return 0;
}

static int
next_node(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f, struct tmo_buffer *out)
{
	const struct tmo_graph *const g = &w->net->graph[graph];
	struct tmo_onnx_progress *const p = &w->graph[graph];
	size_t number;

	if (p->nodes_seen == p->node_count)
		return not_of_this_model(w->err);
	number = p->node[p->nodes_seen++];
	if (!w->net->node[number].removed) {
		if (add_nodes(w, graph, out) < 0)
			return -1;
		if (p->next == g->node_count || g->node[p->next] != number)
			return not_of_this_model(w->err);
		p->next++;
		if (write_node(w, &w->net->node[number], f, out) < 0)
			return -1;
	}
	return p->nodes_seen == p->node_count ? add_nodes(w, graph, out) : 0;
}

/* ---- what a graph holds and declares ---- */

static int
add_initializers(struct tmo_onnx_write *w, size_t graph, struct tmo_buffer *out)
{
	struct tmo_onnx_progress *const p = &w->graph[graph];

	for (size_t i = w->first_new; i < w->net->value_count && !p->held_added; i++) {
		const struct tmo_value *const v = &w->net->value[i];

		if (v->graph == graph && tmo_onnx_is_new_initializer(v) &&
		    tmo_onnx_put_initializer(v, NULL, out, w->err) < 0)
			return -1;
	}
	p->held_added = true;
	return 0;
}

static int
next_initializer(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f,
                 struct tmo_buffer *out)
{
	struct tmo_onnx_progress *const p = &w->graph[graph];
	const struct tmo_value *v;
	int status = 0;

	if (p->held_seen == p->held_count)
		return not_of_this_model(w->err);
	v = &w->net->value[p->held[p->held_seen++]];
	if (v->kind != TMO_VALUE_REMOVED)
		status = v->edited ? tmo_onnx_put_initializer(v, f, out, w->err) :
			tmo_wire_put_field(out, f, w->err);
	if (status == 0 && p->held_seen == p->held_count)
		status = add_initializers(w, graph, out);
	return status;
}

/* What is said of a name (field number `name` of f), unless it is false by now. */
static int
write_said(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f, uint32_t name,
           struct tmo_buffer *out)
{
	struct tmo_wire_field part;
	const struct tmo_value *v = NULL;
	size_t value;
	char *text;

	if (w->graph[graph].redefined.count > 0 && tmo_wire_inside(f, name, &part)) {
		text = tmo_wire_text(&part, w->err);
		if (text == NULL)
			return -1;
		value = tmo_string_index_get(&w->graph[graph].redefined, text);
		free(text);
		v = value != SIZE_MAX ? &w->net->value[value] : NULL;
	}
	if (v == NULL || (f->number == TMO_ONNX_GRAPH_ANNOTATION && v->kind != TMO_VALUE_REMOVED) ||
	    v->kind == TMO_VALUE_INPUT)
		return tmo_wire_put_field(out, f, w->err);
	/* Until IR version 3 an initializer was an input as well. */
	return f->number == TMO_ONNX_GRAPH_INPUT && tmo_value_is_held(v) ?
		tmo_onnx_put_declared(v, out, w->err) : 0;
}

static int
write_sparse(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f, struct tmo_buffer *out)
{
	struct tmo_buffer kept = {0};
	struct tmo_wire_field values;
	int status;

	if (!tmo_wire_inside(f, TMO_ONNX_SPARSE_VALUES, &values))
		return tmo_wire_put_field(out, f, w->err);
	status = write_said(w, graph, &values, TMO_ONNX_TENSOR_NAME, &kept);
	if (status == 0 && kept.size > 0)
		status = tmo_wire_put_field(out, f, w->err);
	tmo_buffer_free(&kept);
	return status;
}

static int
write_graph_field(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f,
                  struct tmo_buffer *out)
{
	switch (f->number) {
	case TMO_ONNX_GRAPH_NODE:
		return next_node(w, graph, f, out);
	case TMO_ONNX_GRAPH_INITIALIZER:
		return next_initializer(w, graph, f, out);
	case TMO_ONNX_GRAPH_INPUT:
	case TMO_ONNX_GRAPH_VALUE_INFO:
	case TMO_ONNX_GRAPH_ANNOTATION:
		return write_said(w, graph, f, 1, out);	/* the name is number 1 in all of them */
	case TMO_ONNX_GRAPH_SPARSE:
		return write_sparse(w, graph, f, out);
	default:
		return tmo_wire_put_field(out, f, w->err);
	}
}

/* The body of the graph in f. */
static int
write_graph(struct tmo_onnx_write *w, size_t graph, const struct tmo_wire_field *f, struct tmo_buffer *out)
{
	const unsigned char *at = f->body;
	const struct tmo_onnx_progress *const p = &w->graph[graph];
	struct tmo_wire_field part;

	while (tmo_wire_next(&at, f->end, &part))
		if (write_graph_field(w, graph, &part, out) < 0)
			return -1;
	if (p->node_count == 0 && add_nodes(w, graph, out) < 0)
		return -1;
	return p->held_count == 0 ? add_initializers(w, graph, out) : 0;
}

/* ---- the model ---- */

static int
write_model_field(struct tmo_onnx_write *w, const struct tmo_wire_field *f, struct tmo_buffer *out)
{
	struct tmo_buffer body = {0};
	int status = -1;

	if (f->number == TMO_ONNX_MODEL_IR && w->adds_weights && f->varint < IR_INITIALIZERS)
		return tmo_wire_put_number(out, f->number, IR_INITIALIZERS, w->err);
	if (f->number != TMO_ONNX_MODEL_GRAPH)
		return tmo_wire_put_field(out, f, w->err);
	if (write_graph(w, TMO_NET_MAIN, f, &body) == 0)
		status = tmo_wire_put_body(out, f, &body, w->err);
	tmo_buffer_free(&body);
	return status;
}

/* The operator sets that came with new nodes. */
static int
add_opsets(const struct tmo_onnx_write *w, struct tmo_buffer *out)
{
	for (size_t i = 0; i < w->net->opset_count; i++) {
		const struct tmo_opset *const o = &w->net->opset[i];
		struct tmo_buffer body = {0};
		int status;

		if (!o->added)
			continue;
		status = tmo_wire_put_text(&body, 1, o->domain, w->err);
		if (status == 0)
			status = tmo_wire_put_number(&body, 2, (uint64_t)o->version, w->err);
		if (status == 0)
			status = tmo_wire_put_bytes(out, TMO_ONNX_MODEL_OPSET, body.data, body.size, w->err);
		tmo_buffer_free(&body);
		if (status < 0)
			return -1;
	}
	return 0;
}

int
tmo_onnx_network_write(const struct tmo_net *net, const void *graph, size_t bytes,
                       struct tmo_buffer *out, struct tmo_error *err)
{
	struct tmo_onnx_write w = {.net = net, .err = err};
	const unsigned char *at = graph, *const end = at + bytes;
	struct tmo_wire_field f;
	int status;

	if (tmo_wire_check(graph, bytes, err) < 0)
		return -1;
	status = tmo_onnx_write_begin(&w);
	while (status == 0 && tmo_wire_next(&at, end, &f))
		status = write_model_field(&w, &f, out);
	if (status == 0 && (w.graph[TMO_NET_MAIN].nodes_seen != w.graph[TMO_NET_MAIN].node_count ||
	                    w.graph[TMO_NET_MAIN].held_seen != w.graph[TMO_NET_MAIN].held_count))
		status = not_of_this_model(err);
	if (status == 0)
		status = add_opsets(&w, out);
	tmo_onnx_write_end(&w);
	return status;
}
