/* SPDX-License-Identifier: Apache-2.0 */
/* pad.c: Pad: elements in front of and behind those of an input, or fewer of them. */
#include <string.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

#define OUTSIDE SIZE_MAX		/* no element of the input: the constant */

enum mode { MODE_CONSTANT, MODE_REFLECT, MODE_EDGE, MODE_WRAP };

struct pad {
	enum mode mode;
	int64_t before[TMO_RANK_MAX], after[TMO_RANK_MAX];	/* negative: so many are cut off */
	const size_t *source[TMO_RANK_MAX];	/* of an index of the result along that axis */
	size_t indices[];			/* all that the sources are */
};

static int
read_mode(const struct tmo_step *step, enum mode *mode, struct tmo_error *err)
{
	static const char *const name[] = { "constant", "reflect", "edge", "wrap" };
	const char *const text = tmo_node_text(step->node, "mode", "constant");

	for (int i = 0; i <= MODE_WRAP; i++)
		if (strcmp(text, name[i]) == 0) {
			*mode = (enum mode)i;
			return 0;
		}
	return tmo_fail_unsupported(err, "mode %.40s", text);
}

/* Operator set 1 calls the attribute `paddings`; from 18 on the axes can be named. */
static int
read_pads(const struct tmo_step *step, int64_t *before, int64_t *after, struct tmo_error *err)
{
	const int rank = step->input[0].rank;
	struct tmo_integers pads, axes;
	int axis;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (!tmo_step_integers(step, "pads", 1, &pads) && !tmo_step_integers(step, "paddings", 1, &pads))
		return tmo_fail(err, "its pads are missing or too many%s", damaged);
	if (!tmo_step_integers(step, NULL, 3, &axes)) {
		axes.count = (size_t)rank;
		for (int i = 0; i < rank; i++)
			axes.value[i] = i;
	}
	if (pads.count != 2 * axes.count)
		return tmo_fail(err, "%zu pads for %zu axes%s", pads.count, axes.count, damaged);
	memset(before, 0, (size_t)rank * sizeof(*before));
	memset(after, 0, (size_t)rank * sizeof(*after));
	for (size_t i = 0; i < axes.count; i++) {
		if (tmo_step_axis(axes.value[i], rank, &axis, err) < 0)
			return -1;
		before[axis] = pads.value[i];
		after[axis] = pads.value[axes.count + i];
	}
	return 0;
}

/* Where indices from … end - 1 of an axis of n stay when negative pads have cut it. */
static void
cut_axis(int64_t n, int64_t before, int64_t after, int64_t *from, int64_t *end)
{
	*from = before < 0 ? -before : 0;
	*end = after < 0 ? n + after : n;
}

static int
padded_size(size_t size, int64_t before, int64_t after, enum mode mode, size_t *out, struct tmo_error *err)
{
	const int64_t limit = INT64_MAX / 4, n = (int64_t)size;
	int64_t from, end;

	if (before < -limit || before > limit || after < -limit || after > limit || n > limit)
		return tmo_fail(err, "pads %jd and %jd%s", (intmax_t)before, (intmax_t)after, damaged);
	cut_axis(n, before, after, &from, &end);
	if (n + before + after < 0 || (mode != MODE_CONSTANT && end <= from && n + before + after > 0))
		return tmo_fail(err, "pads %jd and %jd of an axis of %zu; give data of the shapes that the network wants",
		                (intmax_t)before, (intmax_t)after, size);
	*out = (size_t)(n + before + after);
	return 0;
}

int
tmo_shape_pad(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	int64_t before[TMO_RANK_MAX], after[TMO_RANK_MAX];
	size_t shape[TMO_RANK_MAX];
	enum mode mode = MODE_CONSTANT;

	if (read_mode(step, &mode, err) < 0 || read_pads(step, before, after, err) < 0)
		return -1;
	for (int i = 0; i < x->rank; i++)
		if (padded_size(x->shape[i], before[i], after[i], mode, &shape[i], err) < 0)
			return -1;
	if (tmo_step_has_input(step, 2) && (step->input[2].type != x->type || tmo_fact_count(&step->input[2]) != 1))
		return tmo_fail(err, "its constant is of another type or shape%s", damaged);
	tmo_step_give(step, 0, x->type, x->rank, shape);
	return 0;
}

static int64_t
modulo(int64_t a, int64_t n)
{
	return a % n < 0 ? a % n + n : a % n;
}

/* Which index of the input is number i of the result; what is left of the axis is its indices from … end - 1. */
static size_t
source_of(const struct pad *p, int axis, int64_t size, int64_t i)
{
	int64_t from, end, n;

	cut_axis(size, p->before[axis], p->after[axis], &from, &end);
	n = end - from;
	i -= p->before[axis] > 0 ? p->before[axis] : 0;
	if (i >= 0 && i < n)
		return (size_t)(from + i);
	switch (p->mode) {
	case MODE_REFLECT:
		i = n == 1 ? 0 : modulo(i, 2 * (n - 1));
		return (size_t)(from + (i < n ? i : 2 * (n - 1) - i));
	case MODE_EDGE:
		return (size_t)(i < 0 ? from : end - 1);
	case MODE_WRAP:
		return (size_t)(from + modulo(i, n));
	default:
		return OUTSIDE;
	}
}

int
tmo_prepare_pad(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const y = &step->output[0];
	size_t count = 0, bytes, at = 0;
	struct pad *p;

	for (int i = 0; i < x->rank; i++)
		if (tmo_add_size(count, y->shape[i], &count, err) < 0)
			return -1;
	if (tmo_mul_size(count, sizeof(size_t), &bytes, err) < 0 || tmo_add_size(bytes, sizeof(*p), &bytes, err) < 0)
		return -1;
	step->prepared = p = tmo_alloc(bytes, 1, err);
	if (p == NULL || read_mode(step, &p->mode, err) < 0 || read_pads(step, p->before, p->after, err) < 0)
		return -1;
	for (int axis = 0; axis < x->rank; axis++) {
		p->source[axis] = p->indices + at;
		for (size_t i = 0; i < y->shape[axis]; i++)
			p->indices[at++] = source_of(p, axis, (int64_t)x->shape[axis], (int64_t)i);
	}
	return 0;
}

/* The constant, one element of the input's type. */
static int
read_constant(const struct tmo_step *step, const struct tmo_work *work, char *value, struct tmo_error *err)
{
	const enum tmo_type type = work->input[0]->type;
	const float real = tmo_node_real(step->node, "value", 0.0f);

	memset(value, 0, sizeof(uint64_t));
	if (step->input_count > 2 && work->input[2] != NULL)
		memcpy(value, work->input[2]->data, tmo_type_size(type));
	else if (tmo_type_is_float(type))
		tmo_from_f32(value, type, &real, 1);
	else if (real != 0.0f)
		return tmo_fail_unsupported(err, "a pad of %g among integers", (double)real);
	return 0;
}

/* One line of the result, along the last axis, from where its line of the input begins; NULL: it has none. */
static void
pad_line(const char *from, const size_t *source, size_t n, size_t size, const char *value, char *to)
{
	for (size_t i = 0; i < n; i++)
		memcpy(to + i * size, from == NULL || source[i] == OUTSIDE ? value : from + source[i] * size, size);
}

int
tmo_run_pad(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	static const size_t only = 0;
	const struct pad *const p = step->prepared;
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t size = tmo_type_size(x->type);
	const int last = x->rank - 1;
	const size_t n = last < 0 ? 1 : y->shape[last];
	struct tmo_strided lines = {.rank = last < 0 ? 0 : last};
	ptrdiff_t step_of[TMO_RANK_MAX];
	char value[sizeof(uint64_t)], *to = y->data;
	struct tmo_walk w;

	if (read_constant(step, work, value, err) < 0)
		return -1;
	tmo_strided_steps(x->rank, x->shape, step_of);
	memcpy(lines.shape, y->shape, (size_t)lines.rank * sizeof(*lines.shape));
	for (tmo_walk_start(&w, &lines); n > 0 && !w.ended; tmo_walk_next(&w), to += n * size) {
		size_t at = 0;
		bool inside = true;

		for (int i = 0; i < lines.rank; i++) {
			inside = inside && p->source[i][w.index[i]] != OUTSIDE;
			at += inside ? p->source[i][w.index[i]] * (size_t)step_of[i] : 0;
		}
		pad_line(inside ? (const char *)x->data + at * size : NULL, last < 0 ? &only : p->source[last], n, size, value,
		         to);
	}
	return 0;
}
