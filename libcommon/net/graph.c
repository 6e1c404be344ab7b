/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.c: follows a network's initializers through its nodes, in the order of the nodes, which
 * ONNX wants to be one in which they can run.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/string_index.h"
#include "net/graph.h"
#include "net/layer.h"
#include "tensor/axes.h"

#define HIDDEN (SIZE_MAX - 1)	/* a name that means something else than it does further out */

/* A graph, and through it the graphs around it. */
struct scope {
	const struct scope *outer;
	struct tmo_string_index views;		/* name -> view, or HIDDEN */
	struct tmo_string_index constants;	/* name -> constant */
};

struct walk {
	struct tmo_uses *uses;
	size_t *place;			/* of each initializer in uses->use; SIZE_MAX: none yet */
	const Onnx__GraphProto *main;
	const Onnx__ModelProto *model;
	size_t view_count, view_room;
	struct tmo_view *view;
	size_t constant_count, constant_room;
	struct tmo_view_constant *constant;
	struct tmo_error *err;
};

static int walk_graph(struct walk *w, const Onnx__GraphProto *g, const struct scope *outer);

/* The name is, or has in it, this view of an initializer, unless it is known to have it already. */
static int
add_view(struct walk *w, struct scope *s, const char *name, const struct tmo_view *view)
{
	const size_t first = tmo_string_index_get(&s->views, name);
	size_t last = TMO_VIEW_LAST;

	if (first != SIZE_MAX && first != HIDDEN)
		for (size_t i = first; i != TMO_VIEW_LAST; i = w->view[i].next) {
			if (w->view[i].tensor == view->tensor)
				return 0;
			last = i;
		}
	if (tmo_grow(&w->view, w->view_count, &w->view_room, sizeof(*view), w->err) < 0)
		return -1;
	w->view[w->view_count] = *view;
	w->view[w->view_count].next = TMO_VIEW_LAST;
	if (last != TMO_VIEW_LAST)
		w->view[last].next = w->view_count;
	else if (tmo_string_index_set(&s->views, name, w->view_count, w->err) < 0)
		return -1;
	w->view_count++;
	return 0;
}

static int
add_constant(struct walk *w, struct scope *s, const char *name, struct tmo_view_constant constant)
{
	if (tmo_grow(&w->constant, w->constant_count, &w->constant_room, sizeof(*w->constant),
	             w->err) < 0)
		return -1;
	w->constant[w->constant_count] = constant;
	return tmo_string_index_set(&s->constants, name, w->constant_count++, w->err);
}

/* The first view that a name means here; TMO_VIEW_LAST if it is no initializer's. */
static size_t
find_view(const struct scope *s, const char *name)
{
	for (; s != NULL; s = s->outer) {
		const size_t i = tmo_string_index_get(&s->views, name);

		if (i != SIZE_MAX)
			return i == HIDDEN ? TMO_VIEW_LAST : i;
	}
	return TMO_VIEW_LAST;
}

struct lookup {
	const struct walk *walk;
	const struct scope *scope;
};

/* For tmo_view_constants. */
static const struct tmo_view_constant *
find_constant(void *arg, const char *name)
{
	const struct lookup *l = arg;

	for (const struct scope *s = l->scope; s != NULL; s = s->outer) {
		const size_t i = tmo_string_index_get(&s->constants, name);

		if (i != SIZE_MAX)
			return &l->walk->constant[i];
	}
	return NULL;
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
		return tmo_fail(err, "out of memory for %zu names", *count + 1);
	*list = wider;
	wider[*count] = tmo_copy_string(text, err);
	if (wider[*count] == NULL)
		return -1;
	++*count;
	return 0;
}

/* The initializer's entry, made at its first use. */
static struct tmo_use *
use_of(struct walk *w, size_t tensor)
{
	struct tmo_use *use;

	if (w->place[tensor] != SIZE_MAX)
		return &w->uses->use[w->place[tensor]];
	use = &w->uses->use[w->uses->count];
	*use = (struct tmo_use){0};
	use->name = tmo_copy_string(tmo_onnx_text(w->main->initializer[tensor]->name), w->err);
	if (use->name == NULL)
		return NULL;
	w->place[tensor] = w->uses->count++;
	return use;
}

/* Is the node a call of a function that the model itself defines? */
static bool
is_function(const struct walk *w, const Onnx__NodeProto *node)
{
	TMO_ONNX_EACH(Onnx__FunctionProto, f, w->model, functions)
		if (strcmp(tmo_onnx_text((*f)->name), tmo_onnx_text(node->op_type)) == 0 &&
		    strcmp(tmo_onnx_text((*f)->domain), tmo_onnx_text(node->domain)) == 0)
			return true;
	return false;
}

/* The roles of the weight's own axes, given the two that it has as this view. */
static int
set_axes(struct walk *w, struct tmo_use *use, const struct tmo_view *view, int output_axis,
         int input_axis)
{
	const Onnx__TensorProto *const t = w->main->initializer[view->tensor];
	const int output = output_axis >= 0 ? view->axis[output_axis] : -1;
	const int input = input_axis >= 0 ? view->axis[input_axis] : -1;
	size_t shape[TMO_RANK_MAX], count;

	if (output < 0)
		return 0;
	if (tmo_onnx_shape(t, tmo_onnx_type(t), shape, &count, w->err) < 0)
		return tmo_fail_at(w->err, use->name);
	tmo_axes_unknown(&use->axes, (int)t->n_dims, shape);
	for (int i = 0; i < use->axes.count; i++)
		use->axes.part[i].role = i == output ? TMO_ROLE_OUTPUT :
			i == input ? TMO_ROLE_INPUT : TMO_ROLE_WITHIN;
	return 0;
}

/* A node has the view as an input. */
static int
note_use(struct walk *w, const Onnx__NodeProto *node, size_t input, const struct tmo_view *view)
{
	struct tmo_use *use = use_of(w, view->tensor);
	int output_axis = -1, input_axis = -1;

	if (use == NULL ||
	    add_string(&use->ops, &use->op_count, tmo_onnx_text(node->op_type), w->err) < 0 ||
	    add_string(&use->nodes, &use->node_count, tmo_onnx_text(node->name), w->err) < 0)
		return -1;
	if (use->weight)
		return 0;	/* the first layer decides */
	if (tmo_layer_weight(node, input, view, &output_axis, &input_axis)) {
		use->weight = true;
		return set_axes(w, use, view, output_axis, input_axis);
	} else if (view->is_float && view->rank >= 2 && is_function(w, node)) {
		use->weight = true;	/* of some layer inside the function, most likely */
	}
	return 0;
}

/* What of the node's input goes into its outputs. */
static int
pass_views(struct walk *w, struct scope *s, const Onnx__NodeProto *node, size_t input)
{
	struct lookup lookup = { w, s };
	const struct tmo_view_constants constants = { find_constant, &lookup };
	size_t i = find_view(s, node->input[input]), outputs;
	struct tmo_view out;

	for (; i != TMO_VIEW_LAST; i = w->view[i].next) {
		if (!tmo_view_through(node, input, &w->view[i], &constants, &out, &outputs))
			return 0;
		for (size_t k = 0; k < outputs; k++)
			if (add_view(w, s, node->output[k], &out) < 0)
				return -1;
	}
	return 0;
}

/* Names that the node makes: views, constants, or something else that hides outer ones. */
static int
add_outputs(struct walk *w, struct scope *s, const Onnx__NodeProto *node)
{
	const Onnx__AttributeProto *value;
	struct tmo_view_constant constant = {0};

	for (size_t i = 0; i < node->n_output; i++)
		if (s->outer != NULL && tmo_string_index_set(&s->views, node->output[i], HIDDEN,
		                                      w->err) < 0)
			return -1;
	if (tmo_onnx_is(node, "Constant") && node->n_output > 0) {
		value = tmo_onnx_attribute(node, "value");
		constant.tensor = value != NULL ? value->t : NULL;
		constant.integers = tmo_onnx_attribute(node, "value_ints");
		return add_constant(w, s, node->output[0], constant);
	}
	for (size_t i = 0; i < node->n_input; i++)
		if (pass_views(w, s, node, i) < 0)
			return -1;
	return 0;
}

static int
walk_node(struct walk *w, struct scope *s, const Onnx__NodeProto *node)
{
	for (size_t i = 0; i < node->n_input; i++)
		for (size_t v = find_view(s, node->input[i]); v != TMO_VIEW_LAST;
		     v = w->view[v].next)
			if (note_use(w, node, i, &w->view[v]) < 0)
				return -1;
	TMO_ONNX_EACH(Onnx__AttributeProto, a, node, attribute) {
		if ((*a)->g != NULL && walk_graph(w, (*a)->g, s) < 0)
			return -1;
		TMO_ONNX_EACH(Onnx__GraphProto, inner, *a, graphs)
			if (walk_graph(w, *inner, s) < 0)
				return -1;
	}
	return add_outputs(w, s, node);
}

/* The names that a graph begins with. Only the main graph's initializers are in the stream. */
static int
add_names(struct walk *w, struct scope *s, const Onnx__GraphProto *g)
{
	struct tmo_view view;

	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, input)
		if (s->outer != NULL && tmo_string_index_set(&s->views, tmo_onnx_text((*v)->name), HIDDEN,
		                                      w->err) < 0)
			return -1;
	for (size_t i = 0; i < g->n_initializer; i++) {
		const char *name = tmo_onnx_text(g->initializer[i]->name);

		if (add_constant(w, s, name, (struct tmo_view_constant){
			.tensor = g->initializer[i] }) < 0)
			return -1;
		if (s->outer != NULL) {
			if (tmo_string_index_set(&s->views, name, HIDDEN, w->err) < 0)
				return -1;
		} else if (tmo_view_initializer(&view, i, g->initializer[i], w->err) < 0 ||
		           add_view(w, s, name, &view) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
walk_graph(struct walk *w, const Onnx__GraphProto *g, const struct scope *outer)
{
	struct scope s = { .outer = outer };
	int status = add_names(w, &s, g);

	for (size_t i = 0; i < g->n_node && status == 0; i++)
		status = walk_node(w, &s, g->node[i]);
	tmo_string_index_free(&s.views);
	tmo_string_index_free(&s.constants);
	return status;
}

int
tmo_graph_uses(const void *onnx, size_t size, struct tmo_uses *uses, struct tmo_error *err)
{
	Onnx__ModelProto *model = tmo_onnx_unpack(onnx, size, err);
	struct walk w = { .uses = uses, .model = model, .err = err };
	size_t n;
	int status = -1;

	*uses = (struct tmo_uses){0};
	if (model == NULL)
		return -1;
	w.main = model->graph;
	n = w.main->n_initializer;
	uses->use = tmo_alloc(n, sizeof(*uses->use), err);
	w.place = tmo_alloc(n, sizeof(*w.place), err);
	if (uses->use == NULL || w.place == NULL)
		goto out;
	for (size_t i = 0; i < n; i++)
		w.place[i] = SIZE_MAX;
	if (walk_graph(&w, w.main, NULL) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)		/* those that nothing uses come last */
		if (use_of(&w, i) == NULL)
			goto out;
	status = tmo_uses_index(uses, err);
out:
	if (status < 0)
		tmo_uses_free(uses);
	free(w.place);
	free(w.view);
	free(w.constant);
	tmo_onnx_free(model);
	return status;
}
