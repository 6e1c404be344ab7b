/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "net/edit_rules.h"

#define SEVERAL (SIZE_MAX - 1)	/* in the index of names */

/* In messages: what its user knows it by. */
static const char *
node_name(const struct tmo_node *n)
{
	return n->name[0] != '\0' ? n->name : n->type;
}

int
tmo_net_may_edit(const struct tmo_net *net, size_t graph, struct tmo_error *err)
{
	const size_t outer = net->graph[graph].outer_node;

	if (outer == TMO_NET_NONE)
		return 0;
	if (net->node[outer].removed)
		return tmo_fail_unsupported(err, "the graphs of %s have gone with it",
		                            node_name(&net->node[outer]));
	if (!net->graph[graph].is_copy)
		return 0;
	return tmo_fail_unsupported(err, "the body of a function of the model, for %s, cannot be changed "
	                            "for one call of it; inline the model's functions first",
	                            node_name(&net->node[outer]));
}

int
tmo_net_need_opset(struct tmo_net *net, const char *domain, int64_t version, struct tmo_error *err)
{
	for (size_t i = 0; i < net->opset_count; i++) {
		if (strcmp(net->opset[i].domain, domain) != 0)
			continue;
		if (net->opset[i].version >= version)
			return 0;
		return tmo_fail_unsupported(err, "the model is of operator set %" PRId64 "%s%s, %" PRId64
		                            " is needed; export it so", net->opset[i].version,
		                            domain[0] != '\0' ? " of " : "", domain, version);
	}
	if (tmo_net_add_opset(net, domain, version, err) < 0)
		return -1;
	net->opset[net->opset_count - 1].added = true;
	return 0;
}

/* Enters a value's name. */
static int
note_name(struct tmo_net *net, size_t value, struct tmo_error *err)
{
	const char *const name = net->value[value].name;
	const bool known = tmo_string_index_get(&net->names, name) != SIZE_MAX;

	return tmo_string_index_set(&net->names, name, known ? SEVERAL : value, err);
}

static int
note_names(struct tmo_net *net, struct tmo_error *err)
{
	if (net->names.count > 0)
		return 0;
	for (size_t i = 0; i < net->value_count; i++)
		if (note_name(net, i, err) < 0)
			return -1;
	return 0;
}

const char *
tmo_net_new_name(struct tmo_net *net, const char *base, struct tmo_error *err)
{
	const size_t room = strlen(base) + 24;
	char *name;

	if (note_names(net, err) < 0 || (name = tmo_arena_alloc(&net->arena, room, 1, err)) == NULL)
		return NULL;
	snprintf(name, room, "%s", base);
	for (size_t i = 1; name[0] == '\0' || tmo_string_index_get(&net->names, name) != SIZE_MAX; i++)
		snprintf(name, room, "%s_%zu", base, i);
	return name;
}

size_t
tmo_net_new_value(struct tmo_net *net, size_t graph, enum tmo_value_kind kind, const char *base,
                  struct tmo_error *err)
{
	const char *const name = tmo_net_new_name(net, base, err);
	const size_t value = name != NULL ? tmo_net_add_value(net, graph, kind, name, err) : TMO_NET_NONE;

	if (value == TMO_NET_NONE || note_name(net, value, err) < 0)
		return TMO_NET_NONE;
	net->value[value].redefined = true;
	return value;
}

bool
tmo_net_node_around(const struct tmo_net *net, size_t inner, size_t graph, size_t *node)
{
	*node = TMO_NET_NONE;
	while (inner != graph) {
		*node = net->graph[inner].outer_node;
		if (*node == TMO_NET_NONE)
			return false;
		inner = net->node[*node].graph;
	}
	return true;
}

size_t
tmo_net_node_place(const struct tmo_net *net, size_t node)
{
	const struct tmo_graph *const g = &net->graph[net->node[node].graph];
	size_t place = 0;

	while (place < g->node_count && g->node[place] != node)
		place++;
	return place;
}

/* Does another value have its name, between the graph `from` and its own? */
static bool
is_hidden(const struct tmo_net *net, size_t value, size_t from)
{
	const struct tmo_value *const v = &net->value[value];
	size_t node;

	if (tmo_string_index_get(&net->names, v->name) != SEVERAL)
		return false;
	for (size_t i = 0; i < net->value_count; i++) {
		const struct tmo_value *const other = &net->value[i];

		if (i != value && other->kind != TMO_VALUE_REMOVED && strcmp(other->name, v->name) == 0 &&
		    tmo_net_node_around(net, from, other->graph, &node) &&
		    tmo_net_node_around(net, other->graph, v->graph, &node))
			return true;
	}
	return false;
}

int
tmo_net_may_use(struct tmo_net *net, size_t node, size_t value, struct tmo_error *err)
{
	const struct tmo_value *const v = &net->value[value];
	const struct tmo_node *const n = &net->node[node];
	size_t at;

	if (tmo_net_may_edit(net, n->graph, err) < 0 || note_names(net, err) < 0)
		return -1;
	if (n->removed || v->kind == TMO_VALUE_REMOVED ||
	    !tmo_net_node_around(net, n->graph, v->graph, &at))
		return tmo_fail_unsupported(err, "%s cannot use %s, which is not there", node_name(n),
		                            v->name);
	if (at == TMO_NET_NONE)
		at = node;
	if (v->maker != TMO_NET_NONE &&
	    tmo_net_node_place(net, v->maker) >= tmo_net_node_place(net, at))
		return tmo_fail_unsupported(err, "%s cannot use %s, which is made later", node_name(n),
		                            v->name);
	if (is_hidden(net, value, n->graph))
		return tmo_fail_unsupported(err, "%s cannot use %s: another value has the name, too; "
		                            "give each its own", node_name(n), v->name);
	return 0;
}

int
tmo_net_put_node(struct tmo_net *net, size_t node, size_t place, struct tmo_error *err)
{
	struct tmo_graph *const g = &net->graph[net->node[node].graph];
	size_t *list = g->node;

	if (tmo_net_list_room(g->node_count) == g->node_count) {
		list = tmo_arena_alloc(&net->arena, 2 * g->node_count, sizeof(*list), err);
		if (list == NULL)
			return -1;
		memcpy(list, g->node, place * sizeof(*list));
	}
	memmove(list + place + 1, g->node + place, (g->node_count - place) * sizeof(*list));
	list[place] = node;
	g->node = list;
	g->node_count++;
	return 0;
}

static int
add_user(struct tmo_net *net, size_t value, size_t node, size_t input, struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];

	if (v->user == NULL || tmo_net_list_room(v->user_count) == v->user_count) {
		struct tmo_user *const list = tmo_arena_alloc(
			&net->arena, tmo_net_list_room(v->user_count + 1), sizeof(*list), err);

		if (list == NULL)
			return -1;
		if (v->user_count > 0)
			memcpy(list, v->user, v->user_count * sizeof(*list));
		v->user = list;
	}
	v->user[v->user_count++] = (struct tmo_user){node, input};
	return 0;
}

static void
drop_user(struct tmo_net *net, size_t value, size_t node, size_t input)
{
	struct tmo_value *const v = &net->value[value];
	size_t kept = 0;

	for (size_t i = 0; i < v->user_count; i++)
		if (v->user[i].node != node || v->user[i].input != input)
			v->user[kept++] = v->user[i];
	v->user_count = kept;
}

int
tmo_net_replace_input(struct tmo_net *net, size_t node, size_t i, size_t value, struct tmo_error *err)
{
	struct tmo_node *const n = &net->node[node];
	const size_t old = n->input[i];

	if (value != TMO_NET_NONE && add_user(net, value, node, i, err) < 0)
		return -1;
	if (old != TMO_NET_NONE) {
		/* The new use may be of the same value: it is the last one. */
		if (value == old)
			net->value[old].user_count--;
		else
			drop_user(net, old, node, i);
		for (size_t k = 0; k < n->inner_count; k++)
			if (i < n->inner[k].count && n->inner[k].from[i] == old)
				n->inner[k].from[i] = value;
	}
	n->input[i] = value;
	n->edited = true;
	return 0;
}

/* The node, and all in the graphs in it, use nothing and make nothing any more. */
static void
empty_node(struct tmo_net *net, size_t node)
{
	struct tmo_node *const n = &net->node[node];

	for (size_t i = 0; i < n->input_count; i++)
		if (n->input[i] != TMO_NET_NONE)
			drop_user(net, n->input[i], node, i);
	for (size_t i = 0; i < n->output_count; i++)
		if (n->output[i] != TMO_NET_NONE) {
			net->value[n->output[i]].kind = TMO_VALUE_REMOVED;
			net->value[n->output[i]].maker = TMO_NET_NONE;
			net->value[n->output[i]].redefined = true;
		}
	for (size_t i = 0; i < n->inner_count; i++) {
		const struct tmo_graph *const g = &net->graph[n->inner[i].graph];

		for (size_t k = 0; k < g->node_count; k++)
			empty_node(net, g->node[k]);
	}
	n->input_count = n->output_count = n->attribute_count = n->inner_count = 0;
	n->removed = true;
}

void
tmo_net_take_out(struct tmo_net *net, size_t node)
{
	struct tmo_graph *const g = &net->graph[net->node[node].graph];
	const size_t place = tmo_net_node_place(net, node);

	empty_node(net, node);
	g->node_count--;
	memmove(g->node + place, g->node + place + 1, (g->node_count - place) * sizeof(*g->node));
}
