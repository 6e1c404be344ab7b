/* SPDX-License-Identifier: Apache-2.0 */
/* gather.c: elements picked by indices: Gather, GatherElements, GatherND. */
#include <string.h>

#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

/* The product of the sizes of axes from … end - 1. */
static size_t
count_of(const size_t *shape, int from, int end)
{
	size_t count = 1;

	for (int i = from; i < end; i++)
		count *= shape[i];
	return count;
}

static int
axis_of(const struct tmo_step *step, int *axis, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0 || tmo_step_expect_integers(step, 1, err) < 0)
		return -1;
	return tmo_step_axis(tmo_node_number(step->node, "axis", 0), step->input[0].rank, axis, err);
}

/* ---- Gather ---- */

int
tmo_shape_gather(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const indices = &step->input[1];
	size_t shape[2 * TMO_RANK_MAX];
	int axis, rank = 0;

	if (axis_of(step, &axis, err) < 0)
		return -1;
	if (x->rank - 1 + indices->rank > TMO_RANK_MAX)
		return tmo_fail_unsupported(err, "a result of rank %d", x->rank - 1 + indices->rank);
	for (int i = 0; i < axis; i++)
		shape[rank++] = x->shape[i];
	for (int i = 0; i < indices->rank; i++)
		shape[rank++] = indices->shape[i];
	for (int i = axis + 1; i < x->rank; i++)
		shape[rank++] = x->shape[i];
	tmo_step_give(step, 0, x->type, rank, shape);
	return 0;
}

int
tmo_run_gather(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const indices = work->input[1];
	const char *from = x->data;
	char *to = work->output[0]->data;
	size_t outer, inner, index;
	int axis;

	if (axis_of(step, &axis, err) < 0)
		return -1;
	if (work->output[0]->count == 0)
		return 0;
	outer = count_of(x->shape, 0, axis);
	inner = count_of(x->shape, axis + 1, x->rank) * tmo_type_size(x->type);
	for (size_t i = 0; i < outer; i++, from += x->shape[axis] * inner)
		for (size_t k = 0; k < indices->count; k++, to += inner) {
			if (tmo_index_at(indices, k, x->shape[axis], &index, err) < 0)
				return -1;
			memcpy(to, from + index * inner, inner);
		}
	return 0;
}

/* ---- GatherElements ---- */

int
tmo_shape_gather_elements(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const indices = &step->input[1];
	int axis;

	if (axis_of(step, &axis, err) < 0)
		return -1;
	if (indices->rank != x->rank)
		return tmo_fail(err, "indices of rank %d into an input of rank %d%s", indices->rank, x->rank, damaged);
	for (int i = 0; i < x->rank; i++)
		if (i != axis && indices->shape[i] > x->shape[i])
			return tmo_fail(err, "%zu indices on axis %d of %zu%s", indices->shape[i], i, x->shape[i], damaged);
	tmo_step_give(step, 0, x->type, indices->rank, indices->shape);
	return 0;
}

int
tmo_run_gather_elements(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const indices = work->input[1];
	const size_t size = tmo_type_size(x->type);
	struct tmo_strided others = {.rank = x->rank};
	char *to = work->output[0]->data;
	struct tmo_walk w;
	size_t index, inner, i = 0;
	int axis;

	if (axis_of(step, &axis, err) < 0)
		return -1;
	memcpy(others.shape, indices->shape, (size_t)x->rank * sizeof(*others.shape));
	tmo_strided_steps(x->rank, x->shape, others.step);
	inner = (size_t)others.step[axis];
	others.step[axis] = 0;
	for (tmo_walk_start(&w, &others); !w.ended; tmo_walk_next(&w), to += size) {
		if (tmo_index_at(indices, i++, x->shape[axis], &index, err) < 0)
			return -1;
		memcpy(to, (const char *)x->data + ((size_t)w.at + index * inner) * size, size);
	}
	return 0;
}

/* ---- GatherND: the last axis of the indices is a place in the axes behind those of the batch ---- */

static int
batch_of(const struct tmo_step *step, int *batch, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const indices = &step->input[1];
	const int64_t axes = tmo_node_number(step->node, "batch_dims", 0);

	if (tmo_step_expect(step, 1, err) < 0 || tmo_step_expect_integers(step, 1, err) < 0)
		return -1;
	if (axes < 0 || axes >= indices->rank || axes > x->rank ||
	    indices->shape[indices->rank - 1] > (size_t)(x->rank - axes))
		return tmo_fail(err, "indices that do not go with an input of rank %d%s", x->rank, damaged);
	*batch = (int)axes;
	for (int i = 0; i < *batch; i++)
		if (x->shape[i] != indices->shape[i])
			return tmo_fail(err, "input and indices differ on axis %d of the batch%s", i, damaged);
	return 0;
}

int
tmo_shape_gather_nd(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const indices = &step->input[1];
	size_t shape[2 * TMO_RANK_MAX];
	int batch, rank = 0;

	if (batch_of(step, &batch, err) < 0)
		return -1;
	for (int i = 0; i < indices->rank - 1; i++)
		shape[rank++] = indices->shape[i];
	for (int i = batch + (int)indices->shape[indices->rank - 1]; i < x->rank; i++)
		shape[rank++] = x->shape[i];
	if (rank > TMO_RANK_MAX)
		return tmo_fail_unsupported(err, "a result of rank %d", rank);
	tmo_step_give(step, 0, x->type, rank, shape);
	return 0;
}

int
tmo_run_gather_nd(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const indices = work->input[1];
	size_t depth, batches, each, slice, index, at, i = 0;
	char *to = work->output[0]->data;
	int batch;

	if (batch_of(step, &batch, err) < 0)
		return -1;
	depth = indices->shape[indices->rank - 1];
	batches = count_of(x->shape, 0, batch);
	each = count_of(indices->shape, batch, indices->rank - 1);
	slice = count_of(x->shape, batch + (int)depth, x->rank) * tmo_type_size(x->type);
	for (size_t b = 0; b < batches; b++)
		for (size_t k = 0; k < each; k++, to += slice) {
			at = b;
			for (size_t d = 0; d < depth; d++) {
				if (tmo_index_at(indices, i++, x->shape[(size_t)batch + d], &index, err) < 0)
					return -1;
				at = at * x->shape[(size_t)batch + d] + index;
			}
			memcpy(to, (const char *)x->data + at * slice, slice);
		}
	return 0;
}
