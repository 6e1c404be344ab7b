/* SPDX-License-Identifier: Apache-2.0 */
/* edit_constants.c: what a network holds, changed, new, or gone. */
#include <string.h>

#include "net/edit_rules.h"

static int
set_shape(struct tmo_net *net, size_t value, enum tmo_type type, int rank, const size_t *shape,
          struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];
	bool same = v->type == type && v->rank == rank;

	for (int i = 0; i < rank && same; i++)
		same = v->dim[i].size == shape[i];
	if (same)
		return 0;
	v->dim = tmo_arena_alloc(&net->arena, (size_t)rank, sizeof(*v->dim), err);
	if (v->dim == NULL)
		return -1;
	for (int i = 0; i < rank; i++)
		v->dim[i].size = shape[i];
	v->rank = rank;
	v->type = type;
	v->redefined = true;
	return 0;
}

/* What holds the value is written anew. */
static void
note_change(struct tmo_net *net, size_t value)
{
	struct tmo_value *const v = &net->value[value];

	v->edited = true;
	if (v->maker != TMO_NET_NONE)
		net->node[v->maker].edited = true;
}

size_t
tmo_net_add_constant(struct tmo_net *net, size_t graph, const char *name, struct tmo_array *data,
                     struct tmo_error *err)
{
	size_t value;

	if (tmo_net_may_edit(net, graph, err) < 0)
		return TMO_NET_NONE;
	value = tmo_net_new_value(net, graph,
	                          graph == TMO_NET_MAIN ? TMO_VALUE_WEIGHT : TMO_VALUE_CONSTANT, name, err);
	if (value == TMO_NET_NONE ||
	    set_shape(net, value, data->type, data->rank, data->shape, err) < 0 ||
	    tmo_net_hold(net, value, data, err) < 0)
		return TMO_NET_NONE;
	net->value[value].edited = true;
	return value;
}

size_t
tmo_net_add_weight(struct tmo_net *net, const char *name, enum tmo_type type, int rank,
                   const size_t *shape, struct tmo_error *err)
{
	const char *const free_name = tmo_net_new_name(net, name, err);
	size_t value;

	if (free_name == NULL)
		return TMO_NET_NONE;
	if (strcmp(free_name, name) != 0) {
		tmo_fail(err, "the network has a value %s already", name);
		return TMO_NET_NONE;
	}
	value = tmo_net_new_value(net, TMO_NET_MAIN, TMO_VALUE_WEIGHT, name, err);
	if (value == TMO_NET_NONE || set_shape(net, value, type, rank, shape, err) < 0)
		return TMO_NET_NONE;
	net->value[value].edited = true;
	return value;
}

int
tmo_net_set_data(struct tmo_net *net, size_t value, struct tmo_array *data, struct tmo_error *err)
{
	const struct tmo_value *const v = &net->value[value];

	if (tmo_net_may_edit(net, v->graph, err) < 0)
		return -1;
	if (!tmo_value_is_held(v) || (v->data == NULL && v->kind == TMO_VALUE_CONSTANT))
		return tmo_fail_unsupported(err, "%s is no constant whose form is known", v->name);
	if (set_shape(net, value, data->type, data->rank, data->shape, err) < 0 ||
	    tmo_net_hold(net, value, data, err) < 0)
		return -1;
	note_change(net, value);
	return 0;
}

int
tmo_net_move_to_stream(struct tmo_net *net, size_t value, enum tmo_type type, int rank,
                       const size_t *shape, struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];

	if (v->kind != TMO_VALUE_WEIGHT)
		return tmo_fail_unsupported(err, "%s is no initializer of the main graph; its data cannot "
		                            "be the stream's", v->name);
	if (set_shape(net, value, type, rank, shape, err) < 0)
		return -1;
	if (v->data != NULL)
		tmo_array_free(v->data);
	v->data = NULL;
	note_change(net, value);
	return 0;
}

int
tmo_net_remove_value(struct tmo_net *net, size_t value, struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];

	if (tmo_net_may_edit(net, v->graph, err) < 0)
		return -1;
	if (!tmo_value_is_held(v) || tmo_net_is_used(net, value))
		return tmo_fail_unsupported(err, "%s is used, or no constant", v->name);
	if (v->maker != TMO_NET_NONE)
		return tmo_net_remove_node(net, v->maker, err);
	v->kind = TMO_VALUE_REMOVED;
	v->redefined = true;
	return 0;
}
