/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "formats/onnx/onnx_network_parts.h"
#include "formats/onnx/small_tensor.h"

#define DATA_MAX ((size_t)1 << 20)	/* bytes of a constant that are kept */

int
tmo_onnx_declare(struct tmo_net *net, size_t value, const Onnx__TypeProto *type,
                 struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];
	const Onnx__TypeProto__Tensor *t;

	if (type == NULL || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || v->rank >= 0)
		return 0;
	t = type->tensor_type;
	v->type = tmo_onnx_element_type(t->elem_type);
	if (t->shape == NULL || t->shape->n_dim > TMO_RANK_MAX)
		return 0;
	v->dim = tmo_arena_alloc(&net->arena, t->shape->n_dim, sizeof(*v->dim), err);
	if (v->dim == NULL)
		return -1;
	for (size_t i = 0; i < t->shape->n_dim; i++) {
		const Onnx__TensorShapeProto__Dimension *const d = t->shape->dim[i];

		v->dim[i].size = TMO_DIM_UNKNOWN;
		if (d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE &&
		    d->dim_value >= 0)
			v->dim[i].size = (size_t)d->dim_value;
		else if (d->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM &&
		         (v->dim[i].symbol = tmo_arena_string(&net->arena, d->dim_param, err)) == NULL)
			return -1;
	}
	v->rank = (int)t->shape->n_dim;
	return 0;
}

/* Type and shape; *known: they are a stream's. */
static int
declare_held(struct tmo_net *net, size_t value, const Onnx__TensorProto *t, size_t *count, bool *known,
             struct tmo_error *err)
{
	struct tmo_value *const v = &net->value[value];
	size_t shape[TMO_RANK_MAX];

	v->type = tmo_onnx_type(t);
	v->rank = -1;
	*known = t->n_dims <= TMO_RANK_MAX && v->type != TMO_NONE;
	if (!*known)
		return 0;
	v->dim = tmo_arena_alloc(&net->arena, t->n_dims, sizeof(*v->dim), err);
	if (v->dim == NULL)
		return -1;
	if (tmo_onnx_shape(t, v->type, shape, count, err) < 0)
		return tmo_fail_at(err, tmo_onnx_text(t->name));
	for (size_t i = 0; i < t->n_dims; i++)
		v->dim[i].size = shape[i];
	v->rank = (int)t->n_dims;
	return 0;
}

int
tmo_onnx_hold_tensor(struct tmo_net *net, size_t value, const Onnx__TensorProto *t,
                     struct tmo_error *err)
{
	struct tmo_error damaged = {0};
	struct tmo_array data = {0};
	size_t count = 0;
	bool known;

	if (declare_held(net, value, t, &count, &known, err) < 0)
		return -1;
	if (!known || count > DATA_MAX / tmo_type_size(net->value[value].type) ||
	    tmo_onnx_small_tensor(t, &data, &damaged) < 0 || data.data == NULL ||
	    tmo_net_hold(net, value, &data, err) == 0)
		return 0;
	tmo_array_free(&data);
	return -1;
}

/* The attribute of a Constant that holds numbers; NULL: none does. */
static const Onnx__AttributeProto *
numbers_of(const Onnx__NodeProto *n)
{
	static const char *const name[] = { "value_int", "value_ints", "value_float", "value_floats" };
	const Onnx__AttributeProto *a = NULL;

	for (size_t i = 0; a == NULL && i < sizeof(name) / sizeof(name[0]); i++)
		a = tmo_onnx_attribute(n, name[i]);
	return a;
}

int
tmo_onnx_hold_constant(struct tmo_net *net, size_t value, const Onnx__NodeProto *n,
                       struct tmo_error *err)
{
	const Onnx__AttributeProto *const tensor = tmo_onnx_attribute(n, "value");
	const Onnx__AttributeProto *const numbers = numbers_of(n);
	struct tmo_value *const v = &net->value[value];
	struct tmo_array data = {0};
	bool floats, many;
	size_t count;

	v->kind = TMO_VALUE_CONSTANT;
	if (tensor != NULL && tensor->t != NULL)
		return tmo_onnx_hold_tensor(net, value, tensor->t, err);
	if (numbers == NULL)
		return 0;
	floats = strncmp(tmo_onnx_text(numbers->name), "value_float", 11) == 0;
	many = tmo_onnx_text(numbers->name)[strlen(tmo_onnx_text(numbers->name)) - 1] == 's';
	count = !many ? 1 : floats ? numbers->n_floats : numbers->n_ints;
	v->dim = tmo_arena_alloc(&net->arena, 1, sizeof(*v->dim), err);
	if (v->dim == NULL || tmo_array_new(&data, floats ? TMO_F32 : TMO_I64, many, &count, err) < 0)
		return -1;
	if (count > 0 && floats)
		memcpy(data.data, many ? numbers->floats : &numbers->f, count * sizeof(float));
	else if (count > 0)
		memcpy(data.data, many ? numbers->ints : &numbers->i, count * sizeof(int64_t));
	v->type = data.type;
	v->rank = many;
	v->dim[0].size = count;
	if (tmo_net_hold(net, value, &data, err) == 0)
		return 0;
	tmo_array_free(&data);
	return -1;
}

static const char *
take_text(struct tmo_net *net, const ProtobufCBinaryData *from, struct tmo_error *err)
{
	char *const text = tmo_arena_alloc(&net->arena, from->len + 1, 1, err);

	if (text != NULL && from->len > 0)
		memcpy(text, from->data, from->len);
	return text;
}

static int
take_texts(struct tmo_net *net, struct tmo_attribute *to, const Onnx__AttributeProto *a, struct tmo_error *err)
{
	to->kind = TMO_ATTRIBUTE_TEXTS;
	to->count = a->n_strings;
	to->texts = tmo_arena_alloc(&net->arena, a->n_strings, sizeof(*to->texts), err);
	for (size_t i = 0; to->texts != NULL && i < to->count; i++)
		if ((to->texts[i] = take_text(net, &a->strings[i], err)) == NULL)
			return -1;
	return to->texts != NULL ? 0 : -1;
}

/* The elements of a small tensor; what is large, elsewhere or of no type of a stream's stays OTHER. */
static int
take_tensor(struct tmo_net *net, struct tmo_attribute *to, const Onnx__TensorProto *t, struct tmo_error *err)
{
	struct tmo_error damaged = {0};
	struct tmo_array data = {0}, *array;
	int status = 0;

	if (tmo_onnx_small_tensor(t, &data, &damaged) < 0 || data.data == NULL)
		return 0;
	if (data.count <= DATA_MAX / tmo_type_size(data.type)) {
		array = tmo_arena_copy(&net->arena, &data, sizeof(data), err);
		if (array != NULL)
			array->data = tmo_arena_copy(&net->arena, data.data, data.count * tmo_type_size(data.type), err);
		status = array != NULL && array->data != NULL ? 0 : -1;
		to->kind = TMO_ATTRIBUTE_ARRAY;
		to->array = array;
	}
	tmo_array_free(&data);
	return status;
}

int
tmo_onnx_take_attribute(struct tmo_net *net, struct tmo_attribute *to, const char *name,
                        const Onnx__AttributeProto *a, struct tmo_error *err)
{
	*to = (struct tmo_attribute){
		.name = tmo_arena_string(&net->arena, name, err), .kind = TMO_ATTRIBUTE_OTHER,
	};
	if (to->name == NULL)
		return -1;
	if (a->has_i) {
		to->kind = TMO_ATTRIBUTE_INT;
		to->number = a->i;
	} else if (a->has_f) {
		to->kind = TMO_ATTRIBUTE_FLOAT;
		to->real = a->f;
	} else if (a->has_s) {
		to->kind = TMO_ATTRIBUTE_TEXT;
		to->count = a->s.len;
		to->text = take_text(net, &a->s, err);
		return to->text != NULL ? 0 : -1;
	} else if (a->t != NULL) {
		return take_tensor(net, to, a->t, err);
	} else if (a->n_floats > 0) {
		to->kind = TMO_ATTRIBUTE_FLOATS;
		to->count = a->n_floats;
		to->reals = tmo_arena_copy(&net->arena, a->floats, a->n_floats * sizeof(float), err);
		return to->reals != NULL ? 0 : -1;
	} else if (a->n_ints > 0 || a->type == ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS) {
		to->kind = TMO_ATTRIBUTE_INTS;
		to->count = a->n_ints;
		to->numbers = tmo_arena_copy(&net->arena, a->ints, a->n_ints * sizeof(int64_t), err);
		return to->numbers != NULL ? 0 : -1;
	} else if (a->n_strings > 0) {
		return take_texts(net, to, a, err);
	}
	return 0;
}

const Onnx__FunctionProto *
tmo_onnx_called_function(const Onnx__ModelProto *model, const Onnx__NodeProto *call)
{
	TMO_ONNX_EACH(Onnx__FunctionProto, f, model, functions)
		if (strcmp(tmo_onnx_text((*f)->name), tmo_onnx_text(call->op_type)) == 0 &&
		    strcmp(tmo_onnx_text((*f)->domain), tmo_onnx_text(call->domain)) == 0)
			return *f;
	return NULL;
}

/* Room for as many inputs as the graph has, none of which comes from anywhere yet. */
static int
new_inner(struct tmo_net *net, size_t graph, struct tmo_inner *inner, struct tmo_error *err)
{
	const size_t count = net->graph[graph].input_count;

	*inner = (struct tmo_inner){.graph = graph, .count = count};
	inner->from = tmo_arena_alloc(&net->arena, count, sizeof(*inner->from), err);
	inner->axis = tmo_arena_alloc(&net->arena, count, sizeof(*inner->axis), err);
	if (inner->from == NULL || inner->axis == NULL)
		return -1;
	for (size_t i = 0; i < count; i++) {
		inner->from[i] = TMO_NET_NONE;
		inner->axis[i] = TMO_NET_WHOLE;
	}
	return 0;
}

/* A Scan's last inputs are cut into slices; before operator set 9 the first input was the lengths. */
static void
bind_scan(const struct tmo_net *net, const struct tmo_node *node, struct tmo_inner *inner)
{
	const int64_t slices = tmo_node_number(node, "num_scan_inputs", 0);
	const struct tmo_attribute *const axes = tmo_node_attribute(node, "scan_input_axes");
	size_t states;

	(void)net;
	if (slices < 0 || (uint64_t)slices > inner->count || node->input_count != inner->count)
		return;
	states = inner->count - (size_t)slices;
	for (size_t i = 0; i < inner->count; i++) {
		inner->from[i] = node->input[i];
		if (i >= states)
			inner->axis[i] = axes != NULL && axes->kind == TMO_ATTRIBUTE_INTS &&
				i - states < axes->count ? axes->numbers[i - states] : 0;
	}
}

int
tmo_onnx_bind_inner(struct tmo_net *net, size_t node, const Onnx__NodeProto *n, size_t graph,
                    struct tmo_inner *inner, struct tmo_error *err)
{
	const struct tmo_node *const own = &net->node[node];

	if (new_inner(net, graph, inner, err) < 0)
		return -1;
	inner->gives_outputs = tmo_onnx_is(n, "If");
	if (tmo_onnx_is(n, "Scan"))
		bind_scan(net, own, inner);
	/* The first two of a Loop are its counter and its condition; a state is at first what came in. */
	for (size_t i = 2; tmo_onnx_is(n, "Loop") && i < inner->count; i++)
		inner->from[i] = tmo_node_input(own, i);
	return 0;
}

int
tmo_onnx_bind_call(struct tmo_net *net, size_t node, size_t graph, struct tmo_inner *inner,
                   struct tmo_error *err)
{
	if (new_inner(net, graph, inner, err) < 0)
		return -1;
	for (size_t i = 0; i < inner->count; i++)
		inner->from[i] = tmo_node_input(&net->node[node], i);
	inner->gives_outputs = true;
	return 0;
}
