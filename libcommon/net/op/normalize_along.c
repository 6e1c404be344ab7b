/* SPDX-License-Identifier: Apache-2.0 */
/* normalize_along.c: normalizations along axes anywhere, without a scale: LpNormalization, MeanVarianceNormalization. */
#include <math.h>

#include "kernel/maps.h"
#include "kernel/normalization.h"
#include "kernel/reduction.h"
#include "net/op/normalize.h"
#include "net/op/op.h"
#include "net/slices.h"

static int
mark_axes(const struct tmo_step *step, bool *along, struct tmo_error *err)
{
	const struct tmo_attribute *const axes = tmo_node_attribute(step->node, "axes");
	static const int64_t usual[] = {0, 2, 3};
	const int64_t one = tmo_node_number(step->node, "axis", -1);
	const bool one_axis = step->version->function == TMO_LP_NORM, given = axes != NULL && axes->count > 0;
	const int64_t *const list = one_axis ? &one : given ? axes->numbers : usual;
	const size_t count = one_axis ? 1 : given ? axes->count : 3;
	int axis;

	if (!one_axis && axes != NULL && axes->kind != TMO_ATTRIBUTE_INTS)
		return tmo_fail(err, "its axes are no integers; the model is damaged");
	for (size_t i = 0; i < count; i++) {
		if (tmo_step_axis(list[i], step->input[0].rank, &axis, err) < 0)
			return -1;
		along[axis] = true;
	}
	return 0;
}

int
tmo_shape_normalize_along(struct tmo_step *step, struct tmo_error *err)
{
	const int64_t p = tmo_node_number(step->node, "p", 2);
	bool along[TMO_RANK_MAX] = {false};

	if (tmo_step_expect(step, 1, err) < 0 || tmo_shape_floats(step, err) < 0 || mark_axes(step, along, err) < 0)
		return -1;
	if (step->version->function == TMO_LP_NORM && p != 1 && p != 2)
		return tmo_fail(err, "p is %jd; the model is damaged", (intmax_t)p);
	return 0;
}

int
tmo_prepare_normalize_along(struct tmo_step *step, struct tmo_error *err)
{
	bool along[TMO_RANK_MAX] = {false};
	struct tmo_slices slices;

	if (mark_axes(step, along, err) < 0)
		return -1;
	tmo_slices_make(&slices, step->input[0].rank, step->input[0].shape, along);
	return tmo_slices_prepare(step, &slices, sizeof(float), false, err);
}

/* (x - mean) / (deviation + 1e-9) */
static void
to_mean_and_variance(const struct tmo_step *step, const float *x, float *y, size_t n)
{
	const float deviation = sqrtf(tmo_center(step->kernels, x, y, n, NULL));

	tmo_scale(step->kernels, 1.0f / (deviation + 1e-9f), y, y, n);
}

/* x / norm; zeros stay zeros. */
static void
to_norm(const struct tmo_step *step, const float *x, float *y, size_t n)
{
	const bool of_magnitudes = tmo_node_number(step->node, "p", 2) == 1;
	const float sum = tmo_reduce_row(step->kernels, of_magnitudes ? TMO_REDUCE_SUM_OF_MAGNITUDES :
	                                 TMO_REDUCE_SUM_OF_SQUARES, x, n);
	const float norm = of_magnitudes ? sum : sqrtf(sum), divisor = norm == 0.0f ? INFINITY : norm;

	tmo_binary(step->kernels, TMO_BINARY_DIVIDE, 1, n, (struct tmo_operand){x, 0, 1},
	           (struct tmo_operand){&divisor, 0, 0}, y, 0);
}

int
tmo_run_normalize_along(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	(void)err;
	tmo_slices_run(step, work, step->version->function == TMO_LP_NORM ? to_norm : to_mean_and_variance);
	return 0;
}
