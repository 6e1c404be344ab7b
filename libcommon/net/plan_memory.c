/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_memory.c: gives values their places in a run's memory. A value's memory is its own from the step
 * that makes it to the last that reads it; each gets the lowest place that is free for so long, in the
 * order in which they are made.
 */
#include <stdlib.h>

#include "base/element_type.h"
#include "base/memory.h"
#include "net/plan_parts.h"

#define ALIGNMENT ((size_t)64)

struct placed {
	size_t offset, end;		/* bytes */
	size_t last_step;
};

static void
note_reader(struct tmo_plan *plan, size_t value, size_t step)
{
	plan->value[value].last_step = step;
	plan->value[plan->value[value].root].last_step = step;
}

/* A step reads what graphs inside of its node do. */
static int
note_captured(struct tmo_plan *plan, size_t step, struct tmo_error *err)
{
	const struct tmo_node *const node = plan->step[step].step.node;
	size_t *value, count;

	for (size_t i = 0; i < node->inner_count; i++) {
		if (tmo_plan_captures(plan->net, node->inner[i].graph, &value, &count, err) < 0)
			return -1;
		for (size_t k = 0; k < count; k++)
			note_reader(plan, plan->value[value[k]].same, step);
		free(value);
	}
	return 0;
}

/* When each value is made, and read for the last time; of those that share memory, the root. */
static int
find_lives(struct tmo_plan *plan, struct tmo_error *err)
{
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct tmo_step *const s = &plan->step[i].step;

		for (size_t k = 0; k < s->output_count; k++)
			if (tmo_step_has_output(s, k))
				plan->value[s->out[k]].first_step = plan->value[s->out[k]].last_step = i;
		for (size_t k = 0; k < s->input_count; k++)
			if (tmo_step_has_input(s, k))
				note_reader(plan, s->in[k], i);
		if (s->version->control != NULL && note_captured(plan, i, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < plan->output_count; i++)
		note_reader(plan, plan->output[i], plan->step_count);
	return 0;
}

/* The lowest place for so many bytes among those that are still read; places are in order of their offset. */
static size_t
find_place(const struct placed *placed, size_t count, size_t bytes, size_t *before)
{
	size_t offset = 0;

	for (*before = 0; *before < count; ++*before) {
		if (placed[*before].offset >= offset && placed[*before].offset - offset >= bytes)
			break;
		if (placed[*before].end > offset)
			offset = placed[*before].end;
	}
	return offset;
}

/* Drops the places of values that are not read from this step on. */
static size_t
drop_dead(struct placed *placed, size_t count, size_t step)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (placed[i].last_step >= step)
			placed[kept++] = placed[i];
	return kept;
}

static int
bytes_of(const struct tmo_fact *fact, size_t *bytes, struct tmo_error *err)
{
	*bytes = tmo_type_size(fact->type);
	for (int i = 0; i < fact->rank; i++)
		if (tmo_mul_size(*bytes, fact->shape[i], bytes, err) < 0)
			return -1;
	if (tmo_add_size(*bytes, TMO_ARRAY_SPARE + ALIGNMENT - 1, bytes, err) < 0)
		return -1;
	*bytes -= *bytes % ALIGNMENT;
	return 0;
}

int
tmo_plan_place(struct tmo_plan *plan, struct tmo_error *err)
{
	struct placed *const placed = tmo_alloc(plan->value_count + 1, sizeof(*placed), err);
	size_t count = 0, before, bytes;

	if (placed == NULL || find_lives(plan, err) < 0) {
		free(placed);
		return -1;
	}
	for (size_t i = 0; i < plan->step_count; i++) {
		const struct tmo_step *const s = &plan->step[i].step;

		if (s->scratch > plan->scratch)
			plan->scratch = s->scratch;
		count = drop_dead(placed, count, i);
		for (size_t k = 0; k < s->output_count; k++) {
			struct tmo_planned *const v = tmo_step_has_output(s, k) ? &plan->value[s->out[k]] : NULL;

			if (v == NULL || v->place != TMO_PLACE_MEMORY)
				continue;
			if (bytes_of(&v->fact, &bytes, err) < 0) {
				free(placed);
				return -1;
			}
			v->offset = find_place(placed, count, bytes, &before);
			for (size_t j = count++; j > before; j--)
				placed[j] = placed[j - 1];
			placed[before] = (struct placed){v->offset, v->offset + bytes, v->last_step};
			if (v->offset + bytes > plan->memory)
				plan->memory = v->offset + bytes;
		}
	}
	free(placed);
	for (size_t i = 0; i < plan->value_count; i++)
		plan->value[i].offset = plan->value[plan->value[i].root].offset;
	return 0;
}
