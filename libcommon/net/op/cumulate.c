/* SPDX-License-Identifier: Apache-2.0 */
/* cumulate.c: CumSum, CumProd: of what comes before along an axis. */
#include "base/math/float_bits.h"
#include "net/op/op.h"
#include "tensor/tensor.h"

static int
axis_of(const struct tmo_step *step, int *axis, struct tmo_error *err)
{
	struct tmo_integers axes;

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (!tmo_step_integers(step, NULL, 1, &axes) || axes.count != 1)
		return tmo_fail(err, "its axis is not one integer; the model is damaged");
	return tmo_step_axis(axes.value[0], step->input[0].rank, axis, err);
}

int
tmo_shape_cumulate(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	int axis;

	if (axis_of(step, &axis, err) < 0)
		return -1;
	if (x->type == TMO_BOOL)
		return tmo_fail_unsupported(err, "sums of truth values");
	tmo_step_give(step, 0, x->type, x->rank, x->shape);
	return 0;
}

/* A line of n elements, one every `by` from place `at` on, in that order. */
struct line {
	size_t at, n;
	ptrdiff_t by;
	bool exclusive, product;	/* exclusive: of those before it, without it */
};

static void
cumulate_floats(const struct line *line, const float *x, float *y)
{
	float sum = line->product ? 1.0f : 0.0f;

	for (size_t i = 0; i < line->n; i++) {
		const size_t at = line->at + i * (size_t)line->by;
		const float next = line->product ? sum * x[at] : sum + x[at];

		y[at] = tmo_f32_one_nan(line->exclusive ? sum : next);
		sum = next;
	}
}

/* Integers wrap around. */
static void
cumulate_integers(const struct line *line, const struct tmo_array *x, const struct tmo_array *y)
{
	uint64_t sum = line->product;

	for (size_t i = 0; i < line->n; i++) {
		const size_t at = line->at + i * (size_t)line->by;
		const uint64_t number = (uint64_t)tmo_array_integer(x, at), next = line->product ? sum * number : sum + number;

		tmo_array_set_integer(y, at, line->exclusive ? sum : next);
		sum = next;
	}
}

int
tmo_run_cumulate(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const bool reverse = tmo_node_number(step->node, "reverse", 0) != 0;
	struct line line = {
		.exclusive = tmo_node_number(step->node, "exclusive", 0) != 0,
		.product = step->version->function == TMO_CUMULATE_PRODUCT,
	};
	size_t inner = 1;
	int axis;

	if (axis_of(step, &axis, err) < 0)
		return -1;
	for (int i = axis + 1; i < x->rank; i++)
		inner *= x->shape[i];
	line.n = x->shape[axis];
	line.by = reverse ? -(ptrdiff_t)inner : (ptrdiff_t)inner;
	for (size_t i = 0; x->count > 0 && i < x->count / line.n; i++) {
		line.at = i / inner * inner * line.n + i % inner + (reverse ? (line.n - 1) * inner : 0);
		if (x->type == TMO_F32)
			cumulate_floats(&line, x->data, y->data);
		else
			cumulate_integers(&line, x, y);
	}
	return 0;
}
