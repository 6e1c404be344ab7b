/* SPDX-License-Identifier: Apache-2.0 */
/* reform.c: operators whose result has the elements of their input in the same order, in another shape. */
#include <string.h>

#include "net/op/op.h"

/* Gives the output the shape, and fails unless it has as many elements as the input. */
static int
give_shape(struct tmo_step *step, int rank, const size_t *shape, struct tmo_error *err)
{
	tmo_step_give(step, 0, step->input[0].type, rank, shape);
	if (tmo_fact_count(&step->output[0]) != tmo_fact_count(&step->input[0]))
		return tmo_fail(err, "%zu elements do not fill a shape of %zu; give data of the shapes that the network "
		                "wants", tmo_fact_count(&step->input[0]), tmo_fact_count(&step->output[0]));
	return 0;
}

int
tmo_shape_reshape(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	const bool zero_is_zero = tmo_node_number(step->node, "allowzero", 0) != 0;
	struct tmo_integers wanted;
	size_t shape[TMO_RANK_MAX], known = 1;
	int open = -1;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (!tmo_step_integers(step, "shape", 1, &wanted))
		return tmo_fail(err, "no shape is given; the model is damaged");
	for (size_t i = 0; i < wanted.count; i++) {
		if (wanted.value[i] < -1 || (wanted.value[i] == -1 && open >= 0) ||
		    (wanted.value[i] == 0 && !zero_is_zero && (int)i >= x->rank))
			return tmo_fail(err, "a shape of %jd on axis %zu; the model is damaged", (intmax_t)wanted.value[i], i);
		if (wanted.value[i] == -1)
			open = (int)i;
		shape[i] = wanted.value[i] == -1 ? 1 : wanted.value[i] == 0 && !zero_is_zero ? x->shape[i] :
		           (size_t)wanted.value[i];
		known *= shape[i];
	}
	if (open >= 0)
		shape[open] = known == 0 ? 0 : tmo_fact_count(x) / known;
	return give_shape(step, (int)wanted.count, shape, err);
}

int
tmo_shape_flatten(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	const int64_t axis = tmo_node_number(step->node, "axis", 1);
	size_t shape[2] = { 1, 1 };

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (axis < -x->rank || axis > x->rank)
		return tmo_fail(err, "axis %jd of an input of rank %d; the model is damaged", (intmax_t)axis, x->rank);
	for (int i = 0; i < x->rank; i++)
		shape[i >= (axis < 0 ? axis + x->rank : axis)] *= x->shape[i];
	return give_shape(step, 2, shape, err);
}

/* Marks the axes that are named, of `rank`. */
static int
mark_axes(const struct tmo_integers *axes, int rank, bool *marked, struct tmo_error *err)
{
	int axis;

	for (size_t i = 0; i < axes->count; i++) {
		if (tmo_step_axis(axes->value[i], rank, &axis, err) < 0)
			return -1;
		marked[axis] = true;
	}
	return 0;
}

int
tmo_shape_squeeze(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	bool marked[TMO_RANK_MAX] = {false};
	struct tmo_integers axes;
	size_t shape[TMO_RANK_MAX];
	int rank = 0;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (tmo_step_integers(step, "axes", 1, &axes)) {
		if (mark_axes(&axes, x->rank, marked, err) < 0)
			return -1;
	} else {
		for (int i = 0; i < x->rank; i++)
			marked[i] = x->shape[i] == 1;
	}
	for (int i = 0; i < x->rank; i++)
		if (!marked[i])
			shape[rank++] = x->shape[i];
	return give_shape(step, rank, shape, err);
}

int
tmo_shape_unsqueeze(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	bool marked[TMO_RANK_MAX] = {false};
	struct tmo_integers axes;
	size_t shape[TMO_RANK_MAX];
	int rank, next = 0;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (!tmo_step_integers(step, "axes", 1, &axes) || (size_t)x->rank + axes.count > TMO_RANK_MAX)
		return tmo_fail(err, "its axes are missing or too many; the model is damaged");
	rank = x->rank + (int)axes.count;
	if (mark_axes(&axes, rank, marked, err) < 0)
		return -1;
	for (int i = 0; i < rank; i++)
		shape[i] = marked[i] || next == x->rank ? 1 : x->shape[next++];
	return give_shape(step, rank, shape, err);
}
