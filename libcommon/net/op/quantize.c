/* SPDX-License-Identifier: Apache-2.0 */
/* quantize.c: floats to codes and back: QuantizeLinear, DequantizeLinear, DynamicQuantizeLinear. */
#include <math.h>

#include "base/math/float_bits.h"
#include "base/minifloat.h"
#include "net/op/codes.h"
#include "net/op/op.h"

enum { PIECE = 256 };

/* Which scale an element has: lines of `inner` elements, `size` of them along the axis. */
struct scales {
	size_t inner, size;
	size_t of_axis;			/* from a line to the next one's scale */
	size_t block;			/* lines that share theirs */
	size_t of_outer;		/* from one run along the axis to the next */
	size_t of_inner;		/* within a line */
};

static int
scales_of(const struct tmo_step *step, struct scales *s, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const scale = &step->input[1];
	const int64_t block = tmo_node_number(step->node, "block_size", 0);
	int axis;

	*s = (struct scales){.inner = 1, .size = 1, .block = 1};
	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (tmo_step_has_input(step, 2) && tmo_fact_count(&step->input[2]) != tmo_fact_count(scale))
		return tmo_fail(err, "%zu zero points for %zu scales; the model is damaged", tmo_fact_count(&step->input[2]),
		                tmo_fact_count(scale));
	if (tmo_fact_count(scale) == 1)
		return 0;
	if (tmo_step_axis(tmo_node_number(step->node, "axis", 1), x->rank, &axis, err) < 0)
		return -1;
	for (int i = axis + 1; i < x->rank; i++)
		s->inner *= x->shape[i];
	s->size = x->shape[axis];
	s->of_axis = 1;
	if (block <= 0) {
		if (scale->rank == 1 && scale->shape[0] == s->size)
			return 0;
		return tmo_fail(err, "%zu scales for the %zu indices of axis %d; the model is damaged", tmo_fact_count(scale),
		                s->size, axis);
	}
	s->block = (size_t)block;
	s->of_inner = 1;
	s->of_axis = s->inner;
	for (int i = 0; i < x->rank; i++) {
		const size_t wanted = i == axis ? (x->shape[i] + s->block - 1) / s->block : x->shape[i];

		if (scale->rank != x->rank || scale->shape[i] != wanted)
			return tmo_fail(err, "scales of blocks of %zu that do not go with the input; the model is damaged", s->block);
	}
	s->of_outer = s->inner * scale->shape[axis];
	return 0;
}

/* The scales and zero points of `count` elements from `at` on, all in one line. */
static void
scales_at(const struct scales *s, const struct tmo_step *step, const struct tmo_work *work, size_t at, size_t count,
          float *scale, float *zero)
{
	const size_t line = at / s->inner;
	const size_t first = line / s->size * s->of_outer + line % s->size / s->block * s->of_axis +
	                     at % s->inner * s->of_inner;
	const bool has_zero = tmo_step_has_input(step, 2);

	tmo_read_reals(work->input[1], first, s->of_inner > 0 ? count : 1, scale);
	if (has_zero)
		tmo_read_reals(work->input[2], first, s->of_inner > 0 ? count : 1, zero);
	else
		zero[0] = 0.0f;
	for (size_t i = 1; i < count; i++) {
		scale[i] = s->of_inner > 0 ? scale[i] : scale[0];
		zero[i] = !has_zero ? 0.0f : s->of_inner > 0 ? zero[i] : zero[0];
	}
}

/* Elements from `at` on that are looked at together: a piece, and no further than the line goes. */
static size_t
piece_at(const struct scales *s, size_t at, size_t count)
{
	const size_t line = s->size == 1 && s->of_inner == 0 ? count - at : s->inner - at % s->inner;
	const size_t left = line < count - at ? line : count - at;

	return left < PIECE ? left : PIECE;
}

/* ---- QuantizeLinear ---- */

int
tmo_shape_quantize(struct tmo_step *step, struct tmo_error *err)
{
	enum tmo_type type = tmo_attribute_type(step, "output_dtype");
	struct scales s;

	if (scales_of(step, &s, err) < 0)
		return -1;
	if (tmo_node_number(step->node, "output_dtype", 0) != 0 && type == TMO_NONE)
		return tmo_fail_unsupported(err, "codes of ONNX's type %jd",
		                            (intmax_t)tmo_node_number(step->node, "output_dtype", 0));
	if (type == TMO_NONE)
		type = tmo_step_has_input(step, 2) ? step->input[2].type : TMO_U8;
	if (type == TMO_NONE || step->input[0].type == TMO_NONE || step->input[1].type == TMO_NONE)
		return tmo_fail_unsupported(err, "codes of a type that tmo does not have");
	tmo_step_give(step, 0, type, step->input[0].rank, step->input[0].shape);
	return 0;
}

int
tmo_run_quantize(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct tmo_array *const y = work->output[0];
	const bool saturate = tmo_node_number(step->node, "saturate", 1) != 0, floats = tmo_type_is_float(y->type);
	const float limit = floats ? (float)tmo_type_max(y->type) : 0.0f;
	float x[PIECE], scale[PIECE], zero[PIECE];
	struct scales s;

	if (scales_of(step, &s, err) < 0)
		return -1;
	for (size_t at = 0, n; at < y->count; at += n) {
		n = piece_at(&s, at, y->count);
		tmo_read_reals(work->input[0], at, n, x);
		scales_at(&s, step, work, at, n, scale, zero);
		for (size_t i = 0; i < n; i++) {
			x[i] = x[i] / scale[i];
			if (!floats)
				x[i] = rintf(x[i]) + zero[i];
			else if (saturate)
				x[i] = x[i] > limit ? limit : x[i] < -limit ? -limit : x[i];
		}
		tmo_write_reals(y, at, n, x);
	}
	return 0;
}

/* ---- DequantizeLinear ---- */

int
tmo_shape_dequantize(struct tmo_step *step, struct tmo_error *err)
{
	const enum tmo_type wanted = tmo_attribute_type(step, "output_dtype");
	struct scales s;

	if (scales_of(step, &s, err) < 0)
		return -1;
	if (step->input[0].type == TMO_NONE || !tmo_type_is_float(step->input[1].type))
		return tmo_fail_unsupported(err, "codes of a type that tmo does not have");
	tmo_step_give(step, 0, wanted != TMO_NONE ? wanted : step->input[1].type, step->input[0].rank, step->input[0].shape);
	return 0;
}

int
tmo_run_dequantize(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	const bool floats = tmo_type_is_float(x->type);
	float real[PIECE], scale[PIECE], zero[PIECE];
	int32_t code[PIECE];
	struct scales s;

	if (scales_of(step, &s, err) < 0)
		return -1;
	for (size_t at = 0, n; at < x->count; at += n) {
		n = piece_at(&s, at, x->count);
		scales_at(&s, step, work, at, n, scale, zero);
		if (floats)
			tmo_read_reals(x, at, n, real);
		else
			tmo_read_codes(x, at, n, code);
		for (size_t i = 0; i < n; i++) {
			real[i] = floats ? real[i] : (float)((int64_t)code[i] - (int64_t)zero[i]);
			real[i] = tmo_f32_one_nan(real[i] * scale[i]);
		}
		tmo_write_reals(work->output[0], at, n, real);
	}
	return 0;
}

/* ---- DynamicQuantizeLinear ---- */

int
tmo_shape_dynamic_quantize(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	tmo_step_give(step, 0, TMO_U8, step->input[0].rank, step->input[0].shape);
	tmo_step_give(step, 1, TMO_F32, 0, NULL);
	tmo_step_give(step, 2, TMO_U8, 0, NULL);
	return 0;
}

void
tmo_dynamic_range(const float *x, size_t count, float *scale, float *zero)
{
	float low = 0.0f, high = 0.0f;

	for (size_t i = 0; i < count; i++) {
		low = x[i] < low ? x[i] : low;
		high = x[i] > high ? x[i] : high;
	}
	*scale = (high == low ? 1.0f : high - low) / 255.0f;
	*zero = 0.0f - low / *scale;
	*zero = rintf(!(*zero > 0.0f) ? 0.0f : *zero > 255.0f ? 255.0f : *zero);
}

int
tmo_run_dynamic_quantize(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const float *const x = work->input[0]->data;
	float scale, zero, y[PIECE];

	(void)err;
	tmo_dynamic_range(x, work->input[0]->count, &scale, &zero);
	for (size_t at = 0; work->output[0] != NULL && at < work->input[0]->count; at += PIECE) {
		const size_t n = work->input[0]->count - at < PIECE ? work->input[0]->count - at : PIECE;

		for (size_t i = 0; i < n; i++)
			y[i] = rintf(x[at + i] / scale) + zero;
		tmo_write_reals(work->output[0], at, n, y);
	}
	if (tmo_step_has_output(step, 1))
		tmo_write_reals(work->output[1], 0, 1, &scale);
	if (tmo_step_has_output(step, 2))
		tmo_write_reals(work->output[2], 0, 1, &zero);
	return 0;
}
