/* SPDX-License-Identifier: Apache-2.0 */
/* scope.c: names in graphs, their scopes, and other names for the same values. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/scope.h"

/* Calls fn for every name that the graph itself defines. */
int
tmo_onnx_each_definition(Onnx__GraphProto *g, tmo_onnx_visit *fn, void *arg, struct tmo_error *err)
{
	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, input)
		if ((*v)->name != NULL && fn(arg, &(*v)->name, err) < 0)
			return -1;
	TMO_ONNX_EACH(Onnx__TensorProto, t, g, initializer)
		if ((*t)->name != NULL && fn(arg, &(*t)->name, err) < 0)
			return -1;
	TMO_ONNX_EACH(Onnx__SparseTensorProto, s, g, sparse_initializer)
		if ((*s)->values != NULL && (*s)->values->name != NULL &&
		    fn(arg, &(*s)->values->name, err) < 0)
			return -1;
	TMO_ONNX_EACH(Onnx__NodeProto, n, g, node)
		for (size_t i = 0; i < (*n)->n_output; i++)
			if (fn(arg, &(*n)->output[i], err) < 0)
				return -1;
	return 0;
}

/* Calls fn for every name that the graph itself uses. */
int
tmo_onnx_each_reference(Onnx__GraphProto *g, tmo_onnx_visit *fn, void *arg, struct tmo_error *err)
{
	TMO_ONNX_EACH(Onnx__NodeProto, n, g, node)
		for (size_t i = 0; i < (*n)->n_input; i++)
			if (fn(arg, &(*n)->input[i], err) < 0)
				return -1;
	TMO_ONNX_EACH(Onnx__ValueInfoProto, v, g, output)
		if ((*v)->name != NULL && fn(arg, &(*v)->name, err) < 0)
			return -1;
	TMO_ONNX_EACH(Onnx__TensorAnnotation, a, g, quantization_annotation) {
		if ((*a)->tensor_name != NULL && fn(arg, &(*a)->tensor_name, err) < 0)
			return -1;
		TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, *a, quant_parameter_tensor_names)
			if ((*e)->value != NULL && fn(arg, &(*e)->value, err) < 0)
				return -1;
	}
	return 0;
}

/* Calls fn for every graph in the graph's nodes. */
int
tmo_onnx_each_inner(Onnx__GraphProto *g, int (*fn)(void *arg, Onnx__GraphProto *inner), void *arg)
{
	TMO_ONNX_EACH(Onnx__NodeProto, n, g, node)
		TMO_ONNX_EACH(Onnx__AttributeProto, a, *n, attribute) {
			if ((*a)->g != NULL && fn(arg, (*a)->g) < 0)
				return -1;
			TMO_ONNX_EACH(Onnx__GraphProto, inner, *a, graphs)
				if (fn(arg, *inner) < 0)
					return -1;
		}
	return 0;
}

void
tmo_onnx_free_renames(struct tmo_onnx_renames *r)
{
	for (size_t i = 0; i < r->count; i++)
		free(r->list[i].to);
	free(r->list);
	tmo_string_index_free(&r->from);
}

int
tmo_onnx_add_rename(struct tmo_onnx_renames *r, const char *from, const char *to, struct tmo_error *err)
{
	char *copy;

	if (tmo_grow(&r->list, r->count, &r->room, sizeof(*r->list), err) < 0)
		return -1;
	copy = tmo_copy_string(to, err);
	if (copy == NULL)
		return -1;
	r->list[r->count] = (struct tmo_onnx_rename){ .to = copy };
	return tmo_string_index_set(&r->from, from, r->count++, err);
}

static int
hide(void *arg, char **name, struct tmo_error *err)
{
	struct tmo_onnx_renames *r = arg;
	const size_t i = tmo_string_index_get(&r->from, *name);

	(void)err;
	if (i != SIZE_MAX)
		r->list[i].hidden++;
	return 0;
}

static int
unhide(void *arg, char **name, struct tmo_error *err)
{
	struct tmo_onnx_renames *r = arg;
	const size_t i = tmo_string_index_get(&r->from, *name);

	(void)err;
	if (i != SIZE_MAX)
		r->list[i].hidden--;
	return 0;
}

int
tmo_onnx_rename_one(void *arg, char **name, struct tmo_error *err)
{
	struct tmo_onnx_renames *r = arg;
	const size_t i = tmo_string_index_get(&r->from, *name);

	if (i == SIZE_MAX || r->list[i].hidden > 0)
		return 0;
	return tmo_onnx_replace(name, r->list[i].to, err);
}

/* Renames in an inner graph, where its own names hide outer ones. */
int
tmo_onnx_rename_inner(void *arg, Onnx__GraphProto *g)
{
	const struct tmo_onnx_rename_in *in = arg;

	if (tmo_onnx_each_definition(g, hide, in->renames, in->err) < 0 ||
	    tmo_onnx_each_reference(g, tmo_onnx_rename_one, in->renames, in->err) < 0 ||
	    tmo_onnx_each_inner(g, tmo_onnx_rename_inner, arg) < 0)
		return -1;
	return tmo_onnx_each_definition(g, unhide, in->renames, in->err);
}

int
tmo_onnx_make_identity(Onnx__NodeProto *n, const char *input, struct tmo_error *err)
{
	TMO_ONNX_EACH(Onnx__AttributeProto, a, n, attribute)
		onnx__attribute_proto__free_unpacked(*a, NULL);
	free(n->attribute);
	n->attribute = NULL;
	n->n_attribute = 0;
	n->input = tmo_alloc(1, sizeof(*n->input), err);
	if (n->input == NULL)
		return -1;
	n->input[0] = tmo_copy_string(input, err);
	if (n->input[0] == NULL)
		return -1;
	n->n_input = 1;
	return tmo_onnx_replace(&n->op_type, "Identity", err);
}


int
tmo_onnx_add_identity(Onnx__GraphProto *g, const char *input, const char *output,
                      struct tmo_error *err)
{
	Onnx__NodeProto **list, *n = tmo_alloc(1, sizeof(*n), err);

	if (n == NULL)
		return -1;
	onnx__node_proto__init(n);
	list = realloc(g->node, (g->n_node + 1) * sizeof(*list));
	if (list == NULL) {
		free(n);
		return tmo_fail_memory(err, 0);
	}
	memmove(list + 1, list, g->n_node * sizeof(*list));
	list[0] = n;
	g->node = list;
	g->n_node++;
	n->output = tmo_alloc(1, sizeof(*n->output), err);
	if (n->output == NULL)
		return -1;
	n->n_output = 1;
	n->output[0] = tmo_copy_string(output, err);
	return n->output[0] == NULL ? -1 : tmo_onnx_make_identity(n, input, err);
}
