/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random changes of random networks, with graphs in their nodes: what they compute is what it should be,
 * run in the order that the graphs say; users, makers and names are right after each change.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/edit.h"
#include "tests/unit/check.h"

#define VALUES_MAX 4096
#define PRIME 1000003u

/* The number that each value is, and whether it is known by now. */
struct run {
	const struct tmo_net *net;
	uint64_t number[VALUES_MAX];
	bool known[VALUES_MAX];
};

static void run_graph(struct run *r, size_t graph);

/* Identity, Double, Add of any number of inputs; an If adds up what its graphs give. */
static void
run_node(struct run *r, const struct tmo_node *n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n->input_count; i++) {
		CHECK(r->known[n->input[i]], "%s is used before it is made", r->net->value[n->input[i]].name);
		sum += r->number[n->input[i]];
	}
	for (size_t i = 0; i < n->inner_count; i++) {
		const struct tmo_graph *const g = &r->net->graph[n->inner[i].graph];

		run_graph(r, n->inner[i].graph);
		sum += r->number[g->output[0]];
	}
	if (strcmp(n->type, "Double") == 0)
		sum *= 2;
	r->number[n->output[0]] = sum % PRIME;
	r->known[n->output[0]] = true;
}

static void
run_graph(struct run *r, size_t graph)
{
	const struct tmo_graph *const g = &r->net->graph[graph];

	for (size_t i = 0; i < g->input_count; i++) {
		r->known[g->input[i]] = true;
		r->number[g->input[i]] = 3 + 5 * i;
	}
	for (size_t i = 0; i < g->node_count; i++)
		run_node(r, &r->net->node[g->node[i]]);
	for (size_t i = 0; i < g->output_count; i++)
		CHECK(r->known[g->output[i]], "output %zu of a graph is not made", i);
}

/* What the main graph's outputs are: a number for all of them. */
static uint64_t
result(const struct tmo_net *net)
{
	static struct run r;
	uint64_t all = 0;

	memset(&r, 0, sizeof(r));
	r.net = net;
	run_graph(&r, TMO_NET_MAIN);
	for (size_t i = 0; i < net->graph[TMO_NET_MAIN].output_count; i++)
		all = all * 31 + r.number[net->graph[TMO_NET_MAIN].output[i]];
	return all;
}

/* Each input has a user, each user an input; makers make; names are unique. */
static void
check_net(const struct tmo_net *net)
{
	size_t uses = 0, users = 0;

	for (size_t i = 0; i < net->node_count; i++) {
		const struct tmo_node *const n = &net->node[i];

		uses += n->input_count;
		for (size_t k = 0; k < n->output_count; k++)
			CHECK(net->value[n->output[k]].maker == i && !n->removed, "node %zu is no maker", i);
	}
	for (size_t i = 0; i < net->value_count; i++) {
		const struct tmo_value *const v = &net->value[i];

		users += v->user_count;
		CHECK(v->kind != TMO_VALUE_REMOVED || v->user_count == 0, "%s is gone and used", v->name);
		for (size_t k = 0; k < v->user_count; k++)
			CHECK(net->node[v->user[k].node].input[v->user[k].input] == i, "user %zu of %s", k, v->name);
		for (size_t k = 0; k < i; k++)
			CHECK(strcmp(net->value[k].name, v->name) != 0, "two values %s", v->name);
	}
	CHECK(uses == users, "%zu inputs, %zu users", uses, users);
}

/* ---- networks ---- */

static size_t
new_value(struct tmo_net *net, size_t graph, enum tmo_value_kind kind, struct tmo_error *err)
{
	char name[24];

	snprintf(name, sizeof(name), "v%zu", net->value_count);
	return tmo_net_add_value(net, graph, kind, name, err);
}

/* Any value that a new node of the graph can use. */
static size_t
any_value(const struct tmo_net *net, size_t graph)
{
	for (;;) {
		const size_t value = random_below(net->value_count);
		const struct tmo_value *const v = &net->value[value];

		if (v->kind != TMO_VALUE_REMOVED && (v->graph == graph || v->graph == TMO_NET_MAIN))
			return value;
	}
}

static size_t
new_node(struct tmo_net *net, size_t graph, const char *type, size_t inputs, struct tmo_error *err)
{
	const size_t node = tmo_net_add_node(net, graph, "", type, "", inputs, 1, err);

	for (size_t i = 0; i < inputs; i++)
		net->node[node].input[i] = any_value(net, graph);
	return node;
}

static void
give_output(struct tmo_net *net, size_t node, struct tmo_error *err)
{
	const size_t value = new_value(net, net->node[node].graph, TMO_VALUE_MADE, err);

	net->value[value].maker = node;
	net->value[value].maker_output = 0;
	net->node[node].output[0] = value;
}

static void
give_outputs(struct tmo_net *net, size_t graph, size_t count, struct tmo_error *err)
{
	struct tmo_graph *const g = &net->graph[graph];

	g->output = tmo_arena_alloc(&net->arena, count, sizeof(*g->output), err);
	for (size_t i = 0; i < count; i++)	/* the last ones, which are different */
		g->output[i] = net->value_count - 1 - i;
	g->output_count = count;
}

static void
fill_graph(struct tmo_net *net, size_t graph, size_t nodes, struct tmo_error *err)
{
	for (size_t i = 0; i < nodes; i++) {
		const uint64_t which = random_below(graph == TMO_NET_MAIN ? 4 : 3);
		const size_t node = new_node(net, graph, which == 0 ? "Identity" : which == 1 ? "Double" :
		                             which == 2 ? "Add" : "If", which == 3 ? 0 : 1 + (which == 2), err);

		if (which == 3) {
			const size_t inner = tmo_net_add_graph(net, node, err);

			fill_graph(net, inner, 3, err);
			give_outputs(net, inner, 1, err);
			net->node[node].inner = tmo_arena_alloc(&net->arena, 1, sizeof(struct tmo_inner), err);
			net->node[node].inner[0] = (struct tmo_inner){.graph = inner, .gives_outputs = true};
			net->node[node].inner_count = 1;
		}
		give_output(net, node, err);
	}
}

static struct tmo_net *
random_net(struct tmo_error *err)
{
	struct tmo_net *const net = tmo_net_new(err);
	struct tmo_graph *g;

	tmo_net_add_graph(net, TMO_NET_NONE, err);
	tmo_net_add_opset(net, "", 13, err);
	g = &net->graph[TMO_NET_MAIN];
	g->input = tmo_arena_alloc(&net->arena, 2, sizeof(*g->input), err);
	for (size_t i = 0; i < 2; i++)
		g->input[i] = new_value(net, TMO_NET_MAIN, TMO_VALUE_INPUT, err);
	g->input_count = 2;
	fill_graph(net, TMO_NET_MAIN, 12, err);
	new_node(net, TMO_NET_MAIN, "Add", 2, err);
	give_output(net, net->node_count - 1, err);
	new_node(net, TMO_NET_MAIN, "Double", 1, err);
	give_output(net, net->node_count - 1, err);
	give_outputs(net, TMO_NET_MAIN, 2, err);
	CHECK(tmo_net_finish(net, err) == 0, "%s", err->text);
	return net;
}

/* ---- changes ---- */

static size_t
put(struct tmo_net *net, size_t value, const char *type, struct tmo_error *err)
{
	const size_t node = tmo_net_insert(net, net->value[value].graph, &(struct tmo_new_node){
		.type = type, .since = 1, .input_count = 1, .input = &value, .output_count = 1}, err);

	CHECK(node != TMO_NET_NONE, "%s", err->text);
	return net->node[node].output[0];
}

/* A change that leaves what the outputs are: Identity in front of all that uses a value, or one less. */
static void
change(struct tmo_net *net, struct tmo_error *err)
{
	const size_t value = random_below(net->value_count);
	const struct tmo_value *const v = &net->value[value];
	size_t instead;

	if (v->kind == TMO_VALUE_REMOVED)
		return;
	if (v->maker != TMO_NET_NONE && strcmp(net->node[v->maker].type, "Identity") == 0 &&
	    random_below(3) > 0) {
		CHECK(tmo_net_bypass(net, v->maker, 0, err) == 0, "%s", err->text);
		return;
	}
	if (v->user_count > 0 && random_below(3) == 0) {	/* for one of its users only */
		const struct tmo_user user = v->user[random_below(v->user_count)];

		instead = put(net, value, "Identity", err);
		CHECK(tmo_net_set_input(net, user.node, user.input, instead, err) == 0, "%s", err->text);
		return;
	}
	instead = put(net, value, "Identity", err);
	if (random_below(2) == 0)
		instead = put(net, instead, "Identity", err);
	CHECK(tmo_net_use_instead(net, value, instead, err) == 0, "%s", err->text);
}

static void
check_changes(void)
{
	struct tmo_error err = {0};
	struct tmo_net *const net = random_net(&err);
	const struct tmo_graph *const g = &net->graph[TMO_NET_MAIN];
	const uint64_t wanted = result(net);
	char *const names[] = {strdup(net->value[g->output[0]].name), strdup(net->value[g->output[1]].name)};

	for (int i = 0; i < 40; i++) {
		change(net, &err);
		check_net(net);
		CHECK(result(net) == wanted, "something else is computed after %d changes", i + 1);
	}
	for (int i = 0; i < 2; i++) {
		CHECK(strcmp(names[i], net->value[net->graph[TMO_NET_MAIN].output[i]].name) == 0,
		      "output %d is called otherwise", i);
		free(names[i]);
	}
	tmo_net_free(net);
}

/* Twice as much of an output is twice as much. */
static void
check_doubled(void)
{
	struct tmo_error err = {0};
	struct tmo_net *const net = random_net(&err);
	const size_t last = net->graph[TMO_NET_MAIN].output[0];
	const uint64_t before = result(net);
	size_t doubled;

	doubled = put(net, last, "Double", &err);
	CHECK(tmo_net_use_instead(net, last, doubled, &err) == 0, "%s", err.text);
	check_net(net);
	CHECK(net->graph[TMO_NET_MAIN].output[0] == doubled, "the output is the new value");
	CHECK(result(net) != before, "nothing else is computed");
	CHECK(tmo_net_insert(net, TMO_NET_MAIN, &(struct tmo_new_node){.type = "Gelu", .since = 20}, &err) ==
	      TMO_NET_NONE && err.kind == TMO_ERROR_UNSUPPORTED, "an operator of a newer set is refused");
	CHECK(tmo_net_set_input(net, net->value[last].maker, 0, doubled, &err) < 0, "a circle is refused");
	check_net(net);
	tmo_net_free(net);
}

int
main(void)
{
	for (int i = 0; i < 200; i++)
		check_changes();
	check_doubled();
	return check_status();
}
