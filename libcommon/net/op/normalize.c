/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normalize.c: LayerNormalization and its kin, InstanceNormalization, GroupNormalization: each slice gets mean
 * 0 and variance 1, y = (x - mean) * (1 / sqrt(variance + epsilon)), or only the latter; then times scale, plus
 * bias, each rounded. The variance is the mean of (x - mean)^2.
 */
#include <math.h>
#include <string.h>

#include "base/math/float_bits.h"
#include "base/memory.h"
#include "kernel/normalization.h"
#include "net/broadcast.h"
#include "net/op/normalize.h"
#include "net/op/op.h"
#include "net/slices.h"

static const char damaged[] = "; the model is damaged";

/* Which inputs and outputs each has; 0: none of it, since that is x and y. */
static const struct layout {
	size_t skip, scale, shift, bias;
	size_t mean, factor, sum;	/* outputs */
	float epsilon;
	bool centers;			/* takes the mean off */
} layouts[] = {
	[TMO_LAYER_NORM] = {.scale = 1, .shift = 2, .mean = 1, .factor = 2, .epsilon = 1e-5f, .centers = true},
	[TMO_RMS_NORM] = {.scale = 1, .epsilon = 1e-5f},
	[TMO_SIMPLIFIED_LAYER_NORM] = {.scale = 1, .factor = 1, .epsilon = 1e-5f},
	[TMO_SKIP_LAYER_NORM] = {.skip = 1, .scale = 2, .shift = 3, .bias = 4, .mean = 1, .factor = 2, .sum = 3,
	                         .epsilon = 1e-12f, .centers = true},
	[TMO_SKIP_SIMPLIFIED_LAYER_NORM] = {.skip = 1, .scale = 2, .bias = 3, .mean = 1, .factor = 2, .sum = 3,
	                                    .epsilon = 1e-12f},
	[TMO_INSTANCE_NORM] = {.scale = 1, .shift = 2, .epsilon = 1e-5f, .centers = true},
	[TMO_GROUP_NORM_18] = {.scale = 1, .shift = 2, .epsilon = 1e-5f, .centers = true},
	[TMO_GROUP_NORM] = {.scale = 1, .shift = 2, .epsilon = 1e-5f, .centers = true},
};

static const struct layout *
layout_of(const struct tmo_step *step)
{
	return &layouts[step->version->function];
}

static bool
is_of_pictures(const struct tmo_step *step)
{
	return step->version->function >= TMO_INSTANCE_NORM;
}

/*
 * x in a shape whose last axes, from *axis on, are a slice: that of x, or for GroupNormalization [batch, groups, a
 * group].
 */
static int
view_of(const struct tmo_step *step, struct tmo_fact *view, int *axis, struct tmo_error *err)
{
	const int64_t groups = tmo_node_number(step->node, "num_groups", 0);
	const enum tmo_normalization f = (enum tmo_normalization)step->version->function;

	*view = step->input[0];
	if (f == TMO_SKIP_LAYER_NORM || f == TMO_SKIP_SIMPLIFIED_LAYER_NORM)
		return tmo_step_axis(-1, view->rank, axis, err);
	if (!is_of_pictures(step))
		return tmo_step_axis(tmo_node_number(step->node, "axis", -1), view->rank, axis, err);
	if (view->rank < 2)
		return tmo_fail(err, "an input of rank %d%s", view->rank, damaged);
	*axis = 2;
	if (f == TMO_INSTANCE_NORM)
		return 0;
	if (groups < 1 || (uint64_t)groups > SIZE_MAX || view->shape[1] % (size_t)groups != 0)
		return tmo_fail(err, "%jd groups of %zu channels%s", (intmax_t)groups, view->shape[1], damaged);
	view->shape[1] /= (size_t)groups;
	for (; view->rank > 2; view->rank--)
		view->shape[1] *= view->shape[view->rank - 1];
	view->shape[2] = view->shape[1];
	view->shape[1] = (size_t)groups;
	view->rank = 3;
	return 0;
}

/* What is multiplied or added, as it is broadcast to a shape of that rank; those of channels have their axis. */
static struct tmo_fact
operand_of(const struct tmo_step *step, size_t input, int rank)
{
	struct tmo_fact x = step->input[input];

	if (is_of_pictures(step))
		while (x.rank < rank - 1)
			x.shape[x.rank++] = 1;
	return x;
}

/* The shape to which scale and bias are broadcast. */
static const struct tmo_fact *
target_of(const struct tmo_step *step, const struct tmo_fact *view)
{
	return step->version->function == TMO_GROUP_NORM_18 ? view : &step->input[0];
}

static int
check_operand(const struct tmo_step *step, size_t input, const struct tmo_fact *to, struct tmo_error *err)
{
	struct tmo_fact x, all = *to;

	if (input == 0 || !tmo_step_has_input(step, input))
		return 0;
	x = operand_of(step, input, to->rank);
	if (tmo_broadcast(&all.rank, all.shape, &x, err) < 0)
		return -1;
	if (all.rank != to->rank || memcmp(all.shape, to->shape, (size_t)to->rank * sizeof(*to->shape)) != 0)
		return tmo_fail(err, "input %zu is larger than input 0%s", input, damaged);
	return 0;
}

/* The type in which means are given: the attribute has ONNX's numbers of types. */
static enum tmo_type
stashed(const struct tmo_step *step)
{
	switch (tmo_node_number(step->node, "stash_type", 1)) {
	case 10: return TMO_F16;
	case 11: return TMO_F64;
	case 16: return TMO_BF16;
	default: return TMO_F32;
	}
}

int
tmo_shape_normalize(struct tmo_step *step, struct tmo_error *err)
{
	const struct layout *const l = layout_of(step);
	struct tmo_fact view, statistics;
	int axis;

	if (tmo_step_expect(step, 1, err) < 0 || tmo_shape_floats(step, err) < 0 || view_of(step, &view, &axis, err) < 0 ||
	    check_operand(step, l->skip, &step->input[0], err) < 0 || check_operand(step, l->bias, &step->input[0], err) < 0 ||
	    check_operand(step, l->scale, target_of(step, &view), err) < 0 ||
	    check_operand(step, l->shift, target_of(step, &view), err) < 0)
		return -1;
	if (!tmo_step_has_input(step, l->scale) || (l->skip != 0 && !tmo_step_has_input(step, l->skip)))
		return tmo_fail(err, "input %zu is missing%s", l->skip != 0 && !tmo_step_has_input(step, l->skip) ? l->skip :
		                l->scale, damaged);
	statistics = step->input[0];
	for (int i = axis; i < statistics.rank; i++)
		statistics.shape[i] = 1;
	if (l->mean != 0)
		tmo_step_give(step, l->mean, stashed(step), statistics.rank, statistics.shape);
	if (l->factor != 0)
		tmo_step_give(step, l->factor, stashed(step), statistics.rank, statistics.shape);
	return 0;
}

/* What the tasks know. */
struct prepared {
	struct tmo_slices slices;
	struct tmo_rows scale, shift, skip, bias;
};

static void
prepare_operand(const struct tmo_step *step, size_t input, const struct tmo_fact *to, struct tmo_rows *rows)
{
	struct tmo_fact x;

	if (input == 0 || !tmo_step_has_input(step, input))
		return;
	x = operand_of(step, input, to->rank);
	tmo_rows_make(rows, to->rank, to->shape, (const struct tmo_fact *[]){to, &x});
}

int
tmo_prepare_normalize(struct tmo_step *step, struct tmo_error *err)
{
	const struct layout *const l = layout_of(step);
	struct prepared *const p = tmo_alloc(1, sizeof(*p), err);
	bool along[TMO_RANK_MAX] = {false};
	struct tmo_fact view;
	int axis;

	if (p == NULL)
		return -1;
	step->prepared = p;
	if (view_of(step, &view, &axis, err) < 0)
		return -1;
	for (int i = axis; i < view.rank; i++)
		along[i] = true;
	tmo_slices_make(&p->slices, view.rank, view.shape, along);
	step->tasks[0] = tmo_slices_tasks(&p->slices);
	if (tmo_fact_count(&view) == 0)
		return 0;
	prepare_operand(step, l->scale, target_of(step, &view), &p->scale);
	prepare_operand(step, l->shift, target_of(step, &view), &p->shift);
	prepare_operand(step, l->skip, &step->input[0], &p->skip);
	prepare_operand(step, l->bias, &step->input[0], &p->bias);
	return 0;
}

/* y = f(y, input) for elements [at, end), if there is that input. */
static void
apply(const struct tmo_step *step, const struct tmo_work *work, enum tmo_binary f, size_t input,
      const struct tmo_rows *rows, size_t at, size_t end)
{
	float *const y = work->output[0]->data;

	if (input != 0 && tmo_step_has_input(step, input))
		tmo_rows_map(step->kernels, f, rows, y, work->input[input]->data, y, at, end);
}

static void
give(const struct tmo_work *work, const struct tmo_step *step, size_t output, size_t i, float number)
{
	if (output != 0 && output < step->output_count && work->output[output] != NULL)
		((float *)work->output[output]->data)[i] = number;
}

/* One slice, elements [at, at + n): what is normalized is x, or, if there is a skip, in y already. */
static void
normalize(const struct tmo_step *step, const struct tmo_work *work, size_t slice, const float *x, float *y, size_t n)
{
	const struct layout *const l = layout_of(step);
	const float epsilon = tmo_node_real(step->node, "epsilon", l->epsilon);
	float mean = 0.0f;
	const float variance = l->centers ? tmo_center(step->kernels, x, y, n, &mean) : tmo_mean_square(step->kernels, x, n);
	const float factor = tmo_f32_one_nan(1.0f / sqrtf(variance + epsilon));

	tmo_scale(step->kernels, factor, l->centers ? y : x, y, n);
	give(work, step, l->mean, slice, mean);
	give(work, step, l->factor, slice, factor);
}

int
tmo_run_normalize(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct layout *const l = layout_of(step);
	const struct prepared *const p = step->prepared;
	const size_t n = p->slices.length, end = tmo_slices_end(&p->slices, work->task);
	const float *const x = work->input[0]->data;
	float *const y = work->output[0]->data;

	(void)err;
	for (size_t i = tmo_slices_begin(&p->slices, work->task); i < end; i++) {
		const size_t at = i * n;

		if (n == 0) {
			give(work, step, l->mean, i, tmo_f32_one_nan(NAN));
			give(work, step, l->factor, i, tmo_f32_one_nan(NAN));
			continue;
		}
		if (l->skip != 0) {
			memcpy(y + at, x + at, n * sizeof(*y));
			apply(step, work, TMO_BINARY_ADD, l->skip, &p->skip, at, at + n);
			apply(step, work, TMO_BINARY_ADD, l->bias, &p->bias, at, at + n);
			if (l->sum < step->output_count && work->output[l->sum] != NULL)
				memcpy((float *)work->output[l->sum]->data + at, y + at, n * sizeof(*y));
		}
		normalize(step, work, i, l->skip != 0 ? y + at : x + at, y + at, n);
		apply(step, work, TMO_BINARY_MULTIPLY, l->scale, &p->scale, at, at + n);
		apply(step, work, TMO_BINARY_ADD, l->shift, &p->shift, at, at + n);
	}
	return 0;
}
