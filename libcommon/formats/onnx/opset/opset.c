/* SPDX-License-Identifier: Apache-2.0 */
/* opset.c: goes through a model, node by node, and has the rules applied. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "formats/onnx/opset/opset.h"
#include "formats/onnx/opset/opset_rules.h"
#include "formats/onnx/scope.h"

static bool
is_onnx_domain(const Onnx__OperatorSetIdProto *id)
{
	const char *domain = tmo_onnx_text(id->domain);

	return domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0;
}

static int64_t
version_of(Onnx__OperatorSetIdProto *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_onnx_domain(list[i]))
			return list[i]->version;
	return 0;
}

static void
set_version(Onnx__OperatorSetIdProto **list, size_t count, int64_t version)
{
	for (size_t i = 0; i < count; i++)
		if (is_onnx_domain(list[i])) {
			list[i]->has_version = true;
			list[i]->version = version;
		}
}

int64_t
tmo_onnx_opset(const Onnx__ModelProto *model)
{
	return version_of(model->opset_import, model->n_opset_import);
}

void
tmo_onnx_raise_ir(Onnx__ModelProto *model, int64_t version)
{
	if (!model->has_ir_version || model->ir_version < version)
		model->ir_version = version;
	model->has_ir_version = true;
}

static bool
is_other_float(int64_t type)
{
	return type == ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16 ||
	       type == ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE ||
	       type == ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16;
}

/* Fails at a tensor of another float type than f32. */
static int
no_other_float(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	(void)arg;
	return is_other_float(t->data_type) ? tmo_fail(err, "another float") : 0;
}

static bool
any_other(Onnx__ValueInfoProto *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i]->type != NULL && list[i]->type->tensor_type != NULL &&
		    list[i]->type->value_case == ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE &&
		    is_other_float(list[i]->type->tensor_type->elem_type))
			return true;
	return false;
}

/* -1: the graph names another float type than f32 somewhere. */
static int
graph_only_f32(void *arg, Onnx__GraphProto *g)
{
	if (any_other(g->input, g->n_input) || any_other(g->output, g->n_output) ||
	    any_other(g->value_info, g->n_value_info))
		return -1;
	TMO_ONNX_EACH(Onnx__NodeProto, n, g, node)
		if (is_other_float(tmo_onnx_int(*n, "to", 0)) ||
		    is_other_float(tmo_onnx_int(*n, "dtype", 0)))
			return -1;
	return tmo_onnx_each_inner(g, graph_only_f32, arg);
}

static bool
has_only_f32(Onnx__ModelProto *model)
{
	struct tmo_error ignored = {0};

	if (tmo_onnx_each_tensor(&model->base, no_other_float, NULL, &ignored) < 0)
		return false;
	TMO_ONNX_EACH(Onnx__FunctionProto, f, model, functions) {
		Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;

		g.node = (*f)->node;
		g.n_node = (*f)->n_node;
		if (graph_only_f32(NULL, &g) < 0)
			return false;
	}
	return graph_only_f32(NULL, model->graph) == 0;
}

/* A whole model's, or a function's, way from one version to another. */
struct climb {
	struct tmo_onnx_raising r;
	int64_t from, to;
};

static int raise_graph(void *arg, Onnx__GraphProto *g);

static int
apply_rules(struct climb *c, Onnx__NodeProto *n)
{
	size_t count;
	const struct tmo_onnx_rule *rule = tmo_onnx_rules(&count);
	const char *name = tmo_onnx_text(n->n_output > 0 ? n->output[0] : n->name);

	for (size_t i = 0; i < count; i++, rule++) {
		if (rule->version <= c->from || rule->version > c->to || !tmo_onnx_is(n, rule->op))
			continue;
		TMO_ONNX_EACH(Onnx__AttributeProto, a, n, attribute)
			if (tmo_onnx_text((*a)->ref_attr_name)[0] != '\0')
				return tmo_fail(c->r.err, "%s %.80s has the function's attribute",
				                rule->op, name);
		if (rule->rewrite(&c->r, n, rule) < 0) {
			if (c->r.err->kind == TMO_ERROR_NONE)
				tmo_fail(c->r.err, "%s %.80s cannot be raised to opset %d",
				         rule->op, name, rule->version);
			return -1;
		}
	}
	return 0;
}

/* n, which is taken over, goes to `out`, with what a rule puts around it. */
static int
raise_node(struct climb *c, struct tmo_onnx_nodes *out, Onnx__NodeProto *n)
{
	struct tmo_onnx_nodes after = {0}, *const outer_after = c->r.after;
	Onnx__GraphProto alone = ONNX__GRAPH_PROTO__INIT;
	int status;

	alone.node = &n;
	alone.n_node = 1;
	status = tmo_onnx_each_inner(&alone, raise_graph, c);
	c->r.before = out;
	c->r.after = &after;
	if (status == 0)
		status = apply_rules(c, n);
	if (tmo_onnx_nodes_add(out, n, c->r.err) < 0)
		status = -1;
	for (size_t i = 0; i < after.count; i++)
		if (tmo_onnx_nodes_add(out, after.node[i], c->r.err) < 0)
			status = -1;
	free(after.node);
	c->r.after = outer_after;
	return status;
}

static int
raise_graph(void *arg, Onnx__GraphProto *g)
{
	struct climb *c = arg;
	const Onnx__GraphProto *const outer = c->r.graph;
	struct tmo_onnx_nodes out = {0}, *const outer_before = c->r.before;
	int status = 0;

	for (size_t i = 0; i < g->n_node; i++) {
		c->r.graph = g;
		if (status == 0)
			status = raise_node(c, &out, g->node[i]);
		else
			tmo_onnx_nodes_add(&out, g->node[i], c->r.err);	/* only to be freed */
	}
	free(g->node);
	g->node = out.node;
	g->n_node = out.count;
	c->r.graph = outer;
	c->r.before = outer_before;
	return status;
}

static int
raise_functions(struct climb *c, Onnx__ModelProto *model)
{
	TMO_ONNX_EACH(Onnx__FunctionProto, f, model, functions) {
		Onnx__GraphProto g = ONNX__GRAPH_PROTO__INIT;
		int status;

		c->from = version_of((*f)->opset_import, (*f)->n_opset_import);
		if (c->from == 0)
			continue;
		g.node = (*f)->node;
		g.n_node = (*f)->n_node;
		status = raise_graph(c, &g);
		(*f)->node = g.node;
		(*f)->n_node = g.n_node;
		if (status < 0)
			return -1;
		if (c->from < c->to)
			set_version((*f)->opset_import, (*f)->n_opset_import, c->to);
	}
	return 0;
}

int
tmo_onnx_raise_opset(Onnx__ModelProto **model, int64_t version, struct tmo_error *err)
{
	struct climb c = { .r = { .err = err }, .from = tmo_onnx_opset(*model), .to = version };
	struct tmo_buffer bytes = {0};
	Onnx__ModelProto *raised = NULL;
	int status = -1;

	if (c.from >= version)
		return 0;
	if (c.from < TMO_ONNX_OPSET_MIN)
		return tmo_fail(err, "opset %" PRId64 " is too old to be raised", c.from);
	/* What fails halfway must have changed nothing: the work is done on a copy. */
	if (tmo_onnx_pack(&(*model)->base, &bytes, err) < 0 ||
	    (raised = tmo_onnx_unpack_checked(bytes.data, bytes.size, err)) == NULL ||
	    tmo_onnx_all_names(raised, &c.r.names, err) < 0)
		goto out;
	c.r.only_f32 = has_only_f32(raised);
	if (raise_graph(&c, raised->graph) < 0 || raise_functions(&c, raised) < 0)
		goto out;
	set_version(raised->opset_import, raised->n_opset_import, version);
	tmo_onnx_raise_ir(raised, version >= 21 ? 10 : version >= 19 ? 9 : 7);
	tmo_onnx_free(*model);
	*model = raised;
	raised = NULL;
	status = 0;
out:
	tmo_onnx_free(raised);
	tmo_buffer_free(&bytes);
	tmo_string_index_free(&c.r.names);
	return status;
}
