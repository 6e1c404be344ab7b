/* SPDX-License-Identifier: Apache-2.0 */
#include "net/op/inner_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/step_run.h"
#include "net/strided.h"

static bool
is_same_fact(const struct tmo_fact *a, const struct tmo_fact *b)
{
	return a->type == b->type && a->rank == b->rank && a->constant == b->constant &&
	       memcmp(a->shape, b->shape, (size_t)a->rank * sizeof(*a->shape)) == 0;
}

/* What the graph takes from outside, as it is now: facts, and whether they are those of before. */
static int
look_outside(struct tmo_frame *frame, size_t graph, struct tmo_inner_frame *inner, bool *same,
             struct tmo_error *err)
{
	size_t *value;

	if (inner->captured == NULL) {
		*same = false;
		if (tmo_plan_captures(frame->plan->net, graph, &value, &inner->captured_count, err) < 0)
			return -1;
		inner->captured = tmo_alloc(inner->captured_count + 1, sizeof(*inner->captured), err);
		for (size_t i = 0; inner->captured != NULL && i < inner->captured_count; i++)
			inner->captured[i] = (struct tmo_captured){value[i], {.rank = -1}};
		free(value);
		if (inner->captured == NULL)
			return -1;
	}
	for (size_t i = 0; i < inner->captured_count; i++) {
		struct tmo_captured *const c = &inner->captured[i];
		const size_t here = frame->plan->value[c->value].same;
		struct tmo_fact now;

		if (frame->array[here].data == NULL && frame->plan->value[here].fact.constant == NULL)
			return tmo_fail(err, "a value inside is made by no node; the model is damaged");
		now = tmo_fact_of(&frame->array[here]);
		now.constant = frame->plan->value[here].fact.constant;
		*same = *same && is_same_fact(&c->fact, &now);
		c->fact = now;
	}
	return 0;
}

/* Plans the graph for what comes in. */
static int
plan_inner(const struct tmo_plan *outer, const struct tmo_inner *of, struct tmo_inner_frame *inner,
           struct tmo_error *err)
{
	const struct tmo_plan_request request = {
		.weights = outer->weights, .graph = of->graph, .input = inner->input, .captured = inner->captured,
		.captured_count = inner->captured_count, .kernels = outer->kernels, .threads = outer->threads,
		.limit = outer->limit,
	};

	tmo_frame_free(inner->frame);
	tmo_plan_free(inner->plan);
	inner->frame = NULL;
	inner->plan = tmo_plan_new(outer->net, &request, err);
	if (inner->plan != NULL)
		inner->frame = tmo_frame_new(inner->plan, err);
	return inner->frame != NULL ? 0 : -1;
}

int
tmo_inner_run(struct tmo_frame *frame, struct tmo_team *team, size_t step, size_t number,
              const struct tmo_array *const *input, const struct tmo_frame **ran, struct tmo_error *err)
{
	const struct tmo_inner *const of = &frame->plan->step[step].step.node->inner[number];
	const size_t count = frame->plan->net->graph[of->graph].input_count;
	struct tmo_inner_frame *const inner = &frame->step[step].inner[number];
	bool same = inner->plan != NULL;

	if (look_outside(frame, of->graph, inner, &same, err) < 0)
		return -1;
	if (inner->input == NULL) {
		inner->input = tmo_alloc(count + 1, sizeof(*inner->input), err);
		inner->array = tmo_alloc(count + inner->captured_count + 1, sizeof(*inner->array), err);
		if (inner->input == NULL || inner->array == NULL)
			return -1;
	}
	for (size_t i = 0; i < count; i++) {
		const struct tmo_fact now = tmo_fact_of(input[i]);

		same = same && is_same_fact(&inner->input[i], &now);
		inner->input[i] = now;
		inner->array[i] = *input[i];
	}
	for (size_t i = 0; i < inner->captured_count; i++)
		inner->array[count + i] = frame->array[frame->plan->value[inner->captured[i].value].same];
	if (!same && plan_inner(frame->plan, of, inner, err) < 0)
		return -1;
	*ran = inner->frame;
	return tmo_frame_run(inner->frame, team, inner->array, err);
}

int
tmo_inner_copy(const struct tmo_array *from, struct tmo_array *to, struct tmo_error *err)
{
	struct tmo_array made = {0};

	if (tmo_array_new_spare(&made, from->type, from->rank, from->shape, err) < 0)
		return -1;
	memcpy(made.data, from->data, from->count * tmo_type_size(from->type));
	tmo_array_free(to);
	*to = made;
	return 0;
}

int
tmo_inner_states(const struct tmo_frame *ran, size_t first, size_t count, struct tmo_array *state,
                 struct tmo_error *err)
{
	struct tmo_array *const next = tmo_alloc(count + 1, sizeof(*next), err);
	int status = next != NULL ? 0 : -1;

	for (size_t i = 0; status == 0 && i < count; i++)
		status = tmo_inner_copy(tmo_frame_output(ran, first + i), &next[i], err);
	for (size_t i = 0; next != NULL && i < count; i++) {
		if (status == 0) {
			const struct tmo_array old = state[i];

			state[i] = next[i];
			next[i] = old;
		}
		tmo_array_free(&next[i]);
	}
	free(next);
	return status;
}

int
tmo_stack_add(struct tmo_stack *stack, const struct tmo_array *array, struct tmo_error *err)
{
	if (stack->count == 0) {
		stack->shape = *array;
		stack->shape.data = NULL;
	} else if (array->type != stack->shape.type || array->rank != stack->shape.rank ||
	           memcmp(array->shape, stack->shape.shape, (size_t)array->rank * sizeof(*array->shape)) != 0) {
		return tmo_fail(err, "an output changes its shape from round to round; the model is damaged");
	}
	stack->count++;
	return tmo_buffer_append(&stack->data, array->data, array->count * tmo_type_size(array->type), err);
}

/* What one would be, as far as the network says. */
static int
shape_of_none(struct tmo_stack *stack, const struct tmo_value *value, struct tmo_error *err)
{
	if (value->type == TMO_NONE || value->rank < 0)
		return tmo_fail_unsupported(err, "nothing was put together, and of what is not known");
	stack->shape = (struct tmo_array){.type = value->type, .rank = value->rank, .count = 1};
	for (int i = 0; i < value->rank; i++) {
		stack->shape.shape[i] = value->dim[i].size == TMO_DIM_UNKNOWN ? 0 : value->dim[i].size;
		stack->shape.count *= stack->shape.shape[i];
	}
	return 0;
}

int
tmo_stack_finish(struct tmo_stack *stack, const struct tmo_value *value, int64_t axis, bool reverse,
                 struct tmo_array *out, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX + 1];
	struct tmo_strided s = {0};
	int at;

	if (stack->count == 0 && shape_of_none(stack, value, err) < 0)
		return -1;
	if (stack->shape.rank == TMO_RANK_MAX || tmo_step_axis(axis, stack->shape.rank + 1, &at, err) < 0)
		return tmo_fail(err, "outputs of too many axes, or along axis %jd; the model is damaged", (intmax_t)axis);
	s.rank = stack->shape.rank + 1;
	tmo_strided_steps(stack->shape.rank, stack->shape.shape, s.step + 1);
	for (int i = 0, k = 1; i < s.rank; i++)
		shape[i] = i == at ? stack->count : stack->shape.shape[k++ - 1];
	/* The axis of rounds goes to its place; the others keep their order. */
	memmove(s.step, s.step + 1, (size_t)at * sizeof(*s.step));
	s.step[at] = reverse ? -(ptrdiff_t)stack->shape.count : (ptrdiff_t)stack->shape.count;
	s.first = reverse && stack->count > 0 ? (ptrdiff_t)((stack->count - 1) * stack->shape.count) : 0;
	memcpy(s.shape, shape, (size_t)s.rank * sizeof(*shape));
	if (tmo_array_new_spare(out, stack->shape.type, s.rank, shape, err) < 0)
		return -1;
	if (out->count > 0)
		tmo_strided_copy(&s, tmo_type_size(out->type), stack->data.data, out->data);
	return 0;
}
