/* SPDX-License-Identifier: Apache-2.0 */
/* resize.c: pictures of other sizes: Resize, Upsample. Axis by axis, in f32; places are computed as floats, too. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math/fused.h"
#include "base/memory.h"
#include "base/minifloat.h"
#include "net/op/codes.h"
#include "net/op/op.h"
#include "net/op/resize_axis.h"

#define SIZE_LIMIT 1073741824.0f	/* of a result's axis */

struct resize {
	struct tmo_resize_rule rule;
	int rank;
	struct tmo_resize_axis axis[TMO_RANK_MAX];
	float extrapolated;
};

/* ---- what is wanted ---- */

static int
choose(const struct tmo_step *step, const char *name, const char *otherwise, const char *const *list, size_t *out,
       struct tmo_error *err)
{
	const char *const text = tmo_node_text(step->node, name, otherwise);

	for (size_t i = 0; list[i] != NULL; i++)
		if (strcmp(text, list[i]) == 0) {
			*out = i;
			return 0;
		}
	return tmo_fail_unsupported(err, "%s %s", name, text);
}

static int
rule_of(const struct tmo_step *step, struct tmo_resize_rule *rule, struct tmo_error *err)
{
	static const char *const modes[] = { "nearest", "linear", "cubic", "bilinear", NULL };
	static const char *const places[] = { "half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners",
		"asymmetric", "tf_crop_and_resize", "tf_half_pixel_for_nn", NULL };
	static const char *const nearest[] = { "round_prefer_floor", "round_prefer_ceil", "floor", "ceil", NULL };
	const bool old = step->version->function != TMO_RESIZE;
	size_t mode = 0, place = 0, rounding = 0;

	if (choose(step, "mode", "nearest", modes, &mode, err) < 0 ||
	    choose(step, "coordinate_transformation_mode", old ? "asymmetric" : "half_pixel", places, &place, err) < 0 ||
	    choose(step, "nearest_mode", "round_prefer_floor", nearest, &rounding, err) < 0)
		return -1;
	*rule = (struct tmo_resize_rule){
		.mode = mode == 0 ? TMO_RESIZE_NEAREST : mode == 2 ? TMO_RESIZE_CUBIC : TMO_RESIZE_LINEAR,
		.places = (enum tmo_resize_places)place,
		.nearest = old ? TMO_RESIZE_SIMPLE : (enum tmo_resize_nearest)rounding,
		.cubic_a = tmo_node_real(step->node, "cubic_coeff_a", -0.75f),
		.antialias = tmo_node_number(step->node, "antialias", 0) != 0,
		.exclude_outside = tmo_node_number(step->node, "exclude_outside", 0) != 0,
	};
	return 0;
}

/* An input of floats that is a constant, or whose numbers shape gets; count 0: there is none. */
static int
reals_of(const struct tmo_array *a, size_t *count, float *out, struct tmo_error *err)
{
	double number[2 * TMO_RANK_MAX];

	*count = 0;
	if (a == NULL || a->count == 0)
		return 0;
	if (a->count > 2 * TMO_RANK_MAX || !tmo_type_is_float(a->type))
		return tmo_fail(err, "%zu numbers of type %s for axes; the model is damaged", a->count, tmo_type_name(a->type));
	*count = a->count;
	tmo_to_f64(number, a->type, a->data, a->count);
	for (size_t i = 0; i < a->count; i++)
		out[i] = (float)number[i];
	return 0;
}

static int
set_scale(struct tmo_resize_axis *a, float scale, struct tmo_error *err)
{
	const float length = (float)a->in * scale;

	if (!(scale > 0.0f) || !(length < SIZE_LIMIT))
		return tmo_fail(err, "a scale of %g of %zu elements; the model is damaged", (double)scale, a->in);
	a->scale = a->under = scale;
	a->length = length;
	a->out = (size_t)floorf(length);
	return 0;
}

/* Sizes, and how they may be changed so that all axes have one scale. */
static int
set_sizes(const struct tmo_step *step, struct resize *r, const struct tmo_integers *sizes, const int *axes,
          struct tmo_error *err)
{
	const char *const policy = tmo_node_text(step->node, "keep_aspect_ratio_policy", "stretch");
	const bool smaller = strcmp(policy, "not_larger") == 0;
	struct tmo_resize_axis one = {0};	/* whose scale is that of all */

	for (size_t i = 0; i < sizes->count; i++) {
		struct tmo_resize_axis *const a = &r->axis[axes[i]];

		if (sizes->value[i] < 0 || sizes->value[i] > (int64_t)SIZE_LIMIT || (a->in == 0 && sizes->value[i] != 0))
			return tmo_fail(err, "a size of %jd for %zu elements; the model is damaged", (intmax_t)sizes->value[i], a->in);
		a->out = (size_t)sizes->value[i];
		a->length = (float)a->out;
		a->over = a->out == 0 ? 1.0f : (float)a->in;
		a->under = a->out == 0 ? 1.0f : a->length;
		a->scale = a->under / a->over;
		if (i == 0 || (smaller ? a->scale < one.scale : a->scale > one.scale))
			one = *a;
	}
	for (size_t i = 0; strcmp(policy, "stretch") != 0 && i < sizes->count; i++) {
		struct tmo_resize_axis *const a = &r->axis[axes[i]];

		a->scale = one.scale;
		a->over = one.over;
		a->under = one.under;
		a->length = (float)a->in * a->under / a->over;
		if (!(a->length < SIZE_LIMIT))
			return tmo_fail(err, "a scale of %g of %zu elements; the model is damaged", (double)a->scale, a->in);
		a->out = (size_t)floorf(a->length + 0.5f);
	}
	return 0;
}

static int
axes_of(const struct tmo_step *step, int rank, int *axes, size_t *count, struct tmo_error *err)
{
	const struct tmo_attribute *const a = tmo_node_attribute(step->node, "axes");

	*count = a != NULL && a->kind == TMO_ATTRIBUTE_INTS ? a->count : (size_t)rank;
	if (*count > (size_t)rank)
		return tmo_fail(err, "%zu axes of an input of rank %d; the model is damaged", *count, rank);
	for (size_t i = 0; i < *count; i++)
		if (tmo_step_axis(a != NULL ? a->numbers[i] : (int64_t)i, rank, &axes[i], err) < 0)
			return -1;
	return 0;
}

/* The scales, which were attributes once. */
static int
scales_of(const struct tmo_step *step, size_t *count, float *out, struct tmo_error *err)
{
	const size_t i = step->version->function == TMO_RESIZE ? 2 : 1;
	const struct tmo_attribute *const a = tmo_node_attribute(step->node, "scales");

	if (tmo_node_attribute(step->node, "width_scale") != NULL) {
		*count = 4;
		out[0] = out[1] = 1.0f;
		out[2] = tmo_node_real(step->node, "height_scale", 1.0f);
		out[3] = tmo_node_real(step->node, "width_scale", 1.0f);
	} else if (a != NULL && a->kind == TMO_ATTRIBUTE_FLOATS && a->count <= TMO_RANK_MAX) {
		*count = a->count;
		memcpy(out, a->reals, a->count * sizeof(*out));
	} else {
		return reals_of(tmo_step_has_input(step, i) ? step->input[i].constant : NULL, count, out, err);
	}
	return 0;
}

static int
resize_of(const struct tmo_step *step, struct resize *r, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	float scale[2 * TMO_RANK_MAX];
	struct tmo_integers sizes;
	int axes[TMO_RANK_MAX];
	size_t axis_count, count;

	*r = (struct resize){.rank = x->rank, .extrapolated = tmo_node_real(step->node, "extrapolation_value", 0.0f)};
	if (tmo_step_expect(step, 1, err) < 0 || rule_of(step, &r->rule, err) < 0)
		return -1;
	for (int i = 0; i < x->rank; i++)
		r->axis[i] = (struct tmo_resize_axis){
			.in = x->shape[i], .out = x->shape[i], .scale = 1.0f, .length = (float)x->shape[i],
			.over = 1.0f, .under = 1.0f, .end = 1.0f
		};
	if (axes_of(step, x->rank, axes, &axis_count, err) < 0 || scales_of(step, &count, scale, err) < 0)
		return -1;
	if (count == 0 && tmo_step_integers(step, NULL, 3, &sizes) && sizes.count == axis_count)
		return set_sizes(step, r, &sizes, axes, err);
	if (count != axis_count)
		return tmo_fail(err, "neither scales nor sizes for %zu axes; the model is damaged", axis_count);
	for (size_t i = 0; i < count; i++)
		if (set_scale(&r->axis[axes[i]], scale[i], err) < 0)
			return -1;
	return 0;
}

int
tmo_shape_resize(struct tmo_step *step, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX];
	struct resize r;

	if (resize_of(step, &r, err) < 0)
		return -1;
	for (int i = 0; i < r.rank; i++)
		shape[i] = r.axis[i].out;
	tmo_step_give(step, 0, step->input[0].type, r.rank, shape);
	return 0;
}

/* What is cropped: the starts of all axes, then the ends. */
static int
set_crop(const struct tmo_step *step, const struct tmo_array *roi, struct resize *r, struct tmo_error *err)
{
	float number[2 * TMO_RANK_MAX];
	int axes[TMO_RANK_MAX];
	size_t count, axis_count;

	if (r->rule.places != TMO_RESIZE_CROP)
		return 0;
	if (axes_of(step, r->rank, axes, &axis_count, err) < 0 || reals_of(roi, &count, number, err) < 0)
		return -1;
	if (count != 2 * axis_count)
		return tmo_fail(err, "roi has %zu numbers for %zu axes; give it the starts and ends of all", count, axis_count);
	for (size_t i = 0; i < axis_count; i++) {
		r->axis[axes[i]].start = number[i];
		r->axis[axes[i]].end = number[axis_count + i];
	}
	return 0;
}

/* ---- nearest: elements of any type move ---- */

struct picking {
	const struct resize *r;
	struct tmo_resize_table table[TMO_RANK_MAX];
	int axes;			/* those after them stay together */
	size_t in_step[TMO_RANK_MAX], out_step[TMO_RANK_MAX];	/* in bytes */
	size_t size;			/* of an element */
	char outside[8];		/* an element that is beyond what is cropped */
};

static void
pick(const struct picking *p, int axis, const char *x, char *y)
{
	const size_t block = p->out_step[axis];

	for (size_t i = 0; i < p->r->axis[axis].out; i++, y += block) {
		const size_t from = p->table[axis].index[i];

		if (from == SIZE_MAX)
			for (size_t k = 0; k < block; k += p->size)
				memcpy(y + k, p->outside, p->size);
		else if (axis + 1 < p->axes)
			pick(p, axis + 1, x + from * p->in_step[axis], y);
		else
			memcpy(y, x + from * p->in_step[axis], block);
	}
}

static int
run_nearest(const struct resize *r, const struct tmo_array *x, struct tmo_array *y, struct tmo_error *err)
{
	struct picking p = { .r = r, .axes = r->rank, .size = tmo_type_size(x->type) };
	size_t in = p.size, out = p.size;
	int status = 0;

	for (int i = r->rank - 1; i >= 0; in *= r->axis[i].in, out *= r->axis[i].out, i--) {
		p.in_step[i] = in;
		p.out_step[i] = out;
		if (p.axes == i + 1 && i > 0 && tmo_resize_is_same(&r->rule, &r->axis[i]))
			p.axes = i;
	}
	tmo_write_reals(&(struct tmo_array){.type = x->type, .data = p.outside}, 0, 1, &r->extrapolated);
	for (int i = 0; status == 0 && i < p.axes; i++)
		status = tmo_resize_table_make(&r->rule, &r->axis[i], &p.table[i], err);
	if (status == 0 && r->rank > 0)
		pick(&p, 0, x->data, y->data);
	else if (status == 0)
		memcpy(y->data, x->data, y->count * p.size);
	for (int i = 0; i < p.axes; i++)
		tmo_resize_table_free(&p.table[i]);
	return status;
}

/* ---- sums of neighbours, along one axis after the other ---- */

static void
mix(const struct resize *r, int axis, const struct tmo_resize_table *table, size_t outer, size_t inner, const float *x,
    float *y)
{
	const struct tmo_resize_axis *const a = &r->axis[axis];

	for (size_t o = 0; o < outer * a->out; o++, y += inner) {
		const float *const line = x + o / a->out * a->in * inner;
		const size_t *const index = table->index + o % a->out * table->taps;
		const float *const weight = table->weight + o % a->out * table->taps;

		for (size_t i = 0; i < inner; i++)
			y[i] = *index == SIZE_MAX ? r->extrapolated : 0.0f;
		for (size_t t = 0; *index != SIZE_MAX && t < table->taps; t++)
			for (size_t i = 0; i < inner; i++)
				y[i] = tmo_fma(weight[t], line[index[t] * inner + i], y[i]);
	}
}

/* Replaces the picture, whose axes before this one already are resized, and its number of elements. */
static int
mix_axis(const struct resize *r, int axis, float **picture, size_t *count, struct tmo_error *err)
{
	const struct tmo_resize_axis *const a = &r->axis[axis];
	struct tmo_resize_table table = {0};
	size_t outer = 1, inner = 1, lines, size;
	float *mixed = NULL;

	for (int i = 0; i < axis; i++)
		outer *= r->axis[i].out;
	for (int i = axis + 1; i < r->rank; i++)
		inner *= r->axis[i].in;
	if (tmo_mul_size(outer, inner, &lines, err) == 0 && tmo_mul_size(lines, a->out, &size, err) == 0 &&
	    tmo_resize_table_make(&r->rule, a, &table, err) == 0)
		mixed = tmo_alloc(size + 1, sizeof(*mixed), err);
	if (mixed != NULL)
		mix(r, axis, &table, outer, inner, *picture, mixed);
	tmo_resize_table_free(&table);
	if (mixed == NULL)
		return -1;
	free(*picture);
	*picture = mixed;
	*count = size;
	return 0;
}

static int
run_mixed(const struct resize *r, const struct tmo_array *x, struct tmo_array *y, struct tmo_error *err)
{
	float *picture = tmo_alloc(x->count + 1, sizeof(*picture), err);
	size_t count = x->count;
	int status = picture == NULL ? -1 : 0;

	if (status == 0)
		tmo_read_reals(x, 0, x->count, picture);
	for (int i = 0; status == 0 && i < r->rank; i++)
		if (!tmo_resize_is_same(&r->rule, &r->axis[i]))
			status = mix_axis(r, i, &picture, &count, err);
	for (size_t i = 0; status == 0 && i < count; i++)
		picture[i] = tmo_f32_one_nan(picture[i]);
	if (status == 0)
		tmo_write_reals(y, 0, count, picture);
	free(picture);
	return status;
}

int
tmo_run_resize(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const roi =
		step->version->function == TMO_RESIZE && step->input_count > 1 ? work->input[1] : NULL;
	struct resize r;

	if (resize_of(step, &r, err) < 0 || set_crop(step, roi, &r, err) < 0)
		return -1;
	if (work->output[0]->count == 0)
		return 0;
	return r.rule.mode == TMO_RESIZE_NEAREST ? run_nearest(&r, work->input[0], work->output[0], err) :
	       run_mixed(&r, work->input[0], work->output[0], err);
}
