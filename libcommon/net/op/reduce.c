/* SPDX-License-Identifier: Apache-2.0 */
/* reduce.c: operators that make one number of all along some axes. */
#include <math.h>
#include <string.h>

#include "base/element_type.h"
#include "base/math/exponential.h"
#include "kernel/integers.h"
#include "kernel/reduction.h"
#include "net/op/mixed.h"
#include "net/op/op.h"
#include "net/op/reduce.h"
#include "net/slices.h"
#include "tensor/tensor.h"

/* Marks the axes that go. */
static int
mark_axes(const struct tmo_step *step, bool *along, struct tmo_error *err)
{
	const int rank = step->input[0].rank;
	struct tmo_integers axes;
	int axis;

	if (!tmo_step_integers(step, "axes", 1, &axes) &&
	    (tmo_step_has_input(step, 1) || tmo_node_attribute(step->node, "axes") != NULL))
		return tmo_fail(err, "its axes are no integers, or too many; the model is damaged");
	for (int i = 0; i < rank; i++)
		along[i] = axes.count == 0 && tmo_node_number(step->node, "noop_with_empty_axes", 0) == 0;
	for (size_t i = 0; i < axes.count; i++) {
		if (tmo_step_axis(axes.value[i], rank, &axis, err) < 0)
			return -1;
		along[axis] = true;
	}
	return 0;
}

static bool
takes(enum tmo_reducer f, enum tmo_type type)
{
	if (type == TMO_BOOL)
		return f == TMO_REDUCER_MAX || f == TMO_REDUCER_MIN;
	return tmo_type_is_float(type) ||
	       (tmo_type_is_integer(type) && f != TMO_REDUCER_LOG_SUM && f != TMO_REDUCER_LOG_SUM_EXP);
}

int
tmo_shape_reduce(struct tmo_step *step, struct tmo_error *err)
{
	const bool keep = tmo_node_number(step->node, "keepdims", 1) != 0;
	const struct tmo_fact *const x = &step->input[0];
	bool along[TMO_RANK_MAX];
	size_t shape[TMO_RANK_MAX];
	int rank = 0;

	if (tmo_step_expect(step, 1, err) < 0 || mark_axes(step, along, err) < 0)
		return -1;
	if (!takes((enum tmo_reducer)step->version->function, x->type))
		return tmo_fail_unsupported(err, "an input of type %s", tmo_type_name(x->type));
	for (int i = 0; i < x->rank; i++)
		if (!along[i] || keep)
			shape[rank++] = along[i] ? 1 : x->shape[i];
	tmo_step_give(step, 0, x->type, rank, shape);
	return 0;
}

int
tmo_prepare_reduce(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	struct tmo_slices slices;
	bool along[TMO_RANK_MAX];

	if (mark_axes(step, along, err) < 0)
		return -1;
	tmo_slices_make(&slices, x->rank, x->shape, along);
	return tmo_slices_prepare(step, &slices, tmo_type_size(x->type),
	                          !tmo_type_is_float(x->type) || step->version->function == TMO_REDUCER_LOG_SUM_EXP, err);
}

/* ---- floats ---- */

/* The logarithm of the sum of exponentials; those of x less the largest go to room, which may be x. */
static float
log_of_exponentials(const struct tmo_kernels *kernels, const float *x, float *room, size_t n)
{
	const float largest = tmo_reduce_row(kernels, TMO_REDUCE_LARGEST, x, n);

	if (largest - largest != 0.0f)	/* infinite, or NaN: so is the result */
		return largest;
	tmo_binary(kernels, TMO_BINARY_SUBTRACT, 1, n, (struct tmo_operand){x, 0, 1}, (struct tmo_operand){&largest, 0, 0},
	           room, 0);
	tmo_map(kernels, TMO_MAP_EXP, 0.0f, 0.0f, room, room, n);
	return largest + tmo_log(tmo_reduce_row(kernels, TMO_REDUCE_SUM, room, n));
}

static float
reduce_floats(const struct tmo_kernels *kernels, enum tmo_reducer f, const float *x, float *room, size_t n)
{
	switch (f) {
	case TMO_REDUCER_SUM:
		return tmo_reduce_row(kernels, TMO_REDUCE_SUM, x, n);
	case TMO_REDUCER_MEAN:
		return tmo_f32_one_nan(tmo_reduce_row(kernels, TMO_REDUCE_SUM, x, n) / (float)n);
	case TMO_REDUCER_PROD:
		return tmo_reduce_row(kernels, TMO_REDUCE_PRODUCT, x, n);
	case TMO_REDUCER_MAX:
		return tmo_reduce_row(kernels, TMO_REDUCE_LARGEST, x, n);
	case TMO_REDUCER_MIN:
		return tmo_reduce_row(kernels, TMO_REDUCE_SMALLEST, x, n);
	case TMO_REDUCER_L1:
		return tmo_reduce_row(kernels, TMO_REDUCE_SUM_OF_MAGNITUDES, x, n);
	case TMO_REDUCER_L2:
		return sqrtf(tmo_reduce_row(kernels, TMO_REDUCE_SUM_OF_SQUARES, x, n));
	case TMO_REDUCER_SUM_SQUARE:
		return tmo_reduce_row(kernels, TMO_REDUCE_SUM_OF_SQUARES, x, n);
	case TMO_REDUCER_LOG_SUM:
		return tmo_log(tmo_reduce_row(kernels, TMO_REDUCE_SUM, x, n));
	default:
		return log_of_exponentials(kernels, x, room, n);
	}
}

/* ---- integers and truth values ---- */

/* What the largest, or the least, of no numbers is: the type's own least, or largest. */
static uint64_t
bound_of(enum tmo_type type, bool largest)
{
	const size_t bits = 8 * tmo_type_size(type);

	if (type == TMO_BOOL)
		return largest;
	if (tmo_type_is_signed(type))
		return ((uint64_t)1 << (bits - 1)) - largest;
	return largest ? UINT64_MAX : 0;
}

/* Puts the n numbers at x together, which are overwritten; what is left is number 0. */
static void
fold(int f, enum tmo_type type, char *x, size_t n)
{
	const size_t size = tmo_type_size(type);

	while (n > 1) {
		const size_t half = n / 2;

		tmo_integer_pair(f, type, (struct tmo_side){x, 1}, (struct tmo_side){x + (n - half) * size, 1}, x, half);
		n -= half;
	}
}

/* The mean rounded towards 0, or the root of the sum of squares, of sums that do not wrap around earlier. */
static uint64_t
in_wide_integers(enum tmo_reducer f, const struct tmo_array *row)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < row->count; i++) {
		const uint64_t v = (uint64_t)tmo_array_integer(row, i);

		sum += f == TMO_REDUCER_L2 ? v * v : v;
	}
	if (f == TMO_REDUCER_L2)
		return (uint64_t)sqrt((double)sum);
	if (row->count == 0)
		return 0;
	return tmo_type_is_signed(row->type) ? (uint64_t)((int64_t)sum / (int64_t)row->count) : sum / row->count;
}

/* Result number i, of a row that is overwritten. */
static void
reduce_integers(enum tmo_reducer f, const struct tmo_array *row, struct tmo_array *y, size_t i)
{
	const struct tmo_side x = {row->data, 1};
	const enum tmo_type type = row->type;
	const size_t n = row->count;
	int step = TMO_BINARY_ADD;

	if (f == TMO_REDUCER_MEAN || f == TMO_REDUCER_L2) {
		tmo_store_integer(type, y->data, i, in_wide_integers(f, row));
		return;
	}
	if (n == 0) {
		tmo_store_integer(type, y->data, i, f == TMO_REDUCER_PROD ? 1 : f == TMO_REDUCER_MAX || f == TMO_REDUCER_MIN ?
		                  bound_of(type, f == TMO_REDUCER_MIN) : 0);
		return;
	}
	if (f == TMO_REDUCER_SUM_SQUARE)
		tmo_integer_pair(TMO_BINARY_MULTIPLY, type, x, x, row->data, n);
	if (f == TMO_REDUCER_L1 && tmo_type_is_signed(type))
		for (size_t k = 0; k < n; k++)
			if (tmo_array_integer(row, k) < 0)
				tmo_store_integer(type, row->data, k, 0 - (uint64_t)tmo_array_integer(row, k));
	if (f == TMO_REDUCER_PROD)
		step = TMO_BINARY_MULTIPLY;
	else if (f == TMO_REDUCER_MAX || f == TMO_REDUCER_MIN)
		step = f == TMO_REDUCER_MAX ? TMO_BINARY_LARGER : TMO_BINARY_SMALLER;
	fold(step, type, row->data, n);
	memcpy((char *)y->data + i * tmo_type_size(type), row->data, tmo_type_size(type));
}

int
tmo_run_reduce(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const enum tmo_reducer f = (enum tmo_reducer)step->version->function;
	const struct tmo_slices *const s = step->prepared;
	const struct tmo_array *const x = work->input[0];
	struct tmo_array *const y = work->output[0];
	const size_t size = tmo_type_size(x->type), end = tmo_slices_end(s, work->task);
	char *const room = (char *)work->scratch + work->task * s->length * size;

	(void)err;
	for (size_t i = tmo_slices_begin(s, work->task); i < end; i++) {
		if (x->type == TMO_F32) {
			float *const floats = (float *)(void *)room;

			((float *)y->data)[i] = reduce_floats(step->kernels, f, tmo_slice_load(s, i, x->data, floats), floats,
			                                      s->length);
			continue;
		}
		tmo_strided_copy(&s->within, size, (const char *)x->data + tmo_slice_first(s, i) * size, room);
		reduce_integers(f, &(struct tmo_array){.type = x->type, .count = s->length, .data = room}, y, i);
	}
	return 0;
}
