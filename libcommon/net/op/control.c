/* SPDX-License-Identifier: Apache-2.0 */
/* control.c: If and Loop. */
#include <stdlib.h>

#include "base/memory.h"
#include "net/op/inner_graph.h"
#include "net/op/op.h"
#include "net/plan_parts.h"

/* A Loop that wants more rounds is taken for damaged, or for an attack. */
#define ROUNDS_MAX ((int64_t)1 << 24)

/* ---- If ---- */

int
tmo_control_if(struct tmo_frame *frame, struct tmo_team *team, size_t step, struct tmo_array *output,
       struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;
	const struct tmo_array *const condition = frame->step[step].input[0];
	const struct tmo_inner *branch;
	const struct tmo_frame *ran;

	if (condition == NULL || condition->type != TMO_BOOL || condition->count != 1)
		return tmo_fail(err, "its condition is not one truth value; the model is damaged");
	branch = tmo_node_branch(s->node, *(const unsigned char *)condition->data != 0);
	if (branch == NULL || frame->plan->net->graph[branch->graph].input_count != 0 ||
	    frame->plan->net->graph[branch->graph].output_count < s->output_count)
		return tmo_fail(err, "a branch is missing, or has fewer outputs; the model is damaged");
	if (tmo_inner_run(frame, team, step, (size_t)(branch - s->node->inner), NULL, &ran, err) < 0)
		return -1;
	for (size_t i = 0; i < s->output_count; i++)
		if (tmo_step_has_output(s, i) && tmo_inner_copy(tmo_frame_output(ran, i), &output[i], err) < 0)
			return -1;
	return 0;
}

/* ---- Loop ---- */

static int
read_truth(const struct tmo_array *a, bool *truth, struct tmo_error *err)
{
	if (a->type != TMO_BOOL || a->count != 1)
		return tmo_fail(err, "a condition is not one truth value; the model is damaged");
	*truth = *(const unsigned char *)a->data != 0;
	return 0;
}

/* Where it begins: at most *rounds, whether at all, and its states. */
static int
begin_loop(const struct tmo_frame *frame, size_t step, int64_t *rounds, bool *go_on, struct tmo_array *state,
           struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;
	const struct tmo_array *const *const in = frame->step[step].input;

	*rounds = INT64_MAX;
	*go_on = true;
	if (tmo_step_has_input(s, 0)) {
		if (in[0]->type != TMO_I64 || in[0]->count != 1)
			return tmo_fail(err, "how often it goes round is not one i64; the model is damaged");
		*rounds = *(const int64_t *)in[0]->data;
	}
	if (*rounds > ROUNDS_MAX && *rounds != INT64_MAX)
		return tmo_fail_unsupported(err, "it wants to go round %jd times, more than %jd", (intmax_t)*rounds,
		                            (intmax_t)ROUNDS_MAX);
	if (tmo_step_has_input(s, 1) && read_truth(in[1], go_on, err) < 0)
		return -1;
	for (size_t i = 2; i < s->input_count; i++)
		if (in[i] == NULL)
			return tmo_fail_unsupported(err, "state %zu has no first value", i - 2);
		else if (tmo_inner_copy(in[i], &state[i - 2], err) < 0)
			return -1;
	return 0;
}

/* One round: states and the condition are those after it; what it gives beside them is stacked. */
static int
go_round(struct tmo_frame *frame, struct tmo_team *team, size_t step, int64_t round, bool *go_on,
         struct tmo_array *state, size_t states, struct tmo_stack *stack, struct tmo_error *err)
{
	const size_t stacks = frame->plan->net->graph[frame->plan->step[step].step.node->inner[0].graph].output_count -
	                      states - 1;
	unsigned char truth = *go_on;
	const struct tmo_array number = {.type = TMO_I64, .count = 1, .data = &round};
	const struct tmo_array condition = {.type = TMO_BOOL, .count = 1, .data = &truth};
	const struct tmo_array **const input = tmo_alloc(states + 2, sizeof(*input), err);
	const struct tmo_frame *ran;
	int status = -1;

	if (input == NULL)
		return -1;
	input[0] = &number;
	input[1] = &condition;
	for (size_t i = 0; i < states; i++)
		input[i + 2] = &state[i];
	if (tmo_inner_run(frame, team, step, 0, input, &ran, err) == 0)
		status = read_truth(tmo_frame_output(ran, 0), go_on, err);
	for (size_t i = 0; status == 0 && i < stacks; i++)
		status = tmo_stack_add(&stack[i], tmo_frame_output(ran, states + 1 + i), err);
	if (status == 0)
		status = tmo_inner_states(ran, 1, states, state, err);
	free(input);
	return status;
}

int
tmo_control_loop(struct tmo_frame *frame, struct tmo_team *team, size_t step, struct tmo_array *output,
         struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;
	const struct tmo_graph *const body = &frame->plan->net->graph[s->node->inner[0].graph];
	const size_t states = s->input_count < 2 ? 0 : s->input_count - 2;
	struct tmo_array *const state = tmo_alloc(states + 1, sizeof(*state), err);
	struct tmo_stack *const stack = tmo_alloc(s->output_count + 1, sizeof(*stack), err);
	int64_t rounds;
	bool go_on;
	int status = -1;

	if (state == NULL || stack == NULL)
		goto out;
	if (body->input_count != states + 2 || body->output_count < states + 1 ||
	    s->output_count > body->output_count - 1) {
		tmo_fail(err, "its body's inputs or outputs do not go with its own; the model is damaged");
		goto out;
	}
	status = begin_loop(frame, step, &rounds, &go_on, state, err);
	for (int64_t i = 0; status == 0 && go_on && i < rounds; i++)
		status = i < ROUNDS_MAX ? go_round(frame, team, step, i, &go_on, state, states, stack, err) :
		         tmo_fail_unsupported(err, "it has gone round %jd times and goes on", (intmax_t)i);
	for (size_t i = 0; status == 0 && i < s->output_count; i++)
		if (i < states) {
			output[i] = state[i];
			state[i] = (struct tmo_array){0};
		} else {
			status = tmo_stack_finish(&stack[i - states], &frame->plan->net->value[body->output[i + 1]], 0, false,
			                          &output[i], err);
		}
out:
	for (size_t i = 0; state != NULL && i < states; i++)
		tmo_array_free(&state[i]);
	for (size_t i = 0; stack != NULL && i < s->output_count; i++)
		tmo_buffer_free(&stack[i].data);
	free(state);
	free(stack);
	return status;
}
