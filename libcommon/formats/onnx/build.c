/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/build.h"
#include "formats/onnx/scope.h"

struct collecting {
	struct tmo_string_index *names;
	struct tmo_error *err;
};

static int
note_name(void *arg, char **name, struct tmo_error *err)
{
	return tmo_string_index_set(arg, *name, 1, err);
}

static int
note_graph(void *arg, Onnx__GraphProto *g)
{
	struct collecting *c = arg;

	if (tmo_onnx_each_definition(g, note_name, c->names, c->err) < 0 ||
	    tmo_onnx_each_reference(g, note_name, c->names, c->err) < 0)
		return -1;
	return tmo_onnx_each_inner(g, note_graph, c);
}

int
tmo_onnx_all_names(const Onnx__ModelProto *model, struct tmo_string_index *names, struct tmo_error *err)
{
	struct collecting c = { names, err };

	if (note_graph(&c, model->graph) < 0)
		return -1;
	TMO_ONNX_EACH(Onnx__FunctionProto, f, model, functions) {
		Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;

		g.node = (*f)->node;
		g.n_node = (*f)->n_node;
		for (size_t i = 0; i < (*f)->n_input; i++)
			if (tmo_string_index_set(names, (*f)->input[i], 1, err) < 0)
				return -1;
		if (note_graph(&c, &g) < 0)
			return -1;
	}
	return 0;
}

char *
tmo_onnx_fresh(struct tmo_string_index *names, const char *base, const char *suffix,
               struct tmo_error *err)
{
	const size_t room = strlen(base) + strlen(suffix) + 24;
	char *fresh = tmo_alloc(room, 1, err);

	if (fresh == NULL)
		return NULL;
	snprintf(fresh, room, "%s%s", base, suffix);
	for (size_t i = 1; tmo_string_index_get(names, fresh) != SIZE_MAX; i++)
		snprintf(fresh, room, "%s%s_%zu", base, suffix, i);
	if (tmo_string_index_set(names, fresh, 1, err) < 0) {
		free(fresh);
		return NULL;
	}
	return fresh;
}

int
tmo_onnx_nodes_add(struct tmo_onnx_nodes *list, Onnx__NodeProto *n, struct tmo_error *err)
{
	if (n == NULL)
		return -1;
	if (tmo_grow(&list->node, list->count, &list->room, sizeof(Onnx__NodeProto *), err) < 0) {
		onnx__node_proto__free_unpacked(n, NULL);
		return -1;
	}
	list->node[list->count++] = n;
	return 0;
}

void
tmo_onnx_nodes_free(struct tmo_onnx_nodes *list)
{
	for (size_t i = 0; i < list->count; i++)
		onnx__node_proto__free_unpacked(list->node[i], NULL);
	free(list->node);
	*list = (struct tmo_onnx_nodes){0};
}

Onnx__NodeProto *
tmo_onnx_node(const char *op, const char *output, struct tmo_error *err)
{
	Onnx__NodeProto *n = tmo_alloc(1, sizeof(*n), err);

	if (n == NULL)
		return NULL;
	onnx__node_proto__init(n);
	n->output = tmo_alloc(1, sizeof(*n->output), err);
	if (n->output == NULL)
		goto fail;
	n->output[0] = tmo_copy_string(output, err);
	if (n->output[0] == NULL)
		goto fail;
	n->n_output = 1;
	n->op_type = tmo_copy_string(op, err);
	if (n->op_type != NULL)
		return n;
fail:
	onnx__node_proto__free_unpacked(n, NULL);
	return NULL;
}

int
tmo_onnx_add_input(Onnx__NodeProto *n, const char *name, struct tmo_error *err)
{
	char **list = realloc(n->input, (n->n_input + 1) * sizeof(*list));

	if (list == NULL)
		return tmo_fail_memory(err, 0);
	n->input = list;
	list[n->n_input] = tmo_copy_string(name, err);
	if (list[n->n_input] == NULL)
		return -1;
	n->n_input++;
	return 0;
}

void
tmo_onnx_drop_attribute(Onnx__NodeProto *n, const char *name)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n_attribute; i++)
		if (strcmp(tmo_onnx_text(n->attribute[i]->name), name) == 0)
			onnx__attribute_proto__free_unpacked(n->attribute[i], NULL);
		else
			n->attribute[kept++] = n->attribute[i];
	n->n_attribute = kept;
}

/* A new attribute of this name, in place of an old one. */
static Onnx__AttributeProto *
fresh_attribute(Onnx__NodeProto *n, const char *name, Onnx__AttributeProto__AttributeType type,
                struct tmo_error *err)
{
	Onnx__AttributeProto **list, *a;

	tmo_onnx_drop_attribute(n, name);
	list = realloc(n->attribute, (n->n_attribute + 1) * sizeof(*list));
	if (list == NULL) {
		tmo_fail_memory(err, 0);
		return NULL;
	}
	n->attribute = list;
	a = tmo_alloc(1, sizeof(*a), err);
	if (a == NULL)
		return NULL;
	onnx__attribute_proto__init(a);
	list[n->n_attribute++] = a;
	a->has_type = true;
	a->type = type;
	a->name = tmo_copy_string(name, err);
	return a->name == NULL ? NULL : a;
}

int
tmo_onnx_set_int(Onnx__NodeProto *n, const char *name, int64_t value, struct tmo_error *err)
{
	Onnx__AttributeProto *a = fresh_attribute(n, name,
	                                          ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT, err);

	if (a == NULL)
		return -1;
	a->has_i = true;
	a->i = value;
	return 0;
}

int
tmo_onnx_set_text(Onnx__NodeProto *n, const char *name, const char *value, struct tmo_error *err)
{
	Onnx__AttributeProto *a = fresh_attribute(
		n, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING, err);

	if (a == NULL)
		return -1;
	a->s.data = (uint8_t *)tmo_copy_string(value, err);
	if (a->s.data == NULL)
		return -1;
	a->s.len = strlen(value);
	a->has_s = true;
	return 0;
}

Onnx__TensorProto *
tmo_onnx_raw_tensor(const char *name, int32_t type, size_t rank, const int64_t *dims,
                    const void *data, size_t bytes, struct tmo_error *err)
{
	Onnx__TensorProto *t = tmo_alloc(1, sizeof(*t), err);

	if (t == NULL)
		return NULL;
	onnx__tensor_proto__init(t);
	t->has_data_type = true;
	t->data_type = type;
	t->name = tmo_copy_string(name, err);
	t->dims = tmo_alloc(rank, sizeof(*t->dims), err);
	if (data != NULL)
		t->raw_data.data = tmo_alloc(bytes, 1, err);
	if (t->name == NULL || t->dims == NULL || (data != NULL && t->raw_data.data == NULL)) {
		onnx__tensor_proto__free_unpacked(t, NULL);
		return NULL;
	}
	t->n_dims = rank;
	if (rank > 0)
		memcpy(t->dims, dims, rank * sizeof(*dims));
	if (data == NULL)
		return t;
	memcpy(t->raw_data.data, data, bytes);
	t->raw_data.len = bytes;
	t->has_raw_data = true;
	return t;
}

Onnx__NodeProto *
tmo_onnx_constant(const char *output, int32_t type, const void *values, size_t count, bool scalar,
                  struct tmo_error *err)
{
	const size_t size = type == ONNX__TENSOR_PROTO__DATA_TYPE__INT64 ? 8 : 4;
	const int64_t dims = (int64_t)count;
	Onnx__NodeProto *n = tmo_onnx_node("Constant", output, err);
	Onnx__AttributeProto *a = n == NULL ? NULL : fresh_attribute(
		n, "value", ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR, err);

	if (a != NULL)
		a->t = tmo_onnx_raw_tensor("", type, scalar ? 0 : 1, &dims, values, count * size, err);
	if (a != NULL && a->t != NULL)
		return n;
	if (n != NULL)
		onnx__node_proto__free_unpacked(n, NULL);
	return NULL;
}
