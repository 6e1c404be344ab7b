/* SPDX-License-Identifier: Apache-2.0 */
/* hoist.c: moves Constants and inner graphs' initializers to the main graph, by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/hoist.h"
#include "formats/onnx/scope.h"
#include "tensor/tensor.h"

#define IR_VERSION_MIN 4	/* from here on initializers need not be inputs */

struct lift {
	struct tmo_string_index names;		/* every name of the model -> how often it is defined */
	const struct tmo_onnx_choice *choice;
	size_t moved_count, moved_room;
	Onnx__TensorProto **moved;
	struct tmo_error *err;
};

/* What happens to one graph: its outputs, which need a node that makes them, and its renames. */
struct scope {
	Onnx__GraphProto *graph;
	struct tmo_string_index outputs, gone;	/* gone: names that are not this graph's any more */
	struct tmo_onnx_renames renames;
};

int
tmo_onnx_stays(const Onnx__TensorProto *t, const char *name, bool *stays, struct tmo_error *err)
{
	const enum tmo_type type = tmo_onnx_type(t);
	size_t shape[TMO_RANK_MAX], count;

	*stays = true;
	if (type == TMO_NONE || name[0] == '\0' || t->n_dims > TMO_RANK_MAX || t->segment != NULL)
		return 0;
	if (tmo_onnx_shape(t, type, shape, &count, err) < 0)
		return tmo_fail_at(err, name);
	if (count > 0)
		*stays = (!tmo_type_is_float(type) || t->n_dims < 2) &&
		         count * tmo_type_size(type) < TMO_ONNX_STAYS_BYTES;
	return 0;
}

/* The same, for what is to be moved: what was not chosen stays, too. */
static int
stays_here(const struct lift *l, const Onnx__TensorProto *t, const char *name, bool *stays)
{
	if (l->choice == NULL || l->choice->takes(l->choice->arg, t))
		return tmo_onnx_stays(t, name, stays, l->err);
	*stays = true;
	return 0;
}

static int
count_definition(void *arg, char **name, struct tmo_error *err)
{
	struct lift *l = arg;
	const size_t before = tmo_string_index_get(&l->names, *name);

	return tmo_string_index_set(&l->names, *name, before == SIZE_MAX ? 1 : before + 1, err);
}

static int
note_reference(void *arg, char **name, struct tmo_error *err)
{
	struct lift *l = arg;

	if (tmo_string_index_get(&l->names, *name) != SIZE_MAX)
		return 0;
	return tmo_string_index_set(&l->names, *name, 0, err);
}

static int
collect_names(void *arg, Onnx__GraphProto *g)
{
	struct lift *l = arg;

	if (tmo_onnx_each_definition(g, count_definition, l, l->err) < 0 ||
	    tmo_onnx_each_reference(g, note_reference, l, l->err) < 0)
		return -1;
	return tmo_onnx_each_inner(g, collect_names, l);
}

/* A name like `name` that the model has nowhere. */
static char *
fresh_name(struct lift *l, const char *name)
{
	const size_t room = strlen(name) + 24;
	char *fresh = tmo_alloc(room, 1, l->err);

	if (fresh == NULL)
		return NULL;
	for (size_t i = 1; i == 1 || tmo_string_index_get(&l->names, fresh) != SIZE_MAX; i++)
		snprintf(fresh, room, "%s_%zu", name, i);
	if (tmo_string_index_set(&l->names, fresh, 1, l->err) < 0) {
		free(fresh);
		return NULL;
	}
	return fresh;
}

/* The name that t gets in the main graph, where it cannot keep its own; owned. */
static char *
new_name(struct lift *l, const Onnx__TensorProto *t, const char *name)
{
	const char *chosen = l->choice != NULL ? l->choice->name(l->choice->arg, t) : NULL;

	if (chosen == NULL || tmo_string_index_get(&l->names, chosen) != SIZE_MAX)
		return fresh_name(l, name);
	return tmo_string_index_set(&l->names, chosen, 1, l->err) < 0 ? NULL :
	       tmo_copy_string(chosen, l->err);
}

/* The initializer joins those that move to the main graph, under this name. */
static int
keep_moved(struct lift *l, Onnx__TensorProto *t, const char *name)
{
	if (tmo_grow(&l->moved, l->moved_count, &l->moved_room, sizeof(Onnx__TensorProto *),
	             l->err) < 0 ||
	    tmo_onnx_replace(&t->name, name, l->err) < 0)
		return -1;
	l->moved[l->moved_count++] = t;
	return 0;
}

/*
 * Takes over t, which the scope knows as `name`. *identity is set to its new name if a node must go
 * on making the old one.
 */
static int
move(struct lift *l, struct scope *s, Onnx__TensorProto *t, const char *name, char **identity)
{
	const bool is_output = tmo_string_index_get(&s->outputs, name) != SIZE_MAX;
	char *fresh = NULL;
	int status = -1;

	*identity = NULL;
	if ((is_output || tmo_string_index_get(&l->names, name) > 1) &&
	    (fresh = new_name(l, t, name)) == NULL)
		return -1;
	if (!is_output && tmo_string_index_set(&s->gone, name, 1, l->err) < 0)
		goto out;
	if (!is_output && fresh != NULL && tmo_onnx_add_rename(&s->renames, name, fresh, l->err) < 0)
		goto out;
	if (keep_moved(l, t, fresh != NULL ? fresh : name) < 0)
		goto out;
	if (is_output) {
		*identity = fresh;
		fresh = NULL;
	}
	status = 0;
out:
	free(fresh);
	return status;
}

/* A Constant that would not stay leaves the graph; *gone if its node does too. */
static int
lift_constant(struct lift *l, struct scope *s, Onnx__NodeProto *n, bool *gone)
{
	Onnx__AttributeProto *a = tmo_onnx_attribute(n, "value");
	Onnx__TensorProto *t;
	char *identity;
	bool stays;
	int status = 0;

	*gone = false;
	if (a == NULL || a->t == NULL || n->n_output != 1 || n->n_input != 0)
		return 0;
	if (stays_here(l, a->t, n->output[0], &stays) < 0)
		return -1;
	if (stays)
		return 0;
	t = a->t;
	if (move(l, s, t, n->output[0], &identity) < 0)
		return -1;
	a->t = NULL;
	*gone = identity == NULL;
	if (!*gone)
		status = tmo_onnx_make_identity(n, identity, l->err);
	free(identity);
	return status;
}

/* Takes the initializers that would not stay out of an inner graph. */
static int
lift_initializers(struct lift *l, struct scope *s)
{
	Onnx__GraphProto *g = s->graph;
	struct tmo_string_index inputs = {0};
	size_t kept = 0, i;
	int status = 0;

	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, input)
		if (status == 0)
			status = tmo_string_index_set(&inputs, tmo_onnx_text((*v)->name), 1, l->err);
	for (i = 0; i < g->n_initializer && status == 0; i++) {
		Onnx__TensorProto *t = g->initializer[i];
		const char *name = tmo_onnx_text(t->name);
		char *identity = NULL, *old;
		bool stays;

		status = stays_here(l, t, name, &stays);
		/* The default of an input stays: the input has its name. */
		if (status < 0 || stays || tmo_string_index_get(&inputs, name) != SIZE_MAX) {
			g->initializer[kept++] = t;
			continue;
		}
		old = tmo_copy_string(name, l->err);
		status = old == NULL ? -1 : move(l, s, t, old, &identity);
		if (status < 0)
			g->initializer[kept++] = t;
		else if (identity != NULL)
			status = tmo_onnx_add_identity(g, identity, old, l->err);
		free(identity);
		free(old);
	}
	while (i < g->n_initializer)
		g->initializer[kept++] = g->initializer[i++];
	g->n_initializer = kept;
	tmo_string_index_free(&inputs);
	return status;
}

/* Types of values that moved are not this graph's to say. */
static void
drop_value_info(struct scope *s)
{
	Onnx__GraphProto *g = s->graph;
	size_t kept = 0;

	for (size_t i = 0; i < g->n_value_info; i++) {
		Onnx__ValueInfoProto *v = g->value_info[i];

		if (tmo_string_index_get(&s->gone, tmo_onnx_text(v->name)) != SIZE_MAX)
			onnx__value_info_proto__free_unpacked(v, NULL);
		else
			g->value_info[kept++] = v;
	}
	g->n_value_info = kept;
}

static int lift_inner(void *arg, Onnx__GraphProto *g);

static int
lift_nodes(struct lift *l, struct scope *s)
{
	Onnx__GraphProto *g = s->graph;
	size_t kept = 0, i;
	int status = 0;

	for (i = 0; i < g->n_node && status == 0; i++) {
		bool gone = false;

		if (tmo_onnx_is(g->node[i], "Constant"))
			status = lift_constant(l, s, g->node[i], &gone);
		if (gone)
			onnx__node_proto__free_unpacked(g->node[i], NULL);
		else
			g->node[kept++] = g->node[i];
	}
	while (i < g->n_node)
		g->node[kept++] = g->node[i++];
	g->n_node = kept;
	return status;
}

static int
lift_graph(struct lift *l, Onnx__GraphProto *g, bool inner)
{
	struct scope s = { .graph = g };
	struct tmo_onnx_rename_in in = { &s.renames, l->err };
	int status = -1;

	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, output)
		if (tmo_string_index_set(&s.outputs, tmo_onnx_text((*v)->name), 1, l->err) < 0)
			goto out;
	if (tmo_onnx_each_inner(g, lift_inner, l) < 0 ||
	    (inner && lift_initializers(l, &s) < 0) || lift_nodes(l, &s) < 0)
		goto out;
	drop_value_info(&s);
	if (s.renames.count > 0 &&
	    (tmo_onnx_each_reference(g, tmo_onnx_rename_one, &s.renames, l->err) < 0 ||
	    tmo_onnx_each_inner(g, tmo_onnx_rename_inner, &in) < 0))
		goto out;
	status = 0;
out:
	tmo_string_index_free(&s.outputs);
	tmo_string_index_free(&s.gone);
	tmo_onnx_free_renames(&s.renames);
	return status;
}

static int
lift_inner(void *arg, Onnx__GraphProto *g)
{
	return lift_graph(arg, g, true);
}

int
tmo_onnx_lift(Onnx__GraphProto *graph, const struct tmo_onnx_choice *choice, struct tmo_error *err)
{
	struct lift l = { .choice = choice, .err = err };
	size_t room, done = 0;
	void *list;
	int status = -1;

	if (collect_names(&l, graph) < 0 || lift_graph(&l, graph, false) < 0)
		goto out;
	if (l.moved_count > 0) {
		room = (graph->n_initializer + l.moved_count) * sizeof(Onnx__TensorProto *);
		list = realloc(graph->initializer, room);
		if (list == NULL) {
			tmo_fail_memory(err, 0);
			goto out;
		}
		graph->initializer = list;
		for (; done < l.moved_count; done++)
			graph->initializer[graph->n_initializer++] = l.moved[done];
	}
	status = 0;
out:
	for (; done < l.moved_count; done++)
		onnx__tensor_proto__free_unpacked(l.moved[done], NULL);
	free(l.moved);
	tmo_string_index_free(&l.names);
	return status;
}

int
tmo_onnx_raise_version(Onnx__ModelProto *model, struct tmo_error *err)
{
	Onnx__GraphProto *g = model->graph;
	struct tmo_string_index names = {0};
	size_t kept = 0;

	if (model->has_ir_version && model->ir_version >= IR_VERSION_MIN)
		return 0;
	model->has_ir_version = true;
	model->ir_version = IR_VERSION_MIN;
	TMO_ONNX_EACH(Onnx__TensorProto, t, g, initializer)
		if (tmo_string_index_set(&names, tmo_onnx_text((*t)->name), 1, err) < 0) {
			tmo_string_index_free(&names);
			return -1;
		}
	for (size_t i = 0; i < g->n_input; i++) {
		if (tmo_string_index_get(&names, tmo_onnx_text(g->input[i]->name)) != SIZE_MAX)
			onnx__value_info_proto__free_unpacked(g->input[i], NULL);
		else
			g->input[kept++] = g->input[i];
	}
	g->n_input = kept;
	tmo_string_index_free(&names);
	return 0;
}
