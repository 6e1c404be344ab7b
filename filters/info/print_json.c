/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/json_text.h"
#include "print.h"
#include "stream/member_name.h"

/* What could not be made, for memory was out, is NULL; setting that fails, and `failed` says so in the end. */
struct maker {
	bool failed;
};

static void
set(struct maker *m, json_t *object, const char *key, json_t *value)
{
	m->failed |= json_object_set_new(object, key, value) < 0;
}

static void
append(struct maker *m, json_t *list, json_t *value)
{
	m->failed |= json_array_append_new(list, value) < 0;
}

static json_t *
integer(uint64_t n)
{
	return json_integer((json_int_t)n);
}

/* Any bytes as JSON's text. */
static json_t *
text_of(const char *bytes)
{
	struct tmo_error ignored = { 0 };
	char *const shown = tmo_name_shown(bytes, &ignored);
	json_t *const text = shown != NULL ? json_string(shown) : NULL;

	free(shown);
	return text;
}

static json_t *
sizes(struct maker *m, const size_t *size, int count)
{
	json_t *const list = json_array();

	for (int i = 0; i < count; i++)
		append(m, list, integer(size[i]));
	return list;
}

/* A scalar that stood without quotes is a number or a truth value if it can be read as one. */
static json_t *
scalar(const struct tmo_yaml *node)
{
	json_t *value = NULL;

	if (!node->quoted && tmo_yaml_is_special(node->text))
		value = json_loads(node->text, JSON_DECODE_ANY, NULL);
	return value != NULL ? value : text_of(node->text);
}

/* Nesting is bounded where YAML is read. */
static json_t *
from_yaml(struct maker *m, const struct tmo_yaml *node)
{
	json_t *value;

	if (node->kind == TMO_YAML_SCALAR)
		return scalar(node);
	value = node->kind == TMO_YAML_MAP ? json_object() : json_array();
	for (const struct tmo_yaml *item = node->first; item != NULL; item = item->next) {
		if (node->kind == TMO_YAML_MAP)
			set(m, value, item->key, from_yaml(m, item));
		else
			append(m, value, from_yaml(m, item));
	}
	return value;
}

static void
set_form(struct maker *m, json_t *o, const struct info_tensor *t)
{
	static const char *const granularity[] = {
		[TMO_PER_TENSOR] = "tensor", [TMO_PER_CHANNEL] = "channel", [TMO_PER_GROUP] = "group",
	};
	const struct info_form *const f = &t->form;

	set(m, o, "encoding", json_string(t->encoded ? f->encoding : "plain"));
	if (!t->encoded)
		return;
	set(m, o, "code", json_string(f->code != TMO_NONE ? tmo_type_name(f->code) : "int"));
	set(m, o, "bits", json_integer(f->bits));
	set(m, o, "granularity", json_string(granularity[f->granularity]));
	set(m, o, "block", sizes(m, f->block, t->rank));
	set(m, o, "scales", integer(f->scales));
	set(m, o, "zero_points", integer(f->zero_points));
	set(m, o, "codebooks", integer(f->codebooks));
	set(m, o, "codebook_size", integer(f->codebook_size));
}

static json_t *
texts(struct maker *m, char *const *text, size_t count)
{
	json_t *const list = json_array();

	for (size_t i = 0; i < count; i++)
		append(m, list, text_of(text[i]));
	return list;
}

static json_t *
tensor(struct maker *m, const struct info_contents *c, const struct info_tensor *t)
{
	const struct tmo_use *const use = c->net != NULL ? tmo_uses_find(&c->uses, t->name) : NULL;
	json_t *const o = json_object();

	set(m, o, "name", text_of(t->name));
	set(m, o, "shape", sizes(m, t->shape, t->rank));
	set(m, o, "type", text_of(t->type));
	set_form(m, o, t);
	set(m, o, "elements", integer(t->elements));
	set(m, o, "bytes", integer(t->bytes));
	set(m, o, "share", json_real(c->bytes > 0 ? (double)t->bytes / (double)c->bytes : 0));
	set(m, o, "in_graph", json_boolean(t->in_graph));
	if (c->net != NULL) {
		set(m, o, "operators", texts(m, use != NULL ? use->ops : NULL, use != NULL ? use->op_count : 0));
		set(m, o, "nodes", texts(m, use != NULL ? use->nodes : NULL, use != NULL ? use->node_count : 0));
	}
	return o;
}

static json_t *
value(struct maker *m, const struct tmo_value *v)
{
	json_t *const o = json_object(), *const shape = v->rank >= 0 ? json_array() : json_null();

	for (int i = 0; i < v->rank; i++)
		append(m, shape, v->dim[i].size != TMO_DIM_UNKNOWN ? integer(v->dim[i].size) :
		                 v->dim[i].symbol != NULL ? text_of(v->dim[i].symbol) : json_null());
	set(m, o, "name", text_of(v->name));
	set(m, o, "type", v->type != TMO_NONE ? json_string(tmo_type_name(v->type)) : json_null());
	set(m, o, "shape", shape);
	return o;
}

static void
set_network(struct maker *m, json_t *root, const struct info_contents *c)
{
	const struct tmo_net *const net = c->net;
	const struct tmo_graph *const g = &net->graph[TMO_NET_MAIN];
	json_t *const opset = json_object(), *const inputs = json_array(), *const outputs = json_array();
	json_t *const operators = json_object();

	for (size_t i = 0; i < net->opset_count; i++)
		set(m, opset, net->opset[i].domain[0] != '\0' ? net->opset[i].domain : "ai.onnx",
		    json_integer(net->opset[i].version));
	for (size_t i = 0; i < g->input_count; i++)
		if (net->value[g->input[i]].kind == TMO_VALUE_INPUT)
			append(m, inputs, value(m, &net->value[g->input[i]]));
	for (size_t i = 0; i < g->output_count; i++)
		append(m, outputs, value(m, &net->value[g->output[i]]));
	for (size_t i = 0; i < c->operator_count; i++)
		set(m, operators, c->operator[i].name, integer(c->operator[i].count));
	set(m, root, "opset", opset);
	set(m, root, "inputs", inputs);
	set(m, root, "outputs", outputs);
	set(m, root, "nodes", integer(c->node_count));
	set(m, root, "operators", operators);
}

static void
set_head(struct maker *m, json_t *root, const struct info_contents *c)
{
	const char *const name = tmo_yaml_text(c->manifest, "name");
	const struct tmo_yaml *const source = tmo_yaml_get(c->manifest, "source");
	const struct tmo_yaml *const history = tmo_yaml_get(c->manifest, "history");

	set(m, root, "format", json_string(c->format));
	set(m, root, "packed", json_boolean(c->packed));
	set(m, root, "compressed", json_boolean(c->compressed));
	set(m, root, "file_bytes", c->file_bytes > 0 ? integer(c->file_bytes) : json_null());
	set(m, root, "name", name != NULL ? text_of(name) : json_null());
	set(m, root, "source", source != NULL ? from_yaml(m, source) : json_null());
	if (c->net != NULL)
		set_network(m, root, c);
	set(m, root, "history", history != NULL ? from_yaml(m, history) : json_array());
}

/* What has a name and a size: members, keys of metadata. */
static void
add_sized(struct maker *m, json_t *list, const char *key, const char *name, uint64_t bytes)
{
	json_t *const o = json_object();

	set(m, o, key, text_of(name));
	set(m, o, "bytes", integer(bytes));
	append(m, list, o);
}

int
info_print_json(const struct info_contents *c, struct tmo_buffer *out, struct tmo_error *err)
{
	json_t *const root = json_object(), *const tensors = json_array(), *const others = json_array();
	json_t *const total = json_object(), *const constants = json_object(), *const metadata = json_array();
	struct maker m = { 0 };
	int status;

	set_head(&m, root, c);
	for (size_t i = 0; i < c->tensor_count; i++)
		append(&m, tensors, tensor(&m, c, &c->tensor[i]));
	set(&m, total, "tensors", integer(c->tensor_count));
	set(&m, total, "elements", integer(c->elements));
	set(&m, total, "bytes", integer(c->bytes));
	set(&m, constants, "count", integer(c->constants));
	set(&m, constants, "bytes", integer(c->constant_bytes));
	for (size_t i = 0; i < c->other_count; i++)
		add_sized(&m, others, "path", c->other[i].path, c->other[i].bytes);
	for (size_t i = 0; i < c->metadata_count; i++)
		add_sized(&m, metadata, "key", c->metadata[i].key, c->metadata[i].bytes);
	set(&m, root, "text_bytes", integer(c->text_bytes));
	set(&m, root, "metadata", metadata);
	set(&m, root, "tensors", tensors);
	set(&m, root, "total", total);
	set(&m, root, "constants", constants);
	set(&m, root, "others", others);
	status = m.failed ? tmo_fail_memory(err, 0) : tmo_json_emit(root, out, err);
	json_decref(root);
	return status;
}
