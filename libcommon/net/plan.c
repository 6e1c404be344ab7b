/* SPDX-License-Identifier: Apache-2.0 */
#include "net/plan.h"

#include <stdlib.h>

#include "base/memory.h"
#include "net/plan_parts.h"
#include "net/step_run.h"

void
tmo_plan_free(struct tmo_plan *plan)
{
	if (plan == NULL)
		return;
	for (size_t i = 0; i < plan->step_count; i++)
		tmo_step_release(&plan->step[i].step);
	for (size_t i = 0; i < plan->value_count; i++)
		if (plan->value[i].made != NULL)
			tmo_array_free(plan->value[i].made);
	free(plan->step);
	free(plan->value);
	tmo_arena_free(&plan->arena);
	free(plan);
}

/* One value that comes from outside, as input number `place`. */
static void
bind_value(struct tmo_plan *plan, size_t place, size_t value, const struct tmo_fact *fact)
{
	struct tmo_planned *const v = &plan->value[value];

	plan->input[place] = value;
	if (tmo_value_is_held(&plan->net->value[value]))
		return;		/* an old model's: its weights are among its inputs */
	v->fact = *fact;
	v->place = fact->constant != NULL ? TMO_PLACE_CONSTANT : TMO_PLACE_INPUT;
	v->offset = place;
}

/* Types and shapes of the inputs. */
static int
bind(struct tmo_plan *plan, const struct tmo_plan_request *request, struct tmo_error *err)
{
	const struct tmo_graph *const graph = &plan->net->graph[request->graph];

	plan->weights = request->weights;
	plan->graph = request->graph;
	plan->kernels = request->kernels;
	plan->threads = request->threads;
	plan->limit = request->limit;
	plan->input_count = graph->input_count + request->captured_count;
	plan->input = tmo_arena_alloc(&plan->arena, plan->input_count, sizeof(*plan->input), err);
	if (plan->input == NULL)
		return -1;
	for (size_t i = 0; i < graph->input_count; i++)
		bind_value(plan, i, graph->input[i], &request->input[i]);
	for (size_t i = 0; i < request->captured_count; i++)
		bind_value(plan, graph->input_count + i, request->captured[i].value, &request->captured[i].fact);
	return 0;
}

/* Which outputs are wanted, once it is known what the values of functions stand for. */
static int
list_outputs(struct tmo_plan *plan, const struct tmo_plan_request *request, struct tmo_error *err)
{
	const struct tmo_graph *const graph = &plan->net->graph[request->graph];
	const size_t *const output = request->output != NULL ? request->output : graph->output;

	plan->output_count = request->output != NULL ? request->output_count : graph->output_count;
	plan->output = tmo_arena_copy(&plan->arena, output, plan->output_count * sizeof(*output), err);
	return plan->output != NULL ? 0 : -1;
}

/* Outputs that no step makes: inputs that go out as they are, weights. */
static int
hold_outputs(struct tmo_plan *plan, struct tmo_error *err)
{
	for (size_t i = 0; i < plan->output_count; i++) {
		const size_t value = plan->output[i] = plan->value[plan->output[i]].same;

		if (plan->value[value].place != TMO_PLACE_NONE)
			continue;
		if (!tmo_value_is_held(&plan->net->value[value]))
			return tmo_fail(err, "output \"%.200s\" is made by no node; the model is damaged",
			                plan->net->value[value].name);
		if (tmo_plan_hold(plan, value, err) < 0)
			return -1;
	}
	return 0;
}

struct tmo_plan *
tmo_plan_new(const struct tmo_net *net, const struct tmo_plan_request *request, struct tmo_error *err)
{
	struct tmo_plan *const plan = tmo_alloc(1, sizeof(*plan), err);
	struct tmo_plan_order order;

	if (plan == NULL)
		return NULL;
	plan->net = net;
	for (size_t i = 0; i < net->value_count; i++)
		if (tmo_plan_add_value(plan, err) == TMO_NET_NONE)
			goto fail;
	if (bind(plan, request, err) < 0 || list_outputs(plan, request, err) < 0 ||
	    tmo_plan_order(plan, request->graph, plan->output, plan->output_count, &order, err) < 0 ||
	    tmo_plan_add_nodes(plan, &order, err) < 0 || hold_outputs(plan, err) < 0 ||
	    tmo_plan_place(plan, err) < 0)
		goto fail;
	return plan;
fail:
	tmo_plan_free(plan);
	return NULL;
}
