/* SPDX-License-Identifier: Apache-2.0 */
/* plan_steps.c: what becomes of each node: constants, other names for values, steps. */
#include <stdlib.h>

#include "base/memory.h"
#include "net/op/op.h"
#include "net/plan_parts.h"
#include "net/step_run.h"
#include "tensor/tensor.h"

int
tmo_plan_hold(struct tmo_plan *plan, size_t value, struct tmo_error *err)
{
	const struct tmo_value *const v = &plan->net->value[value];
	struct tmo_planned *const p = &plan->value[value];
	const struct tmo_array *array = v->data;

	if (v->kind == TMO_VALUE_WEIGHT && plan->weights.find(plan->weights.arg, v->name, &array, err) < 0)
		return -1;
	if (array == NULL)
		array = v->data;
	if (array == NULL)
		return v->kind == TMO_VALUE_WEIGHT ?
		       tmo_fail(err, "weight \"%.200s\" is not in the stream; give the stream that the network "
		                     "came with", v->name) :
		       tmo_fail_unsupported(err, "constant \"%.200s\" is of a type that cannot be computed with",
		                            v->name);
	p->fact = tmo_fact_of(array);
	p->fact.constant = array;
	p->place = TMO_PLACE_CONSTANT;
	return 0;
}

size_t
tmo_plan_add_value(struct tmo_plan *plan, struct tmo_error *err)
{
	const size_t value = plan->value_count;

	if (tmo_grow(&plan->value, value, &plan->value_room, sizeof(*plan->value), err) < 0)
		return TMO_NET_NONE;
	plan->value[value] = (struct tmo_planned){.fact.rank = -1, .same = value, .root = value, .wide = value};
	return plan->value_count++;
}

/* The value is that constant, whose data the plan takes over. */
static int
set_made(struct tmo_plan *plan, size_t value, struct tmo_array *array, struct tmo_error *err)
{
	struct tmo_planned *const p = &plan->value[value];

	p->made = tmo_arena_copy(&plan->arena, array, sizeof(*array), err);
	if (p->made == NULL)
		return -1;
	*array = (struct tmo_array){0};
	p->fact = tmo_fact_of(p->made);
	p->fact.constant = p->made;
	p->place = TMO_PLACE_CONSTANT;
	return 0;
}

/* A step of the node, with nothing known of it yet. */
static int
make_step(const struct tmo_plan *plan, const struct tmo_node *node, const struct tmo_version *version,
          struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_make(step, plan->net, node, version, err) < 0)
		return -1;
	step->kernels = plan->kernels;
	step->threads = plan->threads;
	step->limit = plan->limit;
	return 0;
}

/* The inputs of a step become values of the plan, and their facts are there. */
static int
take_inputs(struct tmo_plan *plan, struct tmo_step *step, struct tmo_error *err)
{
	for (size_t i = 0; i < step->input_count; i++) {
		const size_t value = step->in[i] != TMO_NET_NONE ? plan->value[step->in[i]].same : TMO_NET_NONE;

		if (value == TMO_NET_NONE)
			continue;
		if (plan->value[value].place == TMO_PLACE_NONE && value < plan->net->value_count &&
		    tmo_value_is_held(&plan->net->value[value]) && tmo_plan_hold(plan, value, err) < 0)
			return -1;
		if (plan->value[value].place == TMO_PLACE_NONE)
			return tmo_fail(err, "it reads a value that nothing makes; the model is damaged");
		step->in[i] = value;
		step->input[i] = plan->value[value].fact;
	}
	return 0;
}

/* Appends a finished step, which the plan owns from then on. */
static int
add_step(struct tmo_plan *plan, struct tmo_step *step, bool late, struct tmo_error *err)
{
	if (tmo_grow(&plan->step, plan->step_count, &plan->step_room, sizeof(*plan->step), err) < 0)
		return -1;
	for (size_t i = 0; i < step->output_count; i++)
		if (tmo_step_has_output(step, i)) {
			struct tmo_planned *const v = &plan->value[step->out[i]];

			v->place = late ? TMO_PLACE_LATE : TMO_PLACE_MEMORY;
			if (!late)
				v->fact = step->output[i];
			else
				v->fact.rank = -1;
		}
	plan->step[plan->step_count++] = (struct tmo_planned_step){.step = *step, .late = late};
	*step = (struct tmo_step){0};
	return 0;
}

/* Computes the step now: its outputs become constants. */
static int
fold(struct tmo_plan *plan, struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_array **const input = tmo_alloc(step->input_count + 1, sizeof(*input), err);
	struct tmo_array *const output = tmo_alloc(step->output_count + 1, sizeof(*output), err);
	int status = input != NULL && output != NULL ? 0 : -1;

	for (size_t i = 0; status == 0 && i < step->input_count; i++)
		input[i] = tmo_step_has_input(step, i) ? step->input[i].constant : NULL;
	if (status == 0)
		status = tmo_step_run_alone(step, input, output, err);
	for (size_t i = 0; status == 0 && i < step->output_count; i++)
		if (tmo_step_has_output(step, i))
			status = set_made(plan, step->out[i], &output[i], err);
	for (size_t i = 0; output != NULL && i < step->output_count; i++)
		tmo_array_free(&output[i]);
	free(input);
	free(output);
	return status;
}

/* Can it be computed now? */
static bool
is_constant(const struct tmo_step *step)
{
	if ((step->version->traits & TMO_STEP_RANDOM) != 0 || step->version->control != NULL)
		return false;
	for (size_t i = 0; i < step->input_count; i++)
		if (tmo_step_has_input(step, i) && step->input[i].constant == NULL)
			return false;
	return true;
}

/* A constant in another type of float is one, too. */
static int
convert_constant(struct tmo_plan *plan, const struct tmo_array *from, size_t to, enum tmo_type type,
                 struct tmo_error *err)
{
	struct tmo_array made = {0};
	int status;

	if (tmo_array_new_spare(&made, type, from->rank, from->shape, err) < 0)
		return -1;
	tmo_array_convert(from, &made);
	status = set_made(plan, to, &made, err);
	tmo_array_free(&made);
	return status;
}

/* A step that converts one value into another, of another type of float. */
static int
add_conversion(struct tmo_plan *plan, size_t from, size_t to, enum tmo_type type, struct tmo_error *err)
{
	struct tmo_step step;
	int status;

	if (plan->value[from].fact.constant != NULL)
		return convert_constant(plan, plan->value[from].fact.constant, to, type, err);
	if (make_step(plan, &tmo_float_conversion_node, &tmo_float_conversion, &step, err) < 0)
		return -1;
	step.in[0] = from;
	step.out[0] = to;
	step.input[0] = plan->value[from].fact;
	tmo_step_give(&step, 0, type, step.input[0].rank, step.input[0].shape);
	status = tmo_step_prepare(&step, err) < 0 ? -1 : add_step(plan, &step, false, err);
	tmo_step_release(&step);
	return status;
}

/* Has a step that computes in f32 read f32, and write it where the network has another type of float. */
static int
widen_inputs(struct tmo_plan *plan, struct tmo_step *step, struct tmo_error *err)
{
	for (size_t i = 0; i < step->input_count; i++) {
		const size_t value = step->in[i];

		if (value == TMO_NET_NONE || !tmo_type_is_widened(step->input[i].type))
			continue;
		if (plan->value[value].wide == value) {
			const size_t wide = tmo_plan_add_value(plan, err);

			if (wide == TMO_NET_NONE || add_conversion(plan, value, wide, TMO_F32, err) < 0)
				return -1;
			plan->value[value].wide = wide;
		}
		step->in[i] = plan->value[value].wide;
		step->input[i] = plan->value[step->in[i]].fact;
	}
	return 0;
}

/* The step, which computes in f32, with its conversions. */
static int
add_in_f32(struct tmo_plan *plan, struct tmo_step *step, struct tmo_error *err)
{
	struct conversion {
		size_t from, to;
		enum tmo_type type;
	} *const narrow = tmo_arena_alloc(&plan->arena, step->output_count, sizeof(*narrow), err);
	size_t count = 0;

	if (narrow == NULL || widen_inputs(plan, step, err) < 0)
		return -1;
	for (size_t i = 0; i < step->output_count; i++) {
		const enum tmo_type type = step->output[i].type;
		const size_t wide = tmo_step_has_output(step, i) && tmo_type_is_widened(type) ?
		                    tmo_plan_add_value(plan, err) : step->out[i];

		if (wide == step->out[i])
			continue;
		if (wide == TMO_NET_NONE)
			return -1;
		narrow[count++] = (struct conversion){wide, step->out[i], type};
		step->out[i] = wide;
		step->output[i].type = TMO_F32;
	}
	if (tmo_step_prepare(step, err) < 0 || add_step(plan, step, false, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (add_conversion(plan, narrow[i].from, narrow[i].to, narrow[i].type, err) < 0)
			return -1;
	return 0;
}

/* Output 0 has the elements of input 0, where they lie. */
static void
add_alias(struct tmo_plan *plan, const struct tmo_step *step)
{
	struct tmo_planned *const y = &plan->value[step->out[0]];
	const struct tmo_planned *const x = &plan->value[step->in[0]];

	y->fact = step->output[0];
	y->place = x->place;
	y->offset = x->offset;
	y->root = x->root;
}

/* The branch that an If takes, if its condition is constant; NULL. */
static const struct tmo_inner *
constant_branch(const struct tmo_step *step)
{
	const struct tmo_array *const condition = step->input_count == 1 ? step->input[0].constant : NULL;

	if (condition == NULL || condition->type != TMO_BOOL || condition->count != 1)
		return NULL;
	return tmo_node_branch(step->node, *(const unsigned char *)condition->data != 0);
}

/* The nodes of a graph inside of the node, instead of it. */
static int
add_branch(struct tmo_plan *plan, const struct tmo_node *node, const struct tmo_inner *inner, struct tmo_error *err)
{
	const struct tmo_graph *const graph = &plan->net->graph[inner->graph];
	struct tmo_plan_order order;

	if (tmo_plan_order(plan, inner->graph, graph->output, graph->output_count, &order, err) < 0 ||
	    tmo_plan_add_nodes(plan, &order, err) < 0)
		return -1;
	for (size_t i = 0; i < node->output_count && i < graph->output_count; i++)
		if (node->output[i] != TMO_NET_NONE && graph->output[i] != TMO_NET_NONE)
			plan->value[node->output[i]].same = plan->value[graph->output[i]].same;
	return 0;
}

/* What a node becomes: constants, another name for its input, or steps. */
static int
add_node(struct tmo_plan *plan, const struct tmo_node *node, struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_version *const version = tmo_node_version(plan->net, node);
	const unsigned traits = version->traits;

	if (make_step(plan, node, version, step, err) < 0)
		return -1;
	if (take_inputs(plan, step, err) < 0)
		return tmo_step_fail_at(step, err);
	if (constant_branch(step) != NULL)
		return add_branch(plan, node, constant_branch(step), err);
	if (is_constant(step))
		return fold(plan, step, err);
	if (!tmo_step_is_known(step))
		return add_step(plan, step, true, err);
	if ((traits & TMO_STEP_OF_SHAPES) != 0)
		return fold(plan, step, err);
	if (tmo_step_infer(step, err) < 0)
		return -1;
	if (tmo_step_is_alias(step)) {
		add_alias(plan, step);
		return 0;
	}
	if ((traits & TMO_STEP_FLOATS) != 0)
		return add_in_f32(plan, step, err);
	if (tmo_step_prepare(step, err) < 0)
		return -1;
	return add_step(plan, step, false, err);
}

int
tmo_plan_add_nodes(struct tmo_plan *plan, const struct tmo_plan_order *order, struct tmo_error *err)
{
	for (size_t i = 0; i < order->count; i++) {
		struct tmo_step step = {0};
		const int status = add_node(plan, &plan->net->node[order->node[i]], &step, err);

		tmo_step_release(&step);
		if (status < 0)
			return -1;
	}
	return 0;
}
