/* SPDX-License-Identifier: Apache-2.0 */
/* regions.c: rectangles of pictures made into pictures of one size: RoiAlign, MaxRoiPool. */
#include <math.h>
#include <string.h>

#include "base/math/fused.h"
#include "net/op/op.h"

#define SIZE_LIMIT ((int64_t)1 << 30)
#define SAMPLES_MAX 65536.0f		/* along an axis of a place */

static int
regions_of(struct tmo_step *step, size_t columns, int64_t height, int64_t width, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const regions = &step->input[1];
	size_t shape[4];

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (x->rank != 4 || regions->rank != 2 || regions->shape[1] != columns || !tmo_type_is_float(regions->type) ||
	    !tmo_type_is_float(x->type))
		return tmo_fail(err, "a picture of rank %d and regions of rank %d that do not go together; give data of the "
		                "shapes that the network wants", x->rank, regions->rank);
	if (height < 1 || width < 1 || height > SIZE_LIMIT || width > SIZE_LIMIT)
		return tmo_fail(err, "results of %jd by %jd; the model is damaged", (intmax_t)height, (intmax_t)width);
	shape[0] = regions->shape[0];
	shape[1] = x->shape[1];
	shape[2] = (size_t)height;
	shape[3] = (size_t)width;
	tmo_step_give(step, 0, x->type, 4, shape);
	return 0;
}

static int
image_of(int64_t image, const struct tmo_array *x, const float **from, struct tmo_error *err)
{
	if (image < 0 || (size_t)image >= x->shape[0])
		return tmo_fail(err, "a region of image %jd of %zu; give regions of the images that there are", (intmax_t)image,
		                x->shape[0]);
	*from = (const float *)x->data + (size_t)image * x->shape[1] * x->shape[2] * x->shape[3];
	return 0;
}

/* ---- RoiAlign ---- */

int
tmo_shape_roi_align(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	if (step->input[2].type != TMO_I64 || step->input[2].rank != 1 || step->input[1].rank < 1 ||
	    step->input[2].shape[0] != step->input[1].shape[0])
		return tmo_fail(err, "regions and numbers of images that do not go together; the model is damaged");
	return regions_of(step, 4, tmo_node_number(step->node, "output_height", 1),
	                  tmo_node_number(step->node, "output_width", 1), err);
}

/* One axis of a region: a place of the result is `bin` long and has `samples` samples. */
struct side {
	float start, bin;
	size_t samples, size;		/* size: the picture's */
};

static int
side_of(float start, float end, bool at_least_one, int64_t ratio, size_t places, size_t size, struct side *s,
        struct tmo_error *err)
{
	float length = end - start, samples;

	if (at_least_one && length < 1.0f)
		length = 1.0f;
	samples = ratio > 0 ? (float)ratio : ceilf(length / (float)places);
	if (!(samples <= SAMPLES_MAX))
		return tmo_fail(err, "a region with %g samples to a side; give smaller regions", (double)samples);
	*s = (struct side){
		.start = start, .bin = length / (float)places, .size = size, .samples = samples > 0.0f ? (size_t)samples : 0
	};
	return 0;
}

/* The two elements that a sample lies between; false: it is outside. */
static bool
neighbours(const struct side *s, size_t place, size_t sample, size_t index[2], float weight[2])
{
	float at = s->start + (float)place * s->bin + ((float)sample + 0.5f) * s->bin / (float)s->samples;

	if (!(at >= -1.0f && at <= (float)s->size))
		return false;
	at = at > 0.0f ? at : 0.0f;
	index[0] = (size_t)at;
	if (index[0] + 1 >= s->size) {
		index[0] = s->size - 1;
		at = (float)index[0];
	}
	index[1] = index[0] + 1 < s->size ? index[0] + 1 : index[0];
	weight[1] = at - (float)index[0];
	weight[0] = 1.0f - weight[1];
	return true;
}

/* One sample: the weighted mean of its neighbours, or the largest weighted one of them. */
static float
sample(const float *plane, size_t width, const size_t iy[2], const float wy[2], const size_t ix[2], const float wx[2],
       bool largest)
{
	float sum = 0.0f, best = -INFINITY;

	for (int j = 0; j < 2; j++)
		for (int i = 0; i < 2; i++) {
			const float weight = wy[j] * wx[i], value = plane[iy[j] * width + ix[i]];

			sum = tmo_fma(weight, value, sum);
			if (weight * value > best)
				best = weight * value;
		}
	return largest ? best : sum;
}

static float
align(const float *plane, const struct side *h, size_t y, const struct side *w, size_t x, bool largest)
{
	const size_t count = h->samples * w->samples;
	float sum = 0.0f, best = -INFINITY;

	for (size_t j = 0; j < h->samples; j++)
		for (size_t i = 0; i < w->samples; i++) {
			size_t iy[2] = {0}, ix[2] = {0};
			float wy[2] = {0}, wx[2] = {0}, value = 0.0f;

			if (neighbours(h, y, j, iy, wy) && neighbours(w, x, i, ix, wx))
				value = sample(plane, w->size, iy, wy, ix, wx, largest);
			sum += value;
			best = value > best ? value : best;
		}
	if (count == 0)
		return 0.0f;
	return tmo_f32_one_nan(largest ? best : sum / (float)count);
}

int
tmo_run_roi_align(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const char *const places = tmo_node_text(step->node, "coordinate_transformation_mode",
	                                         step->version->function == TMO_ROI_ALIGN ? "half_pixel" : "output_half_pixel");
	const bool half_pixel = strcmp(places, "half_pixel") == 0;
	const bool largest = strcmp(tmo_node_text(step->node, "mode", "avg"), "max") == 0;
	const float scale = tmo_node_real(step->node, "spatial_scale", 1.0f), offset = half_pixel ? 0.5f : 0.0f;
	const int64_t ratio = tmo_node_number(step->node, "sampling_ratio", 0);
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	float *out = y->data;

	if (x->shape[2] * x->shape[3] == 0 && y->count > 0)
		return tmo_fail(err, "a picture without elements; give a larger one");
	for (size_t r = 0; r < y->shape[0]; r++) {
		const float *const roi = (const float *)work->input[1]->data + r * 4;
		const float *image = NULL;
		struct side h = {0}, w = {0};

		if (image_of(((const int64_t *)work->input[2]->data)[r], x, &image, err) < 0 ||
		    side_of(roi[1] * scale - offset, roi[3] * scale - offset, !half_pixel, ratio, y->shape[2], x->shape[2], &h,
		            err) < 0 ||
		    side_of(roi[0] * scale - offset, roi[2] * scale - offset, !half_pixel, ratio, y->shape[3], x->shape[3], &w,
		            err) < 0)
			return -1;
		for (size_t c = 0; c < y->shape[1]; c++)
			for (size_t i = 0; i < y->shape[2]; i++)
				for (size_t k = 0; k < y->shape[3]; k++)
					*out++ = align(image + c * x->shape[2] * x->shape[3], &h, i, &w, k, largest);
	}
	return 0;
}

/* ---- MaxRoiPool: Girshick, "Fast R-CNN", 2015 ---- */

int
tmo_shape_max_roi_pool(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_attribute *const pooled = tmo_node_attribute(step->node, "pooled_shape");

	if (pooled == NULL || pooled->kind != TMO_ATTRIBUTE_INTS || pooled->count != 2)
		return tmo_fail(err, "pooled_shape is not two numbers; the model is damaged");
	return regions_of(step, 5, pooled->numbers[0], pooled->numbers[1], err);
}

/* To the nearest, halves away from 0; far outside of any picture, it is all the same. */
static float
rounded(float x)
{
	x = !(x > -1e9f) ? -1e9f : x > 1e9f ? 1e9f : x;
	return x < 0.0f ? ceilf(x - 0.5f) : floorf(x + 0.5f);
}

/* Elements first to end - 1 of an axis of the picture: those of one place. */
static void
range_of(float start, float end, size_t place, size_t places, size_t size, size_t *first, size_t *past)
{
	const float length = end - start + 1.0f < 1.0f ? 1.0f : end - start + 1.0f, bin = length / (float)places;
	const float low = start + floorf((float)place * bin), high = start + ceilf((float)(place + 1) * bin);

	*first = !(low > 0.0f) ? 0 : low > (float)size ? size : (size_t)low;
	*past = !(high > 0.0f) ? 0 : high > (float)size ? size : (size_t)high;
}

static float
largest_of(const float *plane, size_t width, size_t top, size_t bottom, size_t left, size_t right)
{
	float best = bottom > top && right > left ? -INFINITY : 0.0f;

	for (size_t y = top; y < bottom; y++)
		for (size_t x = left; x < right; x++)
			if (plane[y * width + x] > best || plane[y * width + x] != plane[y * width + x])
				best = plane[y * width + x];
	return tmo_f32_one_nan(best);
}

int
tmo_run_max_roi_pool(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const float scale = tmo_node_real(step->node, "spatial_scale", 1.0f);
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	float *out = y->data;

	for (size_t r = 0; r < y->shape[0]; r++) {
		const float *const roi = (const float *)work->input[1]->data + r * 5;
		const float *image = NULL;
		float side[4];

		for (int i = 0; i < 4; i++)
			side[i] = rounded(roi[1 + i] * scale);
		if (image_of((int64_t)rounded(roi[0]), x, &image, err) < 0)
			return -1;
		for (size_t i = 0; i < y->shape[1] * y->shape[2] * y->shape[3]; i++) {
			const size_t column = i % y->shape[3], row = i / y->shape[3] % y->shape[2];
			const float *const plane = image + i / y->shape[3] / y->shape[2] * x->shape[2] * x->shape[3];
			size_t top, bottom, left, right;

			range_of(side[1], side[3], row, y->shape[2], x->shape[2], &top, &bottom);
			range_of(side[0], side[2], column, y->shape[3], x->shape[3], &left, &right);
			*out++ = largest_of(plane, x->shape[3], top, bottom, left, right);
		}
	}
	return 0;
}
