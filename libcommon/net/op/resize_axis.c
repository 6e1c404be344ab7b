/* SPDX-License-Identifier: Apache-2.0 */
#include "net/op/resize_axis.h"

#include <math.h>
#include <stdlib.h>

#include "base/math/float_bits.h"
#include "base/memory.h"

/* Where new element i lies among the old ones. */
static float
place_of(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *a, size_t i)
{
	const float x = (float)i, last = (float)a->in - 1.0f;

	switch (rule->places) {
	case TMO_RESIZE_HALF_PIXEL_SYMMETRIC:
		return (float)a->in / 2.0f * (1.0f - (float)a->out / a->length) + (x + 0.5f) * a->over / a->under - 0.5f;
	case TMO_RESIZE_PYTORCH_HALF_PIXEL:
		return a->length > 1.0f ? (x + 0.5f) * a->over / a->under - 0.5f : 0.0f;
	case TMO_RESIZE_ALIGN_CORNERS:
		return a->length == 1.0f ? 0.0f : x * last / (a->length - 1.0f);
	case TMO_RESIZE_ASYMMETRIC:
		return x * a->over / a->under;
	case TMO_RESIZE_CROP:
		if (a->length == 1.0f)
			return 0.5f * (a->start + a->end) * last;
		return a->start * last + x * (a->end - a->start) * last / (a->length - 1.0f);
	case TMO_RESIZE_HALF_PIXEL_FOR_NEAREST:
		return (x + 0.5f) * a->over / a->under;
	default:
		return (x + 0.5f) * a->over / a->under - 0.5f;
	}
}

static float
nearest(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *a, float x)
{
	switch (rule->nearest) {
	case TMO_RESIZE_PREFER_CEIL:
		return floorf(x + 0.5f);
	case TMO_RESIZE_FLOOR:
		return floorf(x);
	case TMO_RESIZE_CEIL:
		return ceilf(x);
	case TMO_RESIZE_SIMPLE:
		return a->scale < 1.0f ? ceilf(x) : floorf(x);
	default:
		return ceilf(x - 0.5f);
	}
}

/* Keys, "Cubic convolution interpolation for digital image processing", 1981; Resize's default a is -0.75. */
static float
cubic(float x, float a)
{
	x = tmo_f32_magnitude(x);
	if (x <= 1.0f)
		return ((a + 2.0f) * x - (a + 3.0f)) * x * x + 1.0f;
	return x < 2.0f ? ((a * x - 5.0f * a) * x + 8.0f * a) * x - 4.0f * a : 0.0f;
}

static float
linear(float x)
{
	const float weight = 1.0f - tmo_f32_magnitude(x);

	return weight > 0.0f ? weight : 0.0f;
}

/* How far a filter reaches to one side: antialiasing widens it as far as the picture shrinks. */
static float
stretch(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *a)
{
	return rule->antialias && a->scale < 1.0f ? a->scale : 1.0f;
}

/*
 * The weights of one new element. The old ones are counted from that before its place, which is in front of the
 * place even where both are the same.
 */
static void
weigh(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *a, float x, size_t taps, size_t *index,
      float *weight)
{
	const float before = ceilf(x) - 1.0f, ratio = x - before, scale = stretch(rule, a);
	const float first = 1.0f - (float)(taps / 2), last = (float)a->in - 1.0f;
	float sum = 0.0f;

	for (size_t t = 0; t < taps; t++) {
		const float at = first + (float)t, here = before + at;
		const float clipped = here < 0.0f ? 0.0f : here > last ? last : here;
		const float away = (at - ratio) * scale;

		index[t] = (size_t)clipped;
		weight[t] = rule->mode == TMO_RESIZE_CUBIC ? cubic(away, rule->cubic_a) : linear(away);
		if (rule->exclude_outside && here != clipped)
			weight[t] = 0.0f;
		sum += weight[t];
	}
	for (size_t t = 0; (rule->exclude_outside || rule->antialias) && sum != 0.0f && t < taps; t++)
		weight[t] /= sum;
}

int
tmo_resize_table_make(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *axis,
                      struct tmo_resize_table *table, struct tmo_error *err)
{
	const float reach = (rule->mode == TMO_RESIZE_CUBIC ? 2.0f : 1.0f) / stretch(rule, axis);
	size_t size;

	*table = (struct tmo_resize_table){.taps = 1};
	if (axis->out == 0)
		return 0;
	if (rule->mode != TMO_RESIZE_NEAREST)
		table->taps = 2 * (size_t)ceilf(reach);
	if (tmo_mul_size(table->taps, axis->out, &size, err) < 0)
		return -1;
	table->index = tmo_alloc(size, sizeof(*table->index), err);
	table->weight = tmo_alloc(size, sizeof(*table->weight), err);
	if (table->index == NULL || table->weight == NULL)
		return -1;
	for (size_t i = 0; i < axis->out; i++) {
		const float x = place_of(rule, axis, i), last = (float)axis->in - 1.0f;
		size_t *const index = table->index + i * table->taps;

		if (rule->mode == TMO_RESIZE_NEAREST) {
			const float at = nearest(rule, axis, x);

			*index = !(at > 0.0f) ? 0 : at >= last ? axis->in - 1 : (size_t)at;
			table->weight[i] = 1.0f;
		} else {
			weigh(rule, axis, x, table->taps, index, table->weight + i * table->taps);
		}
		if (rule->places == TMO_RESIZE_CROP && !(x >= 0.0f && x <= last))
			*index = SIZE_MAX;
	}
	return 0;
}

void
tmo_resize_table_free(struct tmo_resize_table *table)
{
	free(table->index);
	free(table->weight);
	*table = (struct tmo_resize_table){0};
}

bool
tmo_resize_is_same(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *axis)
{
	return axis->in == axis->out && axis->scale == 1.0f &&
	       (rule->places != TMO_RESIZE_CROP || (axis->start == 0.0f && axis->end == 1.0f)) &&
	       rule->places != TMO_RESIZE_HALF_PIXEL_FOR_NEAREST;
}
