/* SPDX-License-Identifier: Apache-2.0 */
/* move.c: operators whose results are elements of their inputs in other places. */
#include <string.h>

#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

/* The steps of input 0, as it comes. */
static void
steps_of(const struct tmo_fact *x, struct tmo_strided *s)
{
	*s = (struct tmo_strided){.rank = x->rank};
	memcpy(s->shape, x->shape, (size_t)x->rank * sizeof(*s->shape));
	tmo_strided_steps(x->rank, x->shape, s->step);
}

static int
copy_all(const struct tmo_work *work, const struct tmo_strided *s)
{
	tmo_strided_copy(s, tmo_type_size(work->input[0]->type), work->input[0]->data, work->output[0]->data);
	return 0;
}

/* ---- Transpose ---- */

static int
transposed(const struct tmo_step *step, struct tmo_strided *s, struct tmo_error *err)
{
	const struct tmo_attribute *const perm = tmo_node_attribute(step->node, "perm");
	struct tmo_strided from;
	bool seen[TMO_RANK_MAX] = {false};

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	steps_of(&step->input[0], &from);
	*s = from;
	if (perm != NULL && (perm->kind != TMO_ATTRIBUTE_INTS || perm->count != (size_t)from.rank))
		return tmo_fail(err, "perm has %zu numbers for an input of rank %d%s", perm->count, from.rank, damaged);
	for (int i = 0; i < from.rank; i++) {
		const int64_t axis = perm != NULL ? perm->numbers[i] : from.rank - 1 - i;

		if (axis < 0 || axis >= from.rank || seen[axis])
			return tmo_fail(err, "perm has %jd%s", (intmax_t)axis, damaged);
		seen[axis] = true;
		s->shape[i] = from.shape[axis];
		s->step[i] = from.step[axis];
	}
	return 0;
}

int
tmo_shape_transpose(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_strided s;

	if (transposed(step, &s, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, s.rank, s.shape);
	return 0;
}

int
tmo_run_transpose(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct tmo_strided s;

	return transposed(step, &s, err) < 0 ? -1 : copy_all(work, &s);
}

/* ---- Slice ---- */

/* One axis of [start, end) by step, as Python slices. */
static void
slice_axis(struct tmo_strided *s, int axis, int64_t start, int64_t end, int64_t step)
{
	const int64_t n = (int64_t)s->shape[axis], low = step > 0 ? 0 : -1, high = step > 0 ? n : n - 1;
	int64_t count;

	start = start < 0 ? start + n : start;
	end = end < 0 ? end + n : end;
	start = start < low ? low : start > high ? high : start;
	end = end < low ? low : end > high ? high : end;
	count = step > 0 ? (end > start ? (end - start - 1) / step + 1 : 0) :
	                   (start > end ? (start - end - 1) / -step + 1 : 0);
	s->first += count > 0 ? start * s->step[axis] : 0;
	s->shape[axis] = (size_t)count;
	s->step[axis] *= step;
}

static int
sliced(const struct tmo_step *step, struct tmo_strided *s, struct tmo_error *err)
{
	const int rank = step->input[0].rank;
	struct tmo_integers starts, ends, axes, steps;
	int axis;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	steps_of(&step->input[0], s);
	if (!tmo_step_integers(step, "starts", 1, &starts) || !tmo_step_integers(step, "ends", 2, &ends) ||
	    starts.count != ends.count || (int)starts.count > rank)
		return tmo_fail(err, "starts and ends are missing or do not go together%s", damaged);
	if (!tmo_step_integers(step, "axes", 3, &axes)) {
		axes.count = starts.count;
		for (size_t i = 0; i < axes.count; i++)
			axes.value[i] = (int64_t)i;
	}
	if (!tmo_step_integers(step, NULL, 4, &steps)) {
		steps.count = starts.count;
		for (size_t i = 0; i < steps.count; i++)
			steps.value[i] = 1;
	}
	if (axes.count != starts.count || steps.count != starts.count)
		return tmo_fail(err, "axes or steps do not go with starts%s", damaged);
	for (size_t i = 0; i < starts.count; i++) {
		if (tmo_step_axis(axes.value[i], rank, &axis, err) < 0)
			return -1;
		if (steps.value[i] == 0 || steps.value[i] == INT64_MIN)
			return tmo_fail(err, "a step of %jd%s", (intmax_t)steps.value[i], damaged);
		slice_axis(s, axis, starts.value[i], ends.value[i], steps.value[i]);
	}
	return 0;
}

int
tmo_shape_slice(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_strided s;

	if (sliced(step, &s, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, s.rank, s.shape);
	return 0;
}

int
tmo_run_slice(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct tmo_strided s;

	return sliced(step, &s, err) < 0 ? -1 : copy_all(work, &s);
}

/* ---- Expand, Tile ---- */

int
tmo_shape_expand(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_integers wanted;
	struct tmo_fact y, other = {0};

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (!tmo_step_integers(step, NULL, 1, &wanted))
		return tmo_fail(err, "its shape is missing%s", damaged);
	y = step->input[0];
	other.rank = (int)wanted.count;
	for (size_t i = 0; i < wanted.count; i++) {
		if (wanted.value[i] < 0)
			return tmo_fail(err, "a shape of %jd%s", (intmax_t)wanted.value[i], damaged);
		other.shape[i] = (size_t)wanted.value[i];
	}
	if (tmo_broadcast(&y.rank, y.shape, &other, err) < 0)
		return -1;
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

int
tmo_run_expand(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct tmo_strided s;

	(void)step;
	(void)err;
	tmo_strided_broadcast(work->input[0], work->output[0], &s);
	return copy_all(work, &s);
}

int
tmo_shape_tile(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_integers repeats;
	struct tmo_fact y;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	y = step->input[0];
	if (!tmo_step_integers(step, NULL, 1, &repeats) || repeats.count != (size_t)y.rank || 2 * y.rank > TMO_RANK_MAX)
		return tmo_fail(err, "repeats do not go with an input of rank %d%s", y.rank, damaged);
	for (int i = 0; i < y.rank; i++) {
		if (repeats.value[i] < 0)
			return tmo_fail(err, "%jd repeats%s", (intmax_t)repeats.value[i], damaged);
		y.shape[i] *= (size_t)repeats.value[i];
	}
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

/* Each axis is two: repeats, which all are the same, and the input's own. */
int
tmo_run_tile(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	struct tmo_strided s = {.rank = 2 * x->rank};
	ptrdiff_t steps[TMO_RANK_MAX];

	(void)step;
	(void)err;
	tmo_strided_steps(x->rank, x->shape, steps);
	for (int i = 0; i < x->rank; i++) {
		s.shape[2 * i] = x->shape[i] == 0 ? 0 : y->shape[i] / x->shape[i];
		s.shape[2 * i + 1] = x->shape[i];
		s.step[2 * i + 1] = steps[i];
	}
	return copy_all(work, &s);
}

/* ---- Concat, Split ---- */

int
tmo_shape_concat(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_fact y;
	int axis;

	if (tmo_step_expect(step, step->input_count, err) < 0 || tmo_step_expect(step, 1, err) < 0 ||
	    tmo_step_axis(tmo_node_number(step->node, "axis", 1), step->input[0].rank, &axis, err) < 0)
		return -1;
	y = step->input[0];
	for (size_t i = 1; i < step->input_count; i++) {
		const struct tmo_fact *const x = &step->input[i];

		for (int k = 0; k < y.rank && x->rank == y.rank; k++)
			if (k != axis && x->shape[k] != y.shape[k])
				return tmo_fail(err, "inputs 0 and %zu do not go together; give data of the shapes that the "
				                "network wants", i);
		if (x->rank != y.rank || x->type != y.type)
			return tmo_fail(err, "inputs 0 and %zu are of other ranks or types%s", i, damaged);
		y.shape[axis] += x->shape[axis];
	}
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

/* Where an input of a Concat, or an output of a Split, is in the whole: `at` elements into each line. */
static void
move_part(const struct tmo_array *part, const struct tmo_array *whole, int axis, size_t at, bool into)
{
	const size_t size = tmo_type_size(whole->type);
	size_t inner = size, lines = 1;

	for (int i = 0; i < axis; i++)
		lines *= whole->shape[i];
	for (int i = axis + 1; i < whole->rank; i++)
		inner *= whole->shape[i];
	for (size_t i = 0; i < lines; i++) {
		char *const here = (char *)part->data + i * part->shape[axis] * inner;
		char *const there = (char *)whole->data + (i * whole->shape[axis] + at) * inner;

		memcpy(into ? there : here, into ? here : there, part->shape[axis] * inner);
	}
}

int
tmo_run_concat(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	size_t at = 0;
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", 1), step->input[0].rank, &axis, err) < 0)
		return -1;
	for (size_t i = 0; i < step->input_count; i++) {
		move_part(work->input[i], work->output[0], axis, at, true);
		at += work->input[i]->shape[axis];
	}
	return 0;
}

int
tmo_shape_split(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_integers sizes;
	struct tmo_fact y;
	size_t left, each;
	int axis;

	if (tmo_step_expect(step, 1, err) < 0 ||
	    tmo_step_axis(tmo_node_number(step->node, "axis", 0), step->input[0].rank, &axis, err) < 0)
		return -1;
	y = step->input[0];
	left = y.shape[axis];
	each = step->output_count == 0 ? 0 : (left + step->output_count - 1) / step->output_count;
	if (!tmo_step_integers(step, "split", 1, &sizes)) {
		sizes.count = 0;
		if (step->output_count > TMO_RANK_MAX && step->output_count * each != left)
			return tmo_fail_unsupported(err, "%zu uneven parts", step->output_count);
	} else if (sizes.count != step->output_count) {
		return tmo_fail(err, "%zu sizes for %zu parts%s", sizes.count, step->output_count, damaged);
	}
	for (size_t i = 0; i < step->output_count; i++) {
		const size_t size = sizes.count > 0 ? (size_t)sizes.value[i] : each < left ? each : left;

		if (size > left)
			return tmo_fail(err, "parts of more than the %zu indices of axis %d%s", step->input[0].shape[axis],
			                axis, damaged);
		y.shape[axis] = size;
		left -= size;
		tmo_step_give(step, i, y.type, y.rank, y.shape);
	}
	return left == 0 ? 0 : tmo_fail(err, "parts of less than axis %d%s", axis, damaged);
}

int
tmo_run_split(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	size_t at = 0;
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", 0), step->input[0].rank, &axis, err) < 0)
		return -1;
	for (size_t i = 0; i < step->output_count; i++) {
		if (work->output[i] != NULL)
			move_part(work->output[i], work->input[0], axis, at, false);
		at += step->output[i].shape[axis];
	}
	return 0;
}
