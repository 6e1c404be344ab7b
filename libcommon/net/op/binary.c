/* SPDX-License-Identifier: Apache-2.0 */
/* binary.c: operators of the elements of two arrays, or of many one after the other, that are broadcast. */
#include <string.h>

#include "base/element_type.h"
#include "kernel/integers.h"
#include "net/broadcast.h"
#include "net/op/op.h"
#include "net/op/mixed.h"

static const char damaged[] = "; the model is damaged";

/*
 * Before operator set 7 the attribute `axis` said where the second input's axes are in the first's: ones are put
 * behind them. A PRelu's numbers then were those of channels.
 */
static struct tmo_fact
aligned(const struct tmo_step *step, size_t i)
{
	struct tmo_fact x = step->input[i];
	const int rank = step->input[0].rank;
	int64_t axis = 0;
	bool named = false;

	if (i != 1 || step->version->since >= 7 || x.rank >= rank)
		return x;
	if (step->version->function == TMO_BINARY_PRELU) {
		axis = 1;
		named = x.rank == 1 && rank > 1 && x.shape[0] == step->input[0].shape[1];
	} else if (tmo_node_attribute(step->node, "axis") != NULL) {
		axis = tmo_node_number(step->node, "axis", 0);
		axis = axis < 0 ? axis + rank : axis;
		named = axis >= 0;
	}
	while (named && axis + x.rank < rank)
		x.shape[x.rank++] = 1;
	return x;
}

/* The function, where attributes have a say. */
static int
function_of(const struct tmo_step *step)
{
	const int f = step->version->function;

	if (f == TMO_BINARY_SHIFT_LEFT && strcmp(tmo_node_text(step->node, "direction", "LEFT"), "RIGHT") == 0)
		return TMO_BINARY_SHIFT_RIGHT;
	if (f == TMO_BINARY_REST && tmo_node_number(step->node, "fmod", 0) != 0)
		return TMO_BINARY_C_REST;
	return f;
}

static int
give_broadcast(struct tmo_step *step, enum tmo_type type, struct tmo_error *err)
{
	struct tmo_fact y = step->input[0];

	for (size_t i = 1; i < step->input_count; i++) {
		const struct tmo_fact x = aligned(step, i);

		if (tmo_broadcast(&y.rank, y.shape, &x, err) < 0)
			return -1;
	}
	tmo_step_give(step, 0, type, y.rank, y.shape);
	return 0;
}

/* Fails unless all inputs are of one type. */
static int
expect_one_type(const struct tmo_step *step, struct tmo_error *err)
{
	const enum tmo_type type = step->input[0].type;

	for (size_t i = 1; i < step->input_count; i++)
		if (step->input[i].type != type)
			return tmo_fail(err, "inputs of types %s and %s%s", tmo_type_name(type),
			                tmo_type_name(step->input[i].type), damaged);
	return 0;
}

static bool
takes(int f, enum tmo_type type)
{
	switch (f) {
	case TMO_BINARY_AND: case TMO_BINARY_OR: case TMO_BINARY_XOR:
		return type == TMO_BOOL;
	case TMO_BINARY_BITS_AND: case TMO_BINARY_BITS_OR: case TMO_BINARY_BITS_XOR:
	case TMO_BINARY_SHIFT_LEFT: case TMO_BINARY_SHIFT_RIGHT:
		return tmo_type_is_integer(type);
	default:
		return tmo_type_is_integer(type) || tmo_type_is_float(type);
	}
}

/* Two inputs, or, of the operators that take any number, all. */
static int
check(struct tmo_step *step, size_t least, struct tmo_error *err)
{
	const int f = step->version->function;

	if (tmo_step_expect(step, least, err) < 0 || tmo_step_expect(step, step->input_count, err) < 0 ||
	    (f != TMO_BINARY_POWER && expect_one_type(step, err) < 0))
		return -1;
	for (size_t i = 0; i < step->input_count; i++)
		if (!takes(f, step->input[i].type))
			return tmo_fail_unsupported(err, "an input of type %s", tmo_type_name(step->input[i].type));
	return 0;
}

int
tmo_shape_pair(struct tmo_step *step, struct tmo_error *err)
{
	if (check(step, 2, err) < 0)
		return -1;
	if (step->input_count != 2)
		return tmo_fail(err, "%zu inputs%s", step->input_count, damaged);
	return give_broadcast(step, step->input[0].type, err);
}

int
tmo_shape_fold(struct tmo_step *step, struct tmo_error *err)
{
	if (check(step, 1, err) < 0)
		return -1;
	if (step->version->function == TMO_BINARY_ADD && !tmo_type_is_float(step->input[0].type))
		return tmo_fail_unsupported(err, "an input of type %s", tmo_type_name(step->input[0].type));
	return give_broadcast(step, step->input[0].type, err);
}

int
tmo_shape_compare(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 2, err) < 0 || expect_one_type(step, err) < 0)
		return -1;
	if (step->input_count != 2)
		return tmo_fail(err, "%zu inputs%s", step->input_count, damaged);
	return give_broadcast(step, TMO_BOOL, err);
}

int
tmo_prepare_elements(struct tmo_step *step, struct tmo_error *err)
{
	(void)err;
	tmo_step_cut(step, tmo_fact_count(&step->output[0]));
	return 0;
}

static struct tmo_side
operand_at(const struct tmo_array *x, const struct tmo_rows *rows, const struct tmo_row *row, int i)
{
	return (struct tmo_side){(const char *)x->data + row->first[i] * tmo_type_size(x->type), rows->step[i]};
}

/* Elements [at, end) of y = f(a, b). */
static void
run_pair(const struct tmo_step *step, int f, const struct tmo_rows *rows, const struct tmo_array *a,
         const struct tmo_array *b, struct tmo_array *y, size_t at, size_t end)
{
	while (at < end) {
		const struct tmo_row row = tmo_rows_at(rows, at, end);
		const struct tmo_side u = operand_at(a, rows, &row, 0), v = operand_at(b, rows, &row, 1);
		void *const out = (char *)y->data + at * tmo_type_size(y->type);

		if (a->type != b->type)
			tmo_power_mixed(step->kernels, a->type, u, b->type, v, out, row.count);
		else if (a->type == TMO_F32)
			tmo_binary(step->kernels, (enum tmo_binary)f, 1, row.count, (struct tmo_operand){u.data, 0, u.step},
			           (struct tmo_operand){v.data, 0, v.step}, out, 0);
		else
			tmo_integer_pair(f, a->type, u, v, out, row.count);
		at += row.count;
	}
}

int
tmo_run_pair(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_fact a = aligned(step, 0), b = aligned(step, 1);
	struct tmo_array *const y = work->output[0];
	struct tmo_rows rows;

	(void)err;
	tmo_rows_make(&rows, y->rank, y->shape, (const struct tmo_fact *[]){&a, &b});
	run_pair(step, function_of(step), &rows, work->input[0], work->input[1], y, work->task * TMO_PART,
	         tmo_part_end(work->task, y->count));
	return 0;
}

/* Max, Min, Sum: y is the first two, then y and each of the others. */
int
tmo_run_fold(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const int f = step->version->function;
	struct tmo_array *const y = work->output[0];
	const size_t at = work->task * TMO_PART, end = tmo_part_end(work->task, y->count), size = tmo_type_size(y->type);
	struct tmo_rows rows;

	(void)err;
	if (step->input_count == 1)
		memcpy((char *)y->data + at * size, (const char *)work->input[0]->data + at * size, (end - at) * size);
	for (size_t i = 1; i < step->input_count; i++) {
		const struct tmo_fact *const first = i == 1 ? &step->input[0] : &step->output[0];

		tmo_rows_make(&rows, y->rank, y->shape, (const struct tmo_fact *[]){first, &step->input[i]});
		run_pair(step, f, &rows, i == 1 ? work->input[0] : y, work->input[i], y, at, end);
	}
	return 0;
}

int
tmo_run_mean(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct tmo_array *const y = work->output[0];
	const size_t at = work->task * TMO_PART, end = tmo_part_end(work->task, y->count);
	const float count = (float)step->input_count;
	float *const out = (float *)y->data + at;

	if (tmo_run_fold(step, work, err) < 0)
		return -1;
	tmo_binary(step->kernels, TMO_BINARY_DIVIDE, 1, end - at, (struct tmo_operand){out, 0, 1},
	           (struct tmo_operand){&count, 0, 0}, out, 0);
	return 0;
}

int
tmo_run_compare(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const enum tmo_comparison f = (enum tmo_comparison)step->version->function;
	const struct tmo_fact a = aligned(step, 0), b = aligned(step, 1);
	const struct tmo_array *const p = work->input[0], *const q = work->input[1];
	struct tmo_array *const y = work->output[0];
	const size_t end = tmo_part_end(work->task, y->count);
	struct tmo_rows rows;

	(void)err;
	tmo_rows_make(&rows, y->rank, y->shape, (const struct tmo_fact *[]){&a, &b});
	for (size_t at = work->task * TMO_PART; at < end;) {
		const struct tmo_row row = tmo_rows_at(&rows, at, end);
		const struct tmo_side u = operand_at(p, &rows, &row, 0), v = operand_at(q, &rows, &row, 1);
		uint8_t *const out = (uint8_t *)y->data + at;

		if (p->type == TMO_F32)
			tmo_compare(step->kernels, f, u.data, u.step, v.data, v.step, out, row.count);
		else if (tmo_type_is_float(p->type))
			tmo_compare_floats(f, p->type, u, v, out, row.count);
		else
			tmo_integer_compare(f, p->type, u, v, out, row.count);
		at += row.count;
	}
	return 0;
}
