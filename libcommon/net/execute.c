/* SPDX-License-Identifier: Apache-2.0 */
#include "net/execute.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/frame.h"
#include "net/step_run.h"

#define ALIGNMENT ((uintptr_t)64)

static void *
aligned(void *memory)
{
	return (char *)memory + (-(uintptr_t)memory & (ALIGNMENT - 1));
}

/* What was kept of a step's inner graphs. */
static void
free_inner(const struct tmo_step *step, struct tmo_inner_frame *inner)
{
	for (size_t i = 0; inner != NULL && i < step->node->inner_count; i++) {
		tmo_frame_free(inner[i].frame);
		tmo_plan_free(inner[i].plan);
		free(inner[i].captured);
		free(inner[i].input);
		free(inner[i].array);
	}
	free(inner);
}

void
tmo_frame_free(struct tmo_frame *frame)
{
	if (frame == NULL)
		return;
	for (size_t i = 0; frame->array != NULL && i < frame->plan->value_count; i++)
		if (frame->plan->value[i].place == TMO_PLACE_LATE)
			tmo_array_free(&frame->array[i]);
	for (size_t i = 0; frame->step != NULL && i < frame->plan->step_count; i++)
		free_inner(&frame->plan->step[i].step, frame->step[i].inner);
	free(frame->memory);
	free(frame->scratch);
	free(frame->array);
	free(frame->input);
	free(frame->output);
	free(frame->step);
	free(frame);
}

/* The arrays of values whose place is known. */
static void
lay_out(struct tmo_frame *frame)
{
	for (size_t i = 0; i < frame->plan->value_count; i++) {
		const struct tmo_planned *const v = &frame->plan->value[i];
		struct tmo_array *const a = &frame->array[i];

		if (v->place == TMO_PLACE_NONE || v->place == TMO_PLACE_LATE || v->fact.rank < 0)
			continue;
		*a = (struct tmo_array){.type = v->fact.type, .rank = v->fact.rank, .count = tmo_fact_count(&v->fact)};
		memcpy(a->shape, v->fact.shape, (size_t)a->rank * sizeof(*a->shape));
		if (v->place == TMO_PLACE_CONSTANT)
			a->data = v->fact.constant->data;
		else if (v->place == TMO_PLACE_MEMORY)
			a->data = frame->base + v->offset;
	}
}

/* The arrays that each step gets. */
static int
list_operands(struct tmo_frame *frame, struct tmo_error *err)
{
	const struct tmo_plan *const plan = frame->plan;
	size_t inputs = 0, outputs = 0;

	for (size_t i = 0; i < plan->step_count; i++) {
		inputs += plan->step[i].step.input_count;
		outputs += plan->step[i].step.output_count;
	}
	frame->input = tmo_alloc(inputs + 1, sizeof(*frame->input), err);
	frame->output = tmo_alloc(outputs + 1, sizeof(*frame->output), err);
	frame->step = tmo_alloc(plan->step_count + 1, sizeof(*frame->step), err);
	if (frame->input == NULL || frame->output == NULL || frame->step == NULL)
		return -1;
	inputs = outputs = 0;
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct tmo_step *const s = &plan->step[i].step;

		frame->step[i] = (struct tmo_frame_step){frame->input + inputs, frame->output + outputs, NULL};
		for (size_t k = 0; k < s->input_count; k++)
			frame->input[inputs++] = tmo_step_has_input(s, k) ? &frame->array[s->in[k]] : NULL;
		for (size_t k = 0; k < s->output_count; k++)
			frame->output[outputs++] = tmo_step_has_output(s, k) ? &frame->array[s->out[k]] : NULL;
	}
	return 0;
}

struct tmo_frame *
tmo_frame_new(const struct tmo_plan *plan, struct tmo_error *err)
{
	struct tmo_frame *const frame = tmo_alloc(1, sizeof(*frame), err);

	if (frame == NULL)
		return NULL;
	frame->plan = plan;
	frame->memory = tmo_alloc(plan->memory + ALIGNMENT, 1, err);
	frame->scratch = tmo_alloc(plan->scratch + ALIGNMENT, 1, err);
	frame->array = tmo_alloc(plan->value_count + 1, sizeof(*frame->array), err);
	if (frame->memory == NULL || frame->scratch == NULL || frame->array == NULL)
		goto fail;
	frame->base = aligned(frame->memory);
	frame->scratch_base = aligned(frame->scratch);
	lay_out(frame);
	if (list_operands(frame, err) < 0)
		goto fail;
	return frame;
fail:
	tmo_frame_free(frame);
	return NULL;
}

/* What the tasks of a phase share. The error that counts is that of the first task that failed. */
struct phase {
	const struct tmo_step *step;
	struct tmo_work work;
	pthread_mutex_t lock;
	size_t failed_task;		/* SIZE_MAX: none */
	struct tmo_error *err;
};

static void
run_task(void *context, size_t task, int worker)
{
	struct phase *const p = context;
	struct tmo_work work = p->work;
	struct tmo_error err = {0};

	(void)worker;
	work.task = task;
	if (p->step->version->run(p->step, &work, &err) == 0)
		return;
	pthread_mutex_lock(&p->lock);
	if (task < p->failed_task) {
		p->failed_task = task;
		*p->err = err;
	}
	pthread_mutex_unlock(&p->lock);
}

/* A step whose shapes were known. */
static int
run_step(struct tmo_frame *frame, struct tmo_team *team, size_t number, struct tmo_error *err)
{
	const struct tmo_step *const step = &frame->plan->step[number].step;
	struct phase p = {
		.step = step, .err = err, .failed_task = SIZE_MAX, .lock = PTHREAD_MUTEX_INITIALIZER,
		.work = {
			.input = frame->step[number].input, .output = frame->step[number].output,
			.scratch = frame->scratch_base,
		},
	};

	for (; p.work.phase < TMO_STEP_PHASES && p.failed_task == SIZE_MAX; p.work.phase++) {
		const size_t tasks = step->tasks[p.work.phase];

		if (team != NULL && tasks > 1)
			tmo_team_run(team, tasks, run_task, &p);
		for (size_t i = 0; (team == NULL || tasks == 1) && i < tasks && p.failed_task == SIZE_MAX; i++)
			run_task(&p, i, 0);
	}
	pthread_mutex_destroy(&p.lock);
	return p.failed_task == SIZE_MAX ? 0 : tmo_step_fail_at(step, err);
}

/* The arrays of outputs that a step made: the frame owns them from now on, in place of what it had. */
static void
take_outputs(struct tmo_frame *frame, size_t step, struct tmo_array *output)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;

	for (size_t i = 0; i < s->output_count; i++)
		if (tmo_step_has_output(s, i)) {
			tmo_array_free(frame->step[step].output[i]);
			*frame->step[step].output[i] = output[i];
			output[i] = (struct tmo_array){0};
		}
}

/* One whose shapes are known now. */
static int
run_late(struct tmo_frame *frame, size_t number, struct tmo_error *err)
{
	const struct tmo_step *const planned = &frame->plan->step[number].step;
	struct tmo_array *const output = tmo_alloc(planned->output_count + 1, sizeof(*output), err);
	struct tmo_step step = {0};
	int status = -1;

	if (output != NULL && tmo_step_make(&step, planned->net, planned->node, planned->version, err) == 0) {
		step.kernels = planned->kernels;
		step.limit = planned->limit;
		memcpy(step.in, planned->in, step.input_count * sizeof(*step.in));
		memcpy(step.out, planned->out, step.output_count * sizeof(*step.out));
		status = tmo_step_run_alone(&step, frame->step[number].input, output, err);
	}
	if (status == 0)
		take_outputs(frame, number, output);
	for (size_t i = 0; output != NULL && i < planned->output_count; i++)
		tmo_array_free(&output[i]);
	tmo_step_release(&step);
	free(output);
	return status;
}

/* One that runs graphs inside of its node. */
static int
run_control(struct tmo_frame *frame, struct tmo_team *team, size_t number, struct tmo_error *err)
{
	const struct tmo_step *const s = &frame->plan->step[number].step;
	struct tmo_inner_frame **const inner = &frame->step[number].inner;
	struct tmo_array *const output = tmo_alloc(s->output_count + 1, sizeof(*output), err);
	int status = -1;

	if (output == NULL)
		return -1;
	if (*inner == NULL)
		*inner = tmo_alloc(s->node->inner_count + 1, sizeof(**inner), err);
	if (*inner != NULL && s->node->inner_count == 0)
		tmo_fail(err, "it has no graph inside; the model is damaged");
	else if (*inner != NULL)
		status = s->version->control(frame, team, number, output, err);
	if (status == 0)
		take_outputs(frame, number, output);
	for (size_t i = 0; i < s->output_count; i++)
		tmo_array_free(&output[i]);
	free(output);
	return status < 0 ? tmo_step_fail_at(s, err) : 0;
}

/* Frees values that made their own memory, once they are read for the last time; `all`: whatever is left. */
static void
drop_late(struct tmo_frame *frame, size_t step, bool all)
{
	const struct tmo_step *const s = &frame->plan->step[step].step;

	for (size_t i = 0; i < s->input_count + s->output_count; i++) {
		const size_t value = i < s->input_count ? s->in[i] : s->out[i - s->input_count];

		if (value != TMO_NET_NONE && frame->plan->value[value].place == TMO_PLACE_LATE &&
		    (all || frame->plan->value[value].last_step == step))
			tmo_array_free(&frame->array[value]);
	}
}

int
tmo_frame_run(struct tmo_frame *frame, struct tmo_team *team, const struct tmo_array *input,
              struct tmo_error *err)
{
	const struct tmo_plan *const plan = frame->plan;

	for (size_t i = 0; i < plan->step_count; i++)
		if (plan->step[i].late)
			drop_late(frame, i, true);
	for (size_t i = 0; i < plan->value_count; i++)
		if (plan->value[i].place == TMO_PLACE_INPUT)
			frame->array[i].data = input[plan->value[i].offset].data;
	for (size_t i = 0; i < plan->step_count; i++) {
		const bool control = plan->step[i].step.version->control != NULL;

		if ((control ? run_control(frame, team, i, err) :
		     plan->step[i].late ? run_late(frame, i, err) : run_step(frame, team, i, err)) < 0)
			return -1;
		if (plan->step[i].late)
			drop_late(frame, i, false);
	}
	return 0;
}

const struct tmo_array *
tmo_frame_output(const struct tmo_frame *frame, size_t i)
{
	return &frame->array[frame->plan->output[i]];
}
