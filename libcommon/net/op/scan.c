/* SPDX-License-Identifier: Apache-2.0 */
/* scan.c: Scan, which runs a graph on one slice of its inputs after the other. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/op/inner_graph.h"
#include "net/op/op.h"
#include "net/step_run.h"
#include "net/strided.h"

struct scan {
	size_t states, slices, results;		/* results: outputs that are put together */
	size_t rounds;
	struct tmo_array *state, *slice;
	struct tmo_stack *stack;
};

/* Number i of a list in an attribute; `otherwise` without one. */
static int64_t
listed(const struct tmo_node *node, const char *attribute, size_t i, int64_t otherwise)
{
	const struct tmo_attribute *const a = tmo_node_attribute(node, attribute);

	return a != NULL && a->kind == TMO_ATTRIBUTE_INTS && i < a->count ? a->numbers[i] : otherwise;
}

/* Slice number `round` of an input. */
static int
cut(const struct tmo_node *node, const struct tmo_array *from, size_t i, size_t round, struct tmo_array *slice,
    struct tmo_error *err)
{
	struct tmo_strided s = {.rank = from->rank};
	int axis;

	if (tmo_step_axis(listed(node, "scan_input_axes", i, 0), from->rank, &axis, err) < 0)
		return -1;
	if (listed(node, "scan_input_directions", i, 0) != 0)
		round = from->shape[axis] - 1 - round;
	memcpy(s.shape, from->shape, (size_t)from->rank * sizeof(*s.shape));
	tmo_strided_steps(from->rank, from->shape, s.step);
	s.first = (ptrdiff_t)round * s.step[axis];
	for (int k = axis + 1; k < s.rank; k++) {
		s.shape[k - 1] = s.shape[k];
		s.step[k - 1] = s.step[k];
	}
	s.rank--;
	if (slice->data == NULL && tmo_array_new_spare(slice, from->type, s.rank, s.shape, err) < 0)
		return -1;
	tmo_strided_copy(&s, tmo_type_size(from->type), from->data, slice->data);
	return 0;
}

/* How often it goes round: the size of the sliced axes, which all inputs have. */
static int
begin(const struct tmo_frame *frame, size_t step, struct scan *scan, struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;
	const struct tmo_graph *const body = &frame->plan->net->graph[s->node->inner[0].graph];
	const int64_t slices = tmo_node_number(s->node, "num_scan_inputs", 0);
	int axis;

	if (slices < 1 || (uint64_t)slices > s->input_count || tmo_step_expect(s, s->input_count, err) < 0 ||
	    body->input_count != s->input_count || body->output_count != s->output_count ||
	    s->output_count < s->input_count - (size_t)slices)
		return tmo_fail(err, "its body's inputs or outputs do not go with its own; the model is damaged");
	scan->slices = (size_t)slices;
	scan->states = s->input_count - scan->slices;
	scan->results = s->output_count - scan->states;
	for (size_t i = 0; i < scan->slices; i++) {
		const struct tmo_array *const x = frame->step[step].input[scan->states + i];

		if (tmo_step_axis(listed(s->node, "scan_input_axes", i, 0), x->rank, &axis, err) < 0)
			return -1;
		if (i > 0 && x->shape[axis] != scan->rounds)
			return tmo_fail(err, "inputs of %zu and %zu slices; give data of the shapes that the network wants",
			                scan->rounds, x->shape[axis]);
		scan->rounds = x->shape[axis];
	}
	scan->state = tmo_alloc(s->input_count + 1, sizeof(*scan->state), err);
	scan->stack = tmo_alloc(scan->results + 1, sizeof(*scan->stack), err);
	if (scan->state == NULL || scan->stack == NULL)
		return -1;
	scan->slice = scan->state + scan->states;
	for (size_t i = 0; i < scan->states; i++)
		if (tmo_inner_copy(frame->step[step].input[i], &scan->state[i], err) < 0)
			return -1;
	return 0;
}

static int
go_round(struct tmo_frame *frame, struct tmo_team *team, size_t step, struct scan *scan, size_t round,
         const struct tmo_array **input, struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;
	const struct tmo_frame *ran;

	for (size_t i = 0; i < s->input_count; i++)
		input[i] = &scan->state[i];
	for (size_t i = 0; i < scan->slices; i++)
		if (cut(s->node, frame->step[step].input[scan->states + i], i, round, &scan->slice[i], err) < 0)
			return -1;
	if (tmo_inner_run(frame, team, step, 0, input, &ran, err) < 0)
		return -1;
	for (size_t i = 0; i < scan->results; i++)
		if (tmo_stack_add(&scan->stack[i], tmo_frame_output(ran, scan->states + i), err) < 0)
			return -1;
	return tmo_inner_states(ran, 0, scan->states, scan->state, err);
}

static int
finish(const struct tmo_frame *frame, size_t step, struct scan *scan, struct tmo_array *output,
       struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;
	const struct tmo_graph *const body = &frame->plan->net->graph[s->node->inner[0].graph];

	for (size_t i = 0; i < scan->states; i++) {
		output[i] = scan->state[i];
		scan->state[i] = (struct tmo_array){0};
	}
	for (size_t i = 0; i < scan->results; i++)
		if (tmo_stack_finish(&scan->stack[i], &frame->plan->net->value[body->output[scan->states + i]],
		                     listed(s->node, "scan_output_axes", i, 0),
		                     listed(s->node, "scan_output_directions", i, 0) != 0, &output[scan->states + i], err) < 0)
			return -1;
	return 0;
}

int
tmo_control_scan(struct tmo_frame *frame, struct tmo_team *team, size_t step, struct tmo_array *output,
             struct tmo_error *err)
{
	const size_t inputs = frame->plan->step[step].step.input_count;
	const struct tmo_array **const input = tmo_alloc(inputs + 1, sizeof(*input), err);
	struct scan scan = {0};
	int status = input != NULL ? begin(frame, step, &scan, err) : -1;

	for (size_t i = 0; status == 0 && i < scan.rounds; i++)
		status = go_round(frame, team, step, &scan, i, input, err);
	if (status == 0)
		status = finish(frame, step, &scan, output, err);
	for (size_t i = 0; scan.state != NULL && i < inputs; i++)
		tmo_array_free(&scan.state[i]);
	for (size_t i = 0; scan.stack != NULL && i < scan.results; i++)
		tmo_buffer_free(&scan.stack[i].data);
	free(scan.state);
	free(scan.stack);
	free(input);
	return status;
}
