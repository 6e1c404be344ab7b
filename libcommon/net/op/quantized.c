/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantized.c: onnxruntime's operators over codes that are computed in floats: QLinearAdd, QLinearMul,
 * QLinearSigmoid, QLinearLeakyRelu, QLinearSoftmax, QLinearConcat and pools. Inputs come as codes, scale, zero point;
 * the result's scale and zero point come last, or, of QLinearConcat, first.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math/exponential.h"
#include "base/memory.h"
#include "net/op/codes.h"
#include "net/op/op.h"
#include "net/strided.h"

#define LANES 16

/* How many inputs of codes there are, and where the result's scale is. */
static void
layout_of(const struct tmo_step *step, size_t *operands, size_t *first, int *y_scale)
{
	const int which = step->version->function;

	*first = which == TMO_QLINEAR_CONCAT ? 2 : 0;
	*operands = which == TMO_QLINEAR_CONCAT ? (step->input_count - 2) / 3 :
	            which == TMO_QLINEAR_ADD || which == TMO_QLINEAR_MUL ? 2 : 1;
	*y_scale = which == TMO_QLINEAR_CONCAT ? 0 : (int)*operands * 3;
}

static int
check_inputs(const struct tmo_step *step, struct tmo_error *err)
{
	size_t operands, first;
	int y_scale;

	if (step->input_count < 5)
		return tmo_fail(err, "%zu inputs; the model is damaged", step->input_count);
	layout_of(step, &operands, &first, &y_scale);
	if (!tmo_step_has_input(step, (size_t)y_scale) || tmo_fact_count(&step->input[y_scale]) != 1)
		return tmo_fail(err, "the result has not one scale; the model is damaged");
	for (size_t i = first; i < first + 3 * operands; i += 3) {
		if (!tmo_step_has_input(step, i) || !tmo_step_has_input(step, i + 1))
			return tmo_fail(err, "input %zu or its scale is missing; the model is damaged", i);
		if (!tmo_type_is_code(step->input[i].type) || step->input[i].type != step->input[first].type ||
		    tmo_fact_count(&step->input[i + 1]) != 1)
			return tmo_fail_unsupported(err, "an input of %s with %zu scales", tmo_type_name(step->input[i].type),
			                            tmo_fact_count(&step->input[i + 1]));
	}
	return 0;
}

static int
shape_of_concat(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_fact y = step->input[2];
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", 1), y.rank, &axis, err) < 0)
		return -1;
	for (size_t i = 5; i + 1 < step->input_count; i += 3) {
		for (int k = 0; k < y.rank; k++)
			if (step->input[i].rank != y.rank || (k != axis && step->input[i].shape[k] != y.shape[k]))
				return tmo_fail(err, "inputs 2 and %zu do not go together; give data of the shapes that the network wants", i);
		y.shape[axis] += step->input[i].shape[axis];
	}
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

int
tmo_shape_quantized(struct tmo_step *step, struct tmo_error *err)
{
	const bool last = tmo_node_number(step->node, "channels_last", 0) != 0;
	struct tmo_fact y;

	if (check_inputs(step, err) < 0)
		return -1;
	if (step->version->function == TMO_QLINEAR_CONCAT)
		return shape_of_concat(step, err);
	if (step->version->function == TMO_QLINEAR_AVERAGE) {
		if (last)
			return tmo_fail_unsupported(err, "channels that are last");
		return tmo_shape_pool(step, err);
	}
	y = step->input[0];
	if (step->version->function == TMO_QLINEAR_GLOBAL_AVERAGE) {
		if (y.rank < 3)
			return tmo_fail(err, "an input of rank %d; the model is damaged", y.rank);
		for (int i = last ? 1 : 2; i < y.rank - last; i++)
			y.shape[i] = 1;
	} else if (step->version->function != TMO_QLINEAR_SOFTMAX && step->input_count > 6 &&
	           tmo_broadcast(&y.rank, y.shape, &step->input[3], err) < 0) {
		return -1;
	}
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

int
tmo_prepare_quantized(struct tmo_step *step, struct tmo_error *err)
{
	return step->version->function == TMO_QLINEAR_AVERAGE ? tmo_prepare_pool(step, err) : 0;
}

/* Codes first … first + count - 1 of an input as numbers. */
static void
decode(const struct tmo_step *step, const struct tmo_work *work, size_t input, size_t first, size_t count, float *out)
{
	const float scale = tmo_real_of(step, work, (int)input + 1, 0, 1.0f);
	const float zero = (float)tmo_code_of(step, work, (int)input + 2, 0);

	tmo_read_reals(work->input[input], first, count, out);
	for (size_t i = 0; i < count; i++)
		out[i] = scale * (out[i] - zero);
}

static void
encode(const struct tmo_step *step, const struct tmo_work *work, size_t first, size_t count, float *x)
{
	size_t operands, from;
	float scale, zero;
	int y_scale;

	layout_of(step, &operands, &from, &y_scale);
	scale = tmo_real_of(step, work, y_scale, 0, 1.0f);
	zero = (float)tmo_code_of(step, work, y_scale + 1, 0);
	for (size_t i = 0; i < count; i++)
		x[i] = rintf(x[i] / scale) + zero;
	tmo_write_reals(work->output[0], first, count, x);
}

/* ---- element by element ---- */

static void
combine(const struct tmo_step *step, const struct tmo_work *work, float *x, float *other, float *y)
{
	const size_t count = work->output[0]->count;
	struct tmo_strided s;

	decode(step, work, 0, 0, work->input[0]->count, x);
	tmo_strided_broadcast(work->input[0], work->output[0], &s);
	tmo_strided_copy(&s, sizeof(float), x, y);
	decode(step, work, 3, 0, work->input[3]->count, x);
	tmo_strided_broadcast(work->input[3], work->output[0], &s);
	tmo_strided_copy(&s, sizeof(float), x, other);
	for (size_t i = 0; i < count; i++)
		y[i] = step->version->function == TMO_QLINEAR_ADD ? y[i] + other[i] : y[i] * other[i];
	encode(step, work, 0, count, y);
}

static void
apply(const struct tmo_step *step, const struct tmo_work *work, float *y)
{
	const float alpha = tmo_node_real(step->node, "alpha", 0.01f);
	const size_t count = work->output[0]->count;

	decode(step, work, 0, 0, count, y);
	for (size_t i = 0; i < count; i++)
		y[i] = step->version->function == TMO_QLINEAR_SIGMOID ? tmo_sigmoid(y[i]) : y[i] < 0.0f ? alpha * y[i] : y[i];
	encode(step, work, 0, count, y);
}

/* ---- lines ---- */

/* `count` numbers, `apart` from each other. */
static void
soften(float *x, size_t count, size_t apart)
{
	float largest = -INFINITY, lane[LANES] = {0};

	for (size_t i = 0; i < count; i++)
		largest = x[i * apart] > largest ? x[i * apart] : largest;
	for (size_t i = 0; i < count; i++) {
		x[i * apart] = tmo_exp(x[i * apart] - largest);
		lane[i % LANES] += x[i * apart];
	}
	for (size_t gap = LANES / 2; gap > 0; gap /= 2)
		for (size_t i = 0; i < gap; i++)
			lane[i] += lane[i + gap];
	for (size_t i = 0; i < count; i++)
		x[i * apart] /= lane[0];
}

/* Before operator set 13 an axis stands for all from it on. */
static int
softmax(const struct tmo_step *step, const struct tmo_work *work, float *y, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	const bool all = tmo_node_number(step->node, "opset", 13) < 13;
	size_t inner = 1, size;
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", -1), x->rank, &axis, err) < 0)
		return -1;
	for (int i = axis + 1; i < x->rank; i++)
		inner *= x->shape[i];
	size = all ? x->shape[axis] * inner : x->shape[axis];
	inner = all ? 1 : inner;
	decode(step, work, 0, 0, x->count, y);
	for (size_t line = 0; size > 0 && line < x->count / size; line++)
		soften(y + line / inner * size * inner + line % inner, size, inner);
	encode(step, work, 0, x->count, y);
	return 0;
}

/* Sums of codes are exact. */
static void
average_all(const struct tmo_step *step, const struct tmo_work *work)
{
	const struct tmo_array *const x = work->input[0];
	const bool last = tmo_node_number(step->node, "channels_last", 0) != 0;
	const size_t channels = x->shape[last ? x->rank - 1 : 1], results = work->output[0]->count;
	const size_t count = results == 0 ? 0 : x->count / results, apart = last ? channels : 1;
	const float scale = tmo_real_of(step, work, 1, 0, 1.0f), zero = (float)tmo_code_of(step, work, 2, 0);

	for (size_t i = 0; i < results; i++) {
		const size_t first = last ? i / channels * count * channels + i % channels : i * count;
		int64_t sum = 0;
		float mean;

		for (size_t k = 0; k < count; k++) {
			int32_t code;

			tmo_read_codes(x, first + k * apart, 1, &code);
			sum += code;
		}
		mean = ((float)sum / (float)count - zero) * scale;
		encode(step, work, i, 1, &mean);
	}
}

static void
average_plane(const struct tmo_step *step, const struct tmo_work *work, float *x, float *y)
{
	const size_t in = work->input[0]->count / step->tasks[0], out = work->output[0]->count / step->tasks[0];

	decode(step, work, 0, work->task * in, in, x);
	tmo_pool_plane(step, x, y);
	encode(step, work, work->task * out, out, y);
}

/* ---- parts ---- */

static int
concat(const struct tmo_step *step, const struct tmo_work *work, float *part, struct tmo_error *err)
{
	const struct tmo_array *const y = work->output[0];
	size_t at = 0, inner = 1;
	int axis;

	if (tmo_step_axis(tmo_node_number(step->node, "axis", 1), y->rank, &axis, err) < 0)
		return -1;
	for (int i = axis + 1; i < y->rank; i++)
		inner *= y->shape[i];
	for (size_t i = 2; i + 1 < step->input_count; i += 3) {
		const size_t line = work->input[i]->shape[axis] * inner;

		for (size_t k = 0; line > 0 && k < work->input[i]->count / line; k++) {
			decode(step, work, i, k * line, line, part);
			encode(step, work, k * y->shape[axis] * inner + at, line, part);
		}
		at += line;
	}
	return 0;
}

int
tmo_run_quantized(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const int which = step->version->function;
	const size_t other = step->input_count > 3 && work->input[3] != NULL ? work->input[3]->count : 0;
	const size_t most = work->input[0]->count > other ? work->input[0]->count : other, count = work->output[0]->count;
	float *const x = tmo_alloc(most + 1, sizeof(*x), err), *const y = tmo_alloc(count + 1, sizeof(*y), err);
	float *const z = tmo_alloc(which <= TMO_QLINEAR_MUL ? count + 1 : 1, sizeof(*z), err);
	int status = x == NULL || y == NULL || z == NULL ? -1 : 0;

	if (status < 0)
		goto out;
	if (which <= TMO_QLINEAR_MUL)
		combine(step, work, x, z, y);
	else if (which == TMO_QLINEAR_SOFTMAX)
		status = softmax(step, work, y, err);
	else if (which == TMO_QLINEAR_CONCAT)
		status = concat(step, work, y, err);
	else if (which == TMO_QLINEAR_AVERAGE)
		average_plane(step, work, x, y);
	else if (which == TMO_QLINEAR_GLOBAL_AVERAGE)
		average_all(step, work);
	else
		apply(step, work, y);
out:
	free(x);
	free(y);
	free(z);
	return status;
}
