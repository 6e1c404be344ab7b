/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trace.c: follows the weights of a network through its nodes, in the order of the nodes, which is one
 * in which they can run, to the layers that use them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/last_layers.h"
#include "net/operators.h"
#include "net/roles.h"
#include "net/uses.h"

/* A view as it is kept: a draft with room for its own cells only. */
struct view {
	size_t weight;			/* the value */
	int rank;
	bool lost, gathered;
	uint32_t picked;		/* bit i: axis i of the weight */
	unsigned char *count;		/* of the cells of each axis */
	struct tmo_view_cell *cell;	/* those of all axes, one after the other */
	size_t next;			/* another view of the same value; TMO_NET_NONE */
};

struct trace {
	const struct tmo_net *net;
	struct tmo_uses *uses;
	size_t *place;			/* of each weight, by value, in uses->use; TMO_NET_NONE: none yet */
	bool *is_layer;			/* by value: a layer has said what its axes are, no table */
	size_t *first;			/* each value's first view; TMO_NET_NONE */
	size_t view_count, view_room;
	struct view *view;
	struct tmo_arena arena;
	struct tmo_error *err;
};

static int trace_graph(struct trace *tr, size_t graph);

static void
unfold(const struct view *v, struct tmo_view_draft *draft)
{
	draft->rank = v->rank;
	draft->lost = v->lost;
	draft->gathered = v->gathered;
	for (int i = 0; i < TMO_RANK_MAX; i++)
		draft->picked[i] = (v->picked >> i & 1) != 0;
	for (int i = 0, k = 0; i < v->rank; i++) {
		draft->axis[i].count = v->count[i];
		for (int j = 0; j < v->count[i]; j++)
			draft->axis[i].cell[j] = v->cell[k++];
	}
}

/* The draft's axes, into v, whose rank is set. */
static int
fold(struct trace *tr, struct view *v, const struct tmo_view_draft *draft)
{
	const size_t axes = v->rank < 0 ? 0 : (size_t)v->rank;
	size_t cells = 0;

	for (size_t i = 0; i < axes; i++)
		cells += (size_t)draft->axis[i].count;
	v->count = tmo_arena_alloc(&tr->arena, axes, sizeof(*v->count), tr->err);
	v->cell = tmo_arena_alloc(&tr->arena, cells, sizeof(*v->cell), tr->err);
	if (v->count == NULL || v->cell == NULL)
		return -1;
	for (size_t i = 0, k = 0; i < axes; i++) {
		v->count[i] = (unsigned char)draft->axis[i].count;
		for (int j = 0; j < draft->axis[i].count; j++)
			v->cell[k++] = draft->axis[i].cell[j];
	}
	return 0;
}

/* The value is, or has in it, this view of a weight, unless it is known to have it already. */
static int
add_view(struct trace *tr, size_t value, size_t weight, const struct tmo_view_draft *draft)
{
	struct view v = {
		.weight = weight, .rank = draft->rank, .lost = draft->lost, .gathered = draft->gathered,
		.next = TMO_NET_NONE,
	};
	size_t last = TMO_NET_NONE;

	for (size_t i = tr->first[value]; i != TMO_NET_NONE; i = tr->view[i].next) {
		if (tr->view[i].weight == weight)
			return 0;
		last = i;
	}
	for (int i = 0; i < TMO_RANK_MAX; i++)
		v.picked |= (uint32_t)draft->picked[i] << i;
	if (fold(tr, &v, draft) < 0 ||
	    tmo_grow(&tr->view, tr->view_count, &tr->view_room, sizeof(v), tr->err) < 0)
		return -1;
	tr->view[tr->view_count] = v;
	if (last != TMO_NET_NONE)
		tr->view[last].next = tr->view_count;
	else
		tr->first[value] = tr->view_count;
	tr->view_count++;
	return 0;
}

/* For tmo_view_context. */
static bool
is_constant(void *arg, size_t value)
{
	const struct trace *const tr = arg;

	return tr->net->value[value].kind == TMO_VALUE_CONSTANT || tr->first[value] != TMO_NET_NONE;
}

/* Adds a copy of text to a set of strings; empty ones and those that are there are left out. */
static int
add_string(char ***list, size_t *count, const char *text, struct tmo_error *err)
{
	char **wider;

	if (text[0] == '\0')
		return 0;
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*list)[i], text) == 0)
			return 0;
	wider = realloc(*list, (*count + 1) * sizeof(*wider));
	if (wider == NULL)
		return tmo_fail_memory(err, 0);
	*list = wider;
	wider[*count] = tmo_copy_string(text, err);
	if (wider[*count] == NULL)
		return -1;
	++*count;
	return 0;
}

/* The weight's entry, made at its first use. */
static struct tmo_use *
use_of(struct trace *tr, size_t weight)
{
	struct tmo_use *use;

	if (tr->place[weight] != TMO_NET_NONE)
		return &tr->uses->use[tr->place[weight]];
	use = &tr->uses->use[tr->uses->count];
	*use = (struct tmo_use){.layer = TMO_NET_NONE};
	use->name = tmo_copy_string(tr->net->value[weight].name, tr->err);
	if (use->name == NULL)
		return NULL;
	tr->place[weight] = tr->uses->count++;
	return use;
}

/* What the layer says of the view's axes, as axes of the weight. */
static void
set_axes(const struct trace *tr, struct tmo_use *use, const struct view *v,
         const struct tmo_view_draft *draft, const struct tmo_view_roles *roles)
{
	const struct tmo_value *const weight = &tr->net->value[v->weight];
	size_t shape[TMO_RANK_MAX];

	use->axes.count = 0;
	if (weight->rank < 0)
		return;
	for (int i = 0; i < weight->rank; i++)
		shape[i] = weight->dim[i].size;
	if (!tmo_view_axes(draft, roles, weight->rank, shape, &use->axes))
		use->axes.count = 0;
}

/* The node has the view as an input. */
static int
note_use(struct trace *tr, const struct tmo_view_context *context, size_t input,
         const struct view *v)
{
	const struct tmo_node *const node = context->node;
	struct tmo_use *const use = use_of(tr, v->weight);
	struct tmo_view_roles roles[TMO_RANK_MAX];
	struct tmo_view_draft draft;
	bool known;

	if (use == NULL || add_string(&use->ops, &use->op_count, node->type, tr->err) < 0 ||
	    add_string(&use->nodes, &use->node_count, node->name, tr->err) < 0)
		return -1;
	if (tr->is_layer[v->weight])
		return 0;	/* the first layer decides */
	unfold(v, &draft);
	if (tmo_layer_roles(context, input, &draft, roles, &known)) {
		tr->is_layer[v->weight] = use->weight = true;
		use->layer = (size_t)(node - tr->net->node);
		use->axes.count = 0;
		if (known)
			set_axes(tr, use, v, &draft, roles);
	} else if (!use->weight && tmo_type_is_float(tr->net->value[v->weight].type) &&
	           tmo_table_roles(context, input, &draft, roles)) {
		use->weight = true;
		use->layer = (size_t)(node - tr->net->node);
		set_axes(tr, use, v, &draft, roles);
	}
	return 0;
}

/* What of the node's input goes into its outputs. */
static int
pass_views(struct trace *tr, struct tmo_view_context *context, size_t input)
{
	const struct tmo_node *const node = context->node;
	const struct tmo_operator *const o = node->operator;
	size_t outputs;

	if (o == NULL || o->view == NULL || (input > 0 && !o->any_input) || node->output_count == 0)
		return 0;
	outputs = o->all_outputs ? node->output_count : 1;
	for (size_t i = tr->first[node->input[input]]; i != TMO_NET_NONE; i = tr->view[i].next)
		for (size_t k = 0; k < outputs; k++) {
			struct tmo_view_draft draft;

			if (node->output[k] == TMO_NET_NONE)
				continue;
			unfold(&tr->view[i], &draft);
			context->output = k;
			if (o->view(context, input, &draft) &&
			    add_view(tr, node->output[k], tr->view[i].weight, &draft) < 0)
				return -1;
		}
	return 0;
}

/* One value of a Scan's slices: the axis is gone, each slice is used by itself. */
static bool
take_slice(struct tmo_view_draft *draft, int64_t axis)
{
	const int at = tmo_view_whole_axis(axis, draft->rank);

	if (draft->rank < 0)
		return true;
	if (at < 0)
		return false;
	for (int i = 0; i < draft->axis[at].count; i++)
		if (draft->axis[at].cell[i].axis >= 0)
			draft->picked[draft->axis[at].cell[i].axis] = true;
	memmove(&draft->axis[at], &draft->axis[at + 1],
	        (size_t)(draft->rank - at - 1) * sizeof(draft->axis[0]));
	draft->rank--;
	return true;
}

/* The views of `from`, as a whole or as slices, are those of `to` too. */
static int
bind(struct trace *tr, size_t from, size_t to, int64_t axis)
{
	for (size_t i = tr->first[from]; i != TMO_NET_NONE; i = tr->view[i].next) {
		struct tmo_view_draft draft;

		unfold(&tr->view[i], &draft);
		if ((axis == TMO_NET_WHOLE || take_slice(&draft, axis)) &&
		    add_view(tr, to, tr->view[i].weight, &draft) < 0)
			return -1;
	}
	return 0;
}

static int
trace_inner(struct trace *tr, const struct tmo_node *node, const struct tmo_inner *inner)
{
	const struct tmo_graph *const g = &tr->net->graph[inner->graph];

	for (size_t i = 0; i < inner->count && i < g->input_count; i++)
		if (inner->from[i] != TMO_NET_NONE &&
		    bind(tr, inner->from[i], g->input[i], inner->axis[i]) < 0)
			return -1;
	if (trace_graph(tr, inner->graph) < 0)
		return -1;
	for (size_t i = 0; inner->gives_outputs && i < g->output_count && i < node->output_count; i++)
		if (g->output[i] != TMO_NET_NONE && node->output[i] != TMO_NET_NONE &&
		    bind(tr, g->output[i], node->output[i], TMO_NET_WHOLE) < 0)
			return -1;
	return 0;
}

static int
trace_node(struct trace *tr, const struct tmo_node *node)
{
	struct tmo_view_context context = {
		.net = tr->net, .node = node, .is_constant = is_constant, .arg = tr,
	};

	for (size_t i = 0; i < node->input_count; i++) {
		if (node->input[i] == TMO_NET_NONE)
			continue;
		for (size_t v = tr->first[node->input[i]]; v != TMO_NET_NONE; v = tr->view[v].next)
			if (note_use(tr, &context, i, &tr->view[v]) < 0)
				return -1;
	}
	for (size_t i = 0; i < node->inner_count; i++)
		if (trace_inner(tr, node, &node->inner[i]) < 0)
			return -1;
	for (size_t i = 0; i < node->input_count; i++)
		if (node->input[i] != TMO_NET_NONE && pass_views(tr, &context, i) < 0)
			return -1;
	return 0;
}

static int
trace_graph(struct trace *tr, size_t graph)
{
	const struct tmo_graph *const g = &tr->net->graph[graph];

	for (size_t i = 0; i < g->node_count; i++)
		if (trace_node(tr, &tr->net->node[g->node[i]]) < 0)
			return -1;
	return 0;
}

/* Each weight is a view of itself. */
static int
begin(struct trace *tr, size_t *weights)
{
	struct tmo_view_draft draft;

	*weights = 0;
	for (size_t i = 0; i < tr->net->value_count; i++) {
		const struct tmo_value *const v = &tr->net->value[i];
		size_t shape[TMO_RANK_MAX];

		tr->first[i] = tr->place[i] = TMO_NET_NONE;
		if (v->kind != TMO_VALUE_WEIGHT)
			continue;
		++*weights;
		for (int k = 0; k < v->rank; k++)
			shape[k] = v->dim[k].size;
		tmo_view_begin(&draft, v->rank, shape);
		if (add_view(tr, i, i, &draft) < 0)
			return -1;
	}
	return 0;
}

int
tmo_net_uses(const struct tmo_net *net, struct tmo_uses *uses, struct tmo_error *err)
{
	struct trace tr = {.net = net, .uses = uses, .err = err};
	size_t weights;
	int status = -1;

	*uses = (struct tmo_uses){0};
	tr.place = tmo_alloc(net->value_count, sizeof(*tr.place), err);
	tr.first = tmo_alloc(net->value_count, sizeof(*tr.first), err);
	tr.is_layer = tmo_alloc(net->value_count, sizeof(*tr.is_layer), err);
	if (tr.place == NULL || tr.first == NULL || tr.is_layer == NULL || begin(&tr, &weights) < 0)
		goto out;
	uses->use = tmo_alloc(weights, sizeof(*uses->use), err);
	if (uses->use == NULL || trace_graph(&tr, TMO_NET_MAIN) < 0)
		goto out;
	for (size_t i = 0; i < net->value_count; i++)
		if (net->value[i].kind == TMO_VALUE_WEIGHT && use_of(&tr, i) == NULL)
			goto out;
	status = tmo_uses_index(uses, err) < 0 ? -1 : tmo_net_last_layers(net, uses, err);
out:
	if (status < 0)
		tmo_uses_free(uses);
	free(tr.place);
	free(tr.first);
	free(tr.is_layer);
	free(tr.view);
	tmo_arena_free(&tr.arena);
	return status;
}
