/* SPDX-License-Identifier: Apache-2.0 */
/* select.c: operators that say which elements, or take some: Where, NonZero, Compress, Trilu, IsNaN, IsInf. */
#include <string.h>

#include "base/minifloat.h"
#include "net/op/op.h"
#include "net/step_run.h"
#include "net/strided.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

/* ---- Where ---- */

int
tmo_shape_where(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_fact y;

	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	y = step->input[0];
	if (y.type != TMO_BOOL || step->input[1].type != step->input[2].type)
		return tmo_fail(err, "a condition that is no truth value, or inputs of two types%s", damaged);
	if (tmo_broadcast(&y.rank, y.shape, &step->input[1], err) < 0 ||
	    tmo_broadcast(&y.rank, y.shape, &step->input[2], err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[1].type, y.rank, y.shape);
	return 0;
}

int
tmo_run_where(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const y = work->output[0];
	const size_t size = tmo_type_size(y->type), n = y->rank == 0 ? 1 : y->shape[y->rank - 1];
	const char *const condition = work->input[0]->data, *const a = work->input[1]->data;
	const char *const b = work->input[2]->data;
	char *to = y->data;
	struct tmo_strided s[3];
	struct tmo_walk w[3];
	ptrdiff_t by[3] = { 0, 0, 0 };

	(void)step;
	(void)err;
	for (int i = 0; i < 3; i++) {
		tmo_strided_broadcast(work->input[i], y, &s[i]);
		if (s[i].rank > 0)
			by[i] = s[i].step[--s[i].rank];
		tmo_walk_start(&w[i], &s[i]);
	}
	while (!w[0].ended) {
		for (ptrdiff_t i = 0; i < (ptrdiff_t)n; i++, to += size)
			memcpy(to, condition[w[0].at + i * by[0]] != 0 ? a + (w[1].at + i * by[1]) * (ptrdiff_t)size :
			           b + (w[2].at + i * by[2]) * (ptrdiff_t)size, size);
		for (int i = 0; i < 3; i++)
			tmo_walk_next(&w[i]);
	}
	return 0;
}

/* ---- NonZero ---- */

/* Is element i not 0? Neither sign of 0 is; NaN is. */
static bool
is_nonzero(const struct tmo_array *x, size_t i)
{
	double number;

	if (!tmo_type_is_float(x->type))
		return tmo_array_integer(x, i) != 0;
	tmo_to_f64(&number, x->type, (const char *)x->data + i * tmo_type_size(x->type), 1);
	return number != 0;
}

int
tmo_shape_nonzero(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	tmo_step_give(step, 0, TMO_I64, 0, NULL);
	return 0;
}

/* [rank, count]: the places, in C order, a column each. That of a single number is one of no axes. */
int
tmo_run_nonzero(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	struct tmo_strided all = {.rank = x->rank};
	size_t shape[2] = { (size_t)x->rank, 0 }, column = 0;
	struct tmo_walk w;
	int64_t *y;

	(void)step;
	for (size_t i = 0; i < x->count; i++)
		shape[1] += is_nonzero(x, i);
	if (tmo_array_new_spare(work->output[0], TMO_I64, 2, shape, err) < 0)
		return -1;
	y = work->output[0]->data;
	memcpy(all.shape, x->shape, (size_t)x->rank * sizeof(*all.shape));
	tmo_strided_steps(x->rank, x->shape, all.step);
	for (tmo_walk_start(&w, &all); !w.ended; tmo_walk_next(&w)) {
		if (!is_nonzero(x, (size_t)w.at))
			continue;
		for (int i = 0; i < x->rank; i++)
			y[(size_t)i * shape[1] + column] = (int64_t)w.index[i];
		column++;
	}
	return 0;
}

/* ---- Compress ---- */

int
tmo_shape_compress(struct tmo_step *step, struct tmo_error *err)
{
	int axis;

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (step->input[1].type != TMO_BOOL)
		return tmo_fail(err, "a condition that is no truth value%s", damaged);
	if (tmo_node_attribute(step->node, "axis") != NULL &&
	    tmo_step_axis(tmo_node_number(step->node, "axis", 0), step->input[0].rank, &axis, err) < 0)
		return -1;
	tmo_step_give(step, 0, step->input[0].type, 0, NULL);
	return 0;
}

/* The input as [outer, n, inner] around the axis, [1, count, 1] without one; the condition may be shorter. */
int
tmo_run_compress(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const condition = work->input[1];
	const uint8_t *const wanted = condition->data;
	const bool flat = tmo_node_attribute(step->node, "axis") == NULL;
	size_t outer = 1, n = x->count, inner = tmo_type_size(x->type), shape[TMO_RANK_MAX] = {0}, kept = 0;
	char *to;
	int axis = 0;

	if (!flat) {
		if (tmo_step_axis(tmo_node_number(step->node, "axis", 0), x->rank, &axis, err) < 0)
			return -1;
		memcpy(shape, x->shape, (size_t)x->rank * sizeof(*shape));
		n = x->shape[axis];
		for (int i = 0; i < axis; i++)
			outer *= x->shape[i];
		for (int i = axis + 1; i < x->rank; i++)
			inner *= x->shape[i];
	}
	for (size_t i = 0; i < condition->count && i < n; i++)
		kept += wanted[i] != 0;
	shape[axis] = kept;
	if (tmo_array_new_spare(work->output[0], x->type, flat ? 1 : x->rank, shape, err) < 0)
		return -1;
	to = work->output[0]->data;
	for (size_t i = 0; work->output[0]->count > 0 && i < outer; i++)
		for (size_t k = 0; k < condition->count && k < n; k++)
			if (wanted[k] != 0) {
				memcpy(to, (const char *)x->data + (i * n + k) * inner, inner);
				to += inner;
			}
	return 0;
}

/* ---- Trilu ---- */

/* What is kept of line i: columns *from … *end - 1 of n. k: which diagonal ends it. */
static void
kept_columns(size_t i, size_t n, int64_t k, bool upper, size_t *from, size_t *end)
{
	const int64_t limit = INT64_MAX / 4, columns = (int64_t)n;
	const int64_t diagonal = (int64_t)i + (k > limit ? limit : k < -limit ? -limit : k) + !upper;
	const size_t edge = diagonal < 0 ? 0 : diagonal > columns ? n : (size_t)diagonal;

	*from = upper ? edge : 0;
	*end = upper ? n : edge;
}

int
tmo_shape_trilu(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (step->input[0].rank < 2 ||
	    (tmo_step_has_input(step, 1) && (tmo_step_expect_integers(step, 1, err) < 0 ||
	                                     tmo_fact_count(&step->input[1]) != 1)))
		return tmo_fail(err, "no matrices, or a diagonal that is not one integer%s", damaged);
	tmo_step_give(step, 0, step->input[0].type, step->input[0].rank, step->input[0].shape);
	return 0;
}

int
tmo_run_trilu(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	const size_t rows = x->shape[x->rank - 2], columns = x->shape[x->rank - 1], size = tmo_type_size(x->type);
	const bool upper = tmo_node_number(step->node, "upper", 1) != 0;
	const int64_t k = step->input_count > 1 && work->input[1] != NULL ? tmo_array_integer(work->input[1], 0) : 0;
	char *const y = work->output[0]->data;
	size_t from, end;

	(void)err;
	memset(y, 0, x->count * size);
	for (size_t i = 0; x->count > 0 && i < x->count / columns; i++) {
		kept_columns(i % rows, columns, k, upper, &from, &end);
		memcpy(y + (i * columns + from) * size, (const char *)x->data + (i * columns + from) * size, (end - from) * size);
	}
	return 0;
}

/* ---- IsNaN, IsInf ---- */

int
tmo_shape_is(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (!tmo_type_is_float(step->input[0].type))
		return tmo_fail(err, "an input that is not of floats%s", damaged);
	tmo_step_give(step, 0, TMO_BOOL, step->input[0].rank, step->input[0].shape);
	return 0;
}

int
tmo_run_is(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	const bool nan = step->version->function == TMO_IS_NAN;
	const bool above = !nan && tmo_node_number(step->node, "detect_positive", 1) != 0;
	const bool below = !nan && tmo_node_number(step->node, "detect_negative", 1) != 0;
	uint8_t *const y = work->output[0]->data;

	(void)err;
	for (size_t i = 0; i < x->count; i++) {
		double number;

		tmo_to_f64(&number, x->type, (const char *)x->data + i * tmo_type_size(x->type), 1);
		y[i] = (nan && number != number) || (above && number > 0x1.fffffffffffffp1023) ||
		       (below && number < -0x1.fffffffffffffp1023);
	}
	return 0;
}
