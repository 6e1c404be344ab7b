/* SPDX-License-Identifier: Apache-2.0 */
/* network_contents.c: what a network adds: operators, uses, and weights that stay in the graph. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string_index.h"
#include "contents.h"

/* Is it a weight, such as a bias, or numbers that shape the network, as those of a Reshape? */
static bool
is_weight(const struct tmo_value *v)
{
	return tmo_type_is_float(v->type);
}

/* A value of the main graph's that has its data in the graph. */
static int
add_small(struct info_contents *c, const struct tmo_value *v, struct tmo_error *err)
{
	const uint64_t bytes = (uint64_t)v->data->count * tmo_type_size(v->type);
	struct info_tensor *t;

	if (!is_weight(v)) {
		c->constants++;
		c->constant_bytes += bytes;
		return 0;
	}
	t = info_add_tensor(c, v->name, err);
	if (t == NULL)
		return -1;
	snprintf(t->type, sizeof(t->type), "%s", tmo_type_name(v->type));
	snprintf(t->stored, sizeof(t->stored), "graph");
	t->rank = v->rank;
	for (int i = 0; i < v->rank; i++)
		t->shape[i] = v->dim[i].size;
	t->elements = v->data->count;
	t->bytes = bytes;
	t->in_graph = true;
	info_count_tensor(c);
	return 0;
}

static int
add_smalls(struct info_contents *c, const struct tmo_string_index *known, struct tmo_error *err)
{
	for (size_t i = 0; i < c->net->value_count; i++) {
		const struct tmo_value *const v = &c->net->value[i];

		if (tmo_value_is_held(v) && v->graph == TMO_NET_MAIN && v->data != NULL &&
		    v->type != TMO_NONE && v->rank >= 0 &&
		    tmo_string_index_get(known, v->name) == SIZE_MAX && add_small(c, v, err) < 0)
			return -1;
	}
	return 0;
}

int
info_add_network(struct info_contents *c, struct tmo_net *net, struct tmo_error *err)
{
	struct tmo_string_index known = { 0 };
	int status = 0;

	c->net = net;
	for (size_t i = 0; i < c->tensor_count && status == 0; i++)
		status = tmo_string_index_set(&known, c->tensor[i].name, i, err);
	if (status == 0)
		status = tmo_net_uses(net, &c->uses, err);
	if (status == 0)
		status = tmo_uses_index(&c->uses, err);
	if (status == 0)
		status = add_smalls(c, &known, err);
	tmo_string_index_free(&known);
	return status;
}

static int
by_count(const void *a, const void *b)
{
	const struct info_operator *const x = a, *const y = b;

	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* One more node of that operator; places has where each is in c->operator. */
static int
count_one(struct info_contents *c, struct tmo_string_index *places, const struct tmo_node *node,
          struct tmo_error *err)
{
	char name[256];
	size_t place;

	snprintf(name, sizeof(name), "%s%s%s", node->domain, node->domain[0] != '\0' ? ":" : "", node->type);
	place = tmo_string_index_get(places, name);
	if (place == SIZE_MAX) {
		place = c->operator_count;
		if (tmo_grow(&c->operator, place, &c->operator_room, sizeof(*c->operator), err) < 0)
			return -1;
		c->operator[place] = (struct info_operator){ .name = tmo_copy_string(name, err) };
		if (c->operator[place].name == NULL)
			return -1;
		c->operator_count++;
		if (tmo_string_index_set(places, name, place, err) < 0)
			return -1;
	}
	c->operator[place].count++;
	return 0;
}

int
info_count_operators(struct info_contents *c, const struct tmo_net *net, struct tmo_error *err)
{
	struct tmo_string_index places = { 0 };
	int status = 0;

	c->node_count = net->node_count;
	for (size_t i = 0; i < net->node_count && status == 0; i++)
		status = count_one(c, &places, &net->node[i], err);
	tmo_string_index_free(&places);
	if (c->operator_count > 0)
		qsort(c->operator, c->operator_count, sizeof(*c->operator), by_count);
	return status;
}
