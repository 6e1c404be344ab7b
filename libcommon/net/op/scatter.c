/* SPDX-License-Identifier: Apache-2.0 */
/* scatter.c: elements put where indices say: ScatterElements, Scatter, ScatterND, TensorScatter. */
#include <string.h>

#include "base/math/float_bits.h"
#include "base/minifloat.h"
#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

/* ---- what becomes of an element that is there and one that comes ---- */

enum reduction { REDUCE_NONE, REDUCE_ADD, REDUCE_MUL, REDUCE_MIN, REDUCE_MAX };

static int
reduction_of(const struct tmo_step *step, enum reduction *reduction, struct tmo_error *err)
{
	static const char *const name[] = { "none", "add", "mul", "min", "max" };
	const char *const text = tmo_node_text(step->node, "reduction", "none");

	for (int i = 0; i <= REDUCE_MAX; i++)
		if (strcmp(text, name[i]) == 0) {
			*reduction = (enum reduction)i;
			return 0;
		}
	return tmo_fail_unsupported(err, "reduction %.40s", text);
}

/* Integers wrap around, as unsigned ones do. */
#define REDUCE_INTEGERS(type) \
	for (size_t i = 0; i < n; i++) { \
		const type a = ((type *)to)[i], b = ((const type *)from)[i]; \
		((type *)to)[i] = \
			r == REDUCE_ADD ? (type)((uint64_t)a + (uint64_t)b) : \
			r == REDUCE_MUL ? (type)((uint64_t)a * (uint64_t)b) : \
			r == REDUCE_MIN ? (b < a ? b : a) : (b > a ? b : a); \
	}

/* Whichever is NaN is the result. */
static double
reduce_float(enum reduction r, double a, double b)
{
	if (r == REDUCE_MIN)
		return a != a || a < b ? a : b;
	return a != a || a > b ? a : b;
}

/*
 * Sums and products of two floats of at most 24 bits, rounded to f64 and then to their own type, are those
 * rounded once: f64 has more than twice as many bits.
 */
static void
reduce_floats(enum reduction r, enum tmo_type type, char *to, const char *from, size_t n)
{
	const size_t size = tmo_type_size(type);

	for (size_t i = 0; i < n; i++) {
		double a, b, y;

		tmo_to_f64(&a, type, to + i * size, 1);
		tmo_to_f64(&b, type, from + i * size, 1);
		y = r == REDUCE_ADD ? a + b : r == REDUCE_MUL ? a * b : reduce_float(r, a, b);
		if (y != y)
			y = tmo_f64_of_bits(UINT64_C(0x7ff8000000000000));
		tmo_from_f64(to + i * size, type, &y, 1);
	}
}

/* n elements that come to where others are; truth values add up by "or" and multiply by "and". */
static void
reduce(enum reduction r, enum tmo_type type, void *to, const void *from, size_t n)
{
	if (r == REDUCE_NONE) {
		memcpy(to, from, n * tmo_type_size(type));
		return;
	}
	switch (type) {
	case TMO_BOOL:
		r = r == REDUCE_ADD ? REDUCE_MAX : r == REDUCE_MUL ? REDUCE_MIN : r;
		REDUCE_INTEGERS(uint8_t) break;
	case TMO_U8: REDUCE_INTEGERS(uint8_t) break;
	case TMO_U16: REDUCE_INTEGERS(uint16_t) break;
	case TMO_U32: REDUCE_INTEGERS(uint32_t) break;
	case TMO_U64: REDUCE_INTEGERS(uint64_t) break;
	case TMO_I8: REDUCE_INTEGERS(int8_t) break;
	case TMO_I16: REDUCE_INTEGERS(int16_t) break;
	case TMO_I32: REDUCE_INTEGERS(int32_t) break;
	case TMO_I64: REDUCE_INTEGERS(int64_t) break;
	default: reduce_floats(r, type, to, from, n); break;
	}
}

/* Inputs 0 and `updates` are of one type, input 1 is of integers; the result is as input 0. */
static int
give_like_data(struct tmo_step *step, size_t updates, struct tmo_error *err)
{
	enum reduction reduction = REDUCE_NONE;

	if (tmo_step_expect(step, 1, err) < 0 || reduction_of(step, &reduction, err) < 0)
		return -1;
	if (!tmo_step_has_input(step, updates) || step->input[updates].type != step->input[0].type)
		return tmo_fail(err, "updates are missing or of another type%s", damaged);
	tmo_step_give(step, 0, step->input[0].type, step->input[0].rank, step->input[0].shape);
	return 0;
}

static void
copy_data(const struct tmo_work *work)
{
	const struct tmo_array *const x = work->input[0];

	memcpy(work->output[0]->data, x->data, x->count * tmo_type_size(x->type));
}

/* ---- ScatterElements, Scatter ---- */

int
tmo_shape_scatter_elements(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const indices = &step->input[1], *const updates = &step->input[2];
	int axis;

	if (tmo_step_expect_integers(step, 1, err) < 0 || give_like_data(step, 2, err) < 0 ||
	    tmo_step_axis(tmo_node_number(step->node, "axis", 0), x->rank, &axis, err) < 0)
		return -1;
	if (indices->rank != x->rank || updates->rank != x->rank)
		return tmo_fail(err, "indices or updates of another rank than %d%s", x->rank, damaged);
	for (int i = 0; i < x->rank; i++)
		if (updates->shape[i] != indices->shape[i] || (i != axis && indices->shape[i] > x->shape[i]))
			return tmo_fail(err, "indices or updates do not go with axis %d of %zu%s", i, x->shape[i], damaged);
	return 0;
}

int
tmo_run_scatter_elements(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const indices = work->input[1], *const y = work->output[0];
	const size_t size = tmo_type_size(y->type);
	const char *from = work->input[2]->data;
	struct tmo_strided others = {.rank = y->rank};
	enum reduction reduction = REDUCE_NONE;
	struct tmo_walk w;
	size_t index, inner, i = 0;
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", 0), y->rank, &axis, err) < 0 ||
	    reduction_of(step, &reduction, err) < 0)
		return -1;
	copy_data(work);
	memcpy(others.shape, indices->shape, (size_t)y->rank * sizeof(*others.shape));
	tmo_strided_steps(y->rank, y->shape, others.step);
	inner = (size_t)others.step[axis];
	others.step[axis] = 0;
	for (tmo_walk_start(&w, &others); !w.ended; tmo_walk_next(&w), from += size) {
		if (tmo_index_at(indices, i++, y->shape[axis], &index, err) < 0)
			return -1;
		reduce(reduction, y->type, (char *)y->data + ((size_t)w.at + index * inner) * size, from, 1);
	}
	return 0;
}

/* ---- ScatterND: the last axis of the indices is a place in the first axes ---- */

int
tmo_shape_scatter_nd(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const indices = &step->input[1], *const updates = &step->input[2];
	int depth, places;

	if (tmo_step_expect_integers(step, 1, err) < 0 || give_like_data(step, 2, err) < 0)
		return -1;
	places = indices->rank - 1;
	if (places < 0 || indices->shape[places] > (size_t)x->rank)
		return tmo_fail(err, "indices that do not go with an input of rank %d%s", x->rank, damaged);
	depth = (int)indices->shape[places];
	if (updates->rank != places + x->rank - depth)
		return tmo_fail(err, "updates of rank %d, not %d%s", updates->rank, places + x->rank - depth, damaged);
	for (int i = 0; i < updates->rank; i++)
		if (updates->shape[i] != (i < places ? indices->shape[i] : x->shape[depth + i - places]))
			return tmo_fail(err, "%zu updates on axis %d%s", updates->shape[i], i, damaged);
	return 0;
}

int
tmo_run_scatter_nd(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const indices = work->input[1], *const y = work->output[0];
	const size_t depth = indices->shape[indices->rank - 1], size = tmo_type_size(y->type);
	const char *from = work->input[2]->data;
	enum reduction reduction = REDUCE_NONE;
	size_t places = 1, slice = 1, index, at, k = 0;

	if (reduction_of(step, &reduction, err) < 0)
		return -1;
	copy_data(work);
	for (int i = 0; i < indices->rank - 1; i++)
		places *= indices->shape[i];
	for (int i = (int)depth; i < y->rank; i++)
		slice *= y->shape[i];
	for (size_t i = 0; i < places; i++, from += slice * size) {
		at = 0;
		for (size_t d = 0; d < depth; d++) {
			if (tmo_index_at(indices, k++, y->shape[d], &index, err) < 0)
				return -1;
			at = at * y->shape[d] + index;
		}
		reduce(reduction, y->type, (char *)y->data + at * slice * size, from, slice);
	}
	return 0;
}

/* ---- TensorScatter: a cache of keys or values, [batch, …, sequence, …], that grows ---- */

int
tmo_shape_tensor_scatter(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const update = &step->input[1], *const starts = &step->input[2];
	const char *const mode = tmo_node_text(step->node, "mode", "linear");
	int axis;

	if (give_like_data(step, 1, err) < 0 ||
	    tmo_step_axis(tmo_node_number(step->node, "axis", -2), x->rank, &axis, err) < 0)
		return -1;
	if (strcmp(mode, "linear") != 0 && strcmp(mode, "circular") != 0)
		return tmo_fail_unsupported(err, "mode %.40s", mode);
	if (axis == 0 || update->rank != x->rank)
		return tmo_fail(err, "an update that does not go with axis %d of the cache%s", axis, damaged);
	for (int i = 0; i < x->rank; i++)
		if (i == axis ? update->shape[i] > x->shape[i] : update->shape[i] != x->shape[i])
			return tmo_fail(err, "%zu updates on axis %d of %zu%s", update->shape[i], i, x->shape[i], damaged);
	if (tmo_step_has_input(step, 2) && (tmo_step_expect_integers(step, 2, err) < 0 || starts->rank != 1 ||
	                                    starts->shape[0] != x->shape[0]))
		return tmo_fail(err, "not as many indices as sequences%s", damaged);
	return 0;
}

int
tmo_run_tensor_scatter(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const update = work->input[1], *const starts = work->input[2], *const y = work->output[0];
	const bool circular = strcmp(tmo_node_text(step->node, "mode", "linear"), "circular") == 0;
	const char *from = update->data;
	size_t inner = tmo_type_size(y->type), lines = 1, length, start = 0, each;
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", -2), y->rank, &axis, err) < 0)
		return -1;
	copy_data(work);
	if (update->count == 0)
		return 0;
	length = y->shape[axis];
	for (int i = 0; i < axis; i++)
		lines *= y->shape[i];
	for (int i = axis + 1; i < y->rank; i++)
		inner *= y->shape[i];
	each = lines / y->shape[0];
	for (size_t i = 0; i < lines; i++) {
		if (starts != NULL && tmo_index_at(starts, i / each, length, &start, err) < 0)
			return -1;
		if (!circular && start + update->shape[axis] > length)
			return tmo_fail(err, "a cache of %zu is full; give it more room", length);
		for (size_t k = 0; k < update->shape[axis]; k++, from += inner)
			memcpy((char *)y->data + (i * length + (start + k) % length) * inner, from, inner);
	}
	return 0;
}
