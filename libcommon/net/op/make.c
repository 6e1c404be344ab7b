/* SPDX-License-Identifier: Apache-2.0 */
/*
 * make.c: operators that make values of few numbers or of shapes: Shape, Size, ConstantOfShape, Range, EyeLike,
 * OneHot.
 */
#include <math.h>
#include <string.h>

#include "base/minifloat.h"
#include "net/op/op.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

/* ---- Shape, Size: of the facts; the input itself may not be there ---- */

/* Axes start … end - 1; both may count from the end, and are cut to what there is. */
static void
shape_range(const struct tmo_step *step, int *start, int *end)
{
	const int64_t rank = step->input[0].rank;
	int64_t from = tmo_node_number(step->node, "start", 0), to = tmo_node_number(step->node, "end", rank);

	from = from < -rank ? 0 : from < 0 ? from + rank : from > rank ? rank : from;
	to = to < -rank ? 0 : to < 0 ? to + rank : to > rank ? rank : to;
	*start = (int)from;
	*end = (int)(to < from ? from : to);
}

int
tmo_shape_shape(struct tmo_step *step, struct tmo_error *err)
{
	int start, end;
	size_t count;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	shape_range(step, &start, &end);
	count = (size_t)(end - start);
	tmo_step_give(step, 0, TMO_I64, 1, &count);
	return 0;
}

int
tmo_run_shape(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	int64_t *const y = work->output[0]->data;
	int start, end;

	(void)err;
	shape_range(step, &start, &end);
	for (int i = start; i < end; i++)
		y[i - start] = (int64_t)step->input[0].shape[i];
	return 0;
}

int
tmo_shape_size(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	tmo_step_give(step, 0, TMO_I64, 0, NULL);
	return 0;
}

int
tmo_run_size(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const int64_t count = (int64_t)tmo_fact_count(&step->input[0]);

	(void)err;
	memcpy(work->output[0]->data, &count, sizeof(count));
	return 0;
}

/* ---- ConstantOfShape ---- */

int
tmo_shape_constant_of_shape(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_attribute *const value = tmo_node_attribute(step->node, "value");
	struct tmo_integers wanted;
	size_t shape[TMO_RANK_MAX];

	if (!tmo_step_integers(step, NULL, 0, &wanted))
		return tmo_fail(err, "its shape is missing%s", damaged);
	if (value != NULL && (value->kind != TMO_ATTRIBUTE_ARRAY || value->array->count != 1))
		return tmo_fail_unsupported(err, "a value that is not one number");
	for (size_t i = 0; i < wanted.count; i++) {
		if (wanted.value[i] < 0)
			return tmo_fail(err, "a shape of %jd%s", (intmax_t)wanted.value[i], damaged);
		shape[i] = (size_t)wanted.value[i];
	}
	tmo_step_give(step, 0, value != NULL ? value->array->type : TMO_F32, (int)wanted.count, shape);
	return 0;
}

int
tmo_run_constant_of_shape(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_attribute *const value = tmo_node_attribute(step->node, "value");
	const struct tmo_array *const y = work->output[0];
	const size_t size = tmo_type_size(y->type);

	(void)err;
	if (value == NULL)
		memset(y->data, 0, y->count * size);
	for (size_t i = 0; value != NULL && i < y->count; i++)
		memcpy((char *)y->data + i * size, value->array->data, size);
	return 0;
}

/* ---- Range ---- */

static int
integer_range(int64_t start, int64_t limit, int64_t delta, size_t *count, struct tmo_error *err)
{
	const uint64_t from = (uint64_t)start, to = (uint64_t)limit;

	if (delta == 0)
		return tmo_fail(err, "a range by steps of 0%s", damaged);
	if (delta > 0)
		*count = limit > start ? (size_t)((to - from - 1) / (uint64_t)delta + 1) : 0;
	else
		*count = limit < start ? (size_t)((from - to - 1) / (0 - (uint64_t)delta) + 1) : 0;
	return 0;
}

static int
float_range(double start, double limit, double delta, size_t *count, struct tmo_error *err)
{
	const double n = ceil((limit - start) / delta);

	if (!(n < 0x1p53))
		return tmo_fail(err, "no range from %g to %g by %g%s", start, limit, delta, damaged);
	*count = n > 0 ? (size_t)n : 0;
	return 0;
}

int
tmo_shape_range(struct tmo_step *step, struct tmo_error *err)
{
	double number[3];
	int64_t integer[3];
	size_t count;

	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	for (size_t i = 0; i < 3; i++) {
		const struct tmo_array *const a = step->input[i].constant;

		if (a->count != 1 || a->type != step->input[0].type)
			return tmo_fail(err, "a range of more than one number or type%s", damaged);
		tmo_to_f64(&number[i], a->type, a->data, 1);
		integer[i] = tmo_type_is_float(a->type) ? 0 : tmo_array_integer(a, 0);
	}
	if ((tmo_type_is_float(step->input[0].type) ?
	     float_range(number[0], number[1], number[2], &count, err) :
	     integer_range(integer[0], integer[1], integer[2], &count, err)) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, 1, &count);
	return 0;
}

/* Floats are start + i * delta of doubles, rounded once. */
int
tmo_run_range(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const y = work->output[0], *const first = work->input[0], *const by = work->input[2];
	const size_t size = tmo_type_size(y->type);
	double start, delta;

	(void)step;
	(void)err;
	tmo_to_f64(&start, y->type, first->data, 1);
	tmo_to_f64(&delta, y->type, by->data, 1);
	for (size_t i = 0; i < y->count; i++) {
		if (tmo_type_is_float(y->type)) {
			const double number = start + (double)i * delta;

			tmo_from_f64((char *)y->data + i * size, y->type, &number, 1);
		} else {
			tmo_array_set_integer(y, i, (uint64_t)tmo_array_integer(first, 0) +
			                                i * (uint64_t)tmo_array_integer(by, 0));
		}
	}
	return 0;
}

/* ---- EyeLike: of the facts ---- */

int
tmo_shape_eye_like(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	enum tmo_type type;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	type = tmo_node_type(step->node, "dtype", x->type);
	if (type == TMO_NONE)
		return tmo_fail_unsupported(err, "ones of type %jd of ONNX", (intmax_t)tmo_node_number(step->node, "dtype", 0));
	if (x->rank != 2)
		return tmo_fail(err, "an input of rank %d, not 2%s", x->rank, damaged);
	tmo_step_give(step, 0, type, 2, x->shape);
	return 0;
}

int
tmo_run_eye_like(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const y = work->output[0];
	const int64_t k = tmo_node_number(step->node, "k", 0), columns = (int64_t)y->shape[1];

	(void)err;
	memset(y->data, 0, y->count * tmo_type_size(y->type));
	for (int64_t i = 0; k > -INT64_MAX / 2 && k < INT64_MAX / 2 && i < (int64_t)y->shape[0]; i++)
		if (i + k >= 0 && i + k < columns)
			tmo_array_set_integer(y, (size_t)(i * columns + i + k), 1);
	return 0;
}

/* ---- OneHot ---- */

static int
one_hot_axis(const struct tmo_step *step, int *axis, struct tmo_error *err)
{
	return tmo_step_axis(tmo_node_number(step->node, "axis", -1), step->input[0].rank + 1, axis, err);
}

int
tmo_shape_one_hot(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	const struct tmo_array *depth;
	size_t shape[TMO_RANK_MAX + 1];
	double count;
	int axis;

	if (tmo_step_expect(step, 3, err) < 0 || one_hot_axis(step, &axis, err) < 0)
		return -1;
	depth = step->input[1].constant;
	if (x->rank == TMO_RANK_MAX || depth->count != 1 || tmo_fact_count(&step->input[2]) != 2)
		return tmo_fail(err, "its depth is not one number, or its values are not two%s", damaged);
	tmo_to_f64(&count, depth->type, depth->data, 1);
	if (!(count >= 1 && count < 0x1p53))
		return tmo_fail(err, "a depth of %g%s", count, damaged);
	for (int i = 0, k = 0; i <= x->rank; i++)
		shape[i] = i == axis ? (size_t)count : x->shape[k++];
	tmo_step_give(step, 0, step->input[2].type, x->rank + 1, shape);
	return 0;
}

/* An index that is not among -depth … depth - 1 makes a line without a one. */
int
tmo_run_one_hot(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t size = tmo_type_size(y->type);
	const char *const off = work->input[2]->data, *const on = off + size;
	size_t depth, inner = 1;
	int axis;

	if (one_hot_axis(step, &axis, err) < 0)
		return -1;
	depth = y->shape[axis];
	for (int i = axis + 1; i < y->rank; i++)
		inner *= y->shape[i];
	for (size_t i = 0; i < y->count; i++)
		memcpy((char *)y->data + i * size, off, size);
	for (size_t i = 0; i < x->count; i++) {
		double index;

		tmo_to_f64(&index, x->type, (const char *)x->data + i * tmo_type_size(x->type), 1);
		index = trunc(index < 0 ? index + (double)depth : index);
		if (index >= 0 && index < (double)depth)
			memcpy((char *)y->data + ((i / inner * depth + (size_t)index) * inner + i % inner) * size, on, size);
	}
	return 0;
}
