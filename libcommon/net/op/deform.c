/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deform.c: DeformConv: a convolution whose kernel looks at places that are data (Zhu et al., "Deformable
 * ConvNets v2", CVPR 2019). What it sees becomes a matrix of columns, and the sums a product.
 */
#include <math.h>
#include <stdlib.h>

#include "base/math/fused.h"
#include "base/memory.h"
#include "kernel/product.h"
#include "net/op/op.h"
#include "net/window.h"

struct deform {
	struct tmo_window w;
	size_t groups, offset_groups, taps, places;
	size_t inputs, outputs;		/* channels of a group */
	bool has_bias, has_mask;
};

static int
deform_of(const struct tmo_step *step, struct deform *d, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const kernel = &step->input[1], *const o = &step->input[2];
	const int64_t groups = tmo_node_number(step->node, "group", 1);
	const int64_t offset_groups = tmo_node_number(step->node, "offset_group", 1);

	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	if (x->rank != 4 || kernel->rank != 4 || o->rank != 4)
		return tmo_fail_unsupported(err, "deformed pictures that are not of two dimensions");
	if (tmo_window_of(step, kernel->shape + 2, &d->w, err) < 0)
		return -1;
	if (groups < 1 || x->shape[1] % (size_t)groups != 0 || kernel->shape[0] % (size_t)groups != 0 ||
	    kernel->shape[1] != x->shape[1] / (size_t)groups || offset_groups < 1 ||
	    x->shape[1] % (size_t)offset_groups != 0)
		return tmo_fail(err, "%zu channels in %jd and %jd groups; the model is damaged", x->shape[1], (intmax_t)groups,
		                (intmax_t)offset_groups);
	d->groups = (size_t)groups;
	d->offset_groups = (size_t)offset_groups;
	d->has_bias = tmo_step_has_input(step, 3);
	d->has_mask = tmo_step_has_input(step, 4);
	d->taps = kernel->shape[2] * kernel->shape[3];
	d->places = d->w.out[1] * d->w.out[2];
	d->inputs = kernel->shape[1];
	d->outputs = kernel->shape[0] / d->groups;
	if (o->shape[0] != x->shape[0] || o->shape[1] != d->offset_groups * d->taps * 2 || o->shape[2] != d->w.out[1] ||
	    o->shape[3] != d->w.out[2] ||
	    (d->has_bias && tmo_fact_count(&step->input[3]) != kernel->shape[0]) ||
	    (d->has_mask && tmo_fact_count(&step->input[4]) * 2 != tmo_fact_count(o)))
		return tmo_fail(err, "offsets, a mask or a bias of another shape; give data of the shapes that the network wants");
	return 0;
}

int
tmo_shape_deform_conv(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	struct deform d;

	if (deform_of(step, &d, err) < 0)
		return -1;
	tmo_step_give(step, 0, x->type, 4,
	              (size_t[]){ x->shape[0], d.groups * d.outputs, d.w.out[1], d.w.out[2] });
	return 0;
}

/* What lies at a place of a plane: between its elements in proportion, 0 outside. */
static float
look(const struct tmo_window *w, const float *plane, float y, float x)
{
	const float top = floorf(y), left = floorf(x);
	float sum = 0.0f;

	for (int j = 0; j < 2; j++)
		for (int i = 0; i < 2; i++) {
			const float iy = top + (float)j, ix = left + (float)i;
			const float weight = (1.0f - tmo_f32_magnitude(y - iy)) * (1.0f - tmo_f32_magnitude(x - ix));

			if (iy >= 0.0f && iy < (float)w->in[1] && ix >= 0.0f && ix < (float)w->in[2])
				sum = tmo_fma(weight, plane[(size_t)iy * w->in[2] + (size_t)ix], sum);
		}
	return sum;
}

/* What all kernels of a group see of an image: a row a place, of taps * inputs numbers. */
static void
look_at(const struct deform *d, const struct tmo_work *work, size_t image, size_t group, float *columns)
{
	const struct tmo_window *const w = &d->w;
	const size_t channels = d->groups * d->inputs, plane = w->in[1] * w->in[2];
	const float *const x = (const float *)work->input[0]->data + image * channels * plane;
	const float *const offsets = (const float *)work->input[2]->data + image * d->offset_groups * d->taps * 2 * d->places;
	const float *const mask = d->has_mask ? work->input[4]->data : NULL;

	for (size_t p = 0; p < d->places; p++)
		for (size_t t = 0; t < d->taps; t++)
			for (size_t c = 0; c < d->inputs; c++) {
				const size_t channel = group * d->inputs + c;
				const size_t tap = channel / (channels / d->offset_groups) * d->taps + t;
				const float y = (float)(p / w->out[2] * w->stride[1] + t / w->kernel[2] * w->dilation[1]);
				const float at = (float)(p % w->out[2] * w->stride[2] + t % w->kernel[2] * w->dilation[2]);
				float value = look(w, x + channel * plane, y - (float)w->before[1] + offsets[2 * tap * d->places + p],
				                   at - (float)w->before[2] + offsets[(2 * tap + 1) * d->places + p]);

				if (mask != NULL)
					value *= mask[(image * d->offset_groups * d->taps + tap) * d->places + p];
				columns[(p * d->taps + t) * d->inputs + c] = value;
			}
}

/* The weights of a group, packed; and its bias with room behind it. */
static void
pack(const struct deform *d, const struct tmo_work *work, size_t group, float *ordered, float *packed, float *bias)
{
	const size_t k = d->taps * d->inputs;
	const float *const weight = (const float *)work->input[1]->data + group * d->outputs * k;

	for (size_t o = 0; o < d->outputs; o++) {
		for (size_t i = 0; i < k; i++)
			ordered[o * k + i] = weight[(o * d->inputs + i % d->inputs) * d->taps + i / d->inputs];
		bias[o] = d->has_bias ? ((const float *)work->input[3]->data)[group * d->outputs + o] : 0.0f;
	}
	tmo_product_pack(ordered, k, d->outputs, 1, (ptrdiff_t)k, packed);
}

static void
convolve(const struct deform *d, const struct tmo_step *step, const struct tmo_work *work, float *columns,
         float *results, float *ordered, float *packed, float *bias)
{
	const size_t k = d->taps * d->inputs, images = work->input[0]->shape[0];
	struct tmo_product product = tmo_product_of_matrices(d->places, k, d->outputs);

	product.weights = packed;
	product.bias = bias;
	product.input = columns;
	product.output = results;
	for (size_t group = 0; group < d->groups; group++) {
		pack(d, work, group, ordered, packed, bias);
		for (size_t image = 0; image < images; image++) {
			float *const y = (float *)work->output[0]->data +
			                 (image * d->groups + group) * d->outputs * d->places;

			look_at(d, work, image, group, columns);
			tmo_product_run(step->kernels, &product, 0, d->places, 0, tmo_product_panels(d->outputs));
			for (size_t i = 0; i < d->outputs * d->places; i++)
				y[i] = tmo_f32_one_nan(results[i % d->places * d->outputs + i / d->places]);
		}
	}
}

int
tmo_run_deform_conv(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	float *columns = NULL, *results = NULL, *ordered = NULL, *packed = NULL, *bias = NULL;
	struct deform d;
	size_t k, seen, made;
	int status = -1;

	if (deform_of(step, &d, err) < 0 || tmo_mul_size(d.taps, d.inputs, &k, err) < 0 ||
	    tmo_mul_size(k, d.places, &seen, err) < 0 || tmo_mul_size(d.outputs, d.places, &made, err) < 0)
		return -1;
	columns = tmo_alloc(seen + TMO_PANEL, sizeof(float), err);
	results = tmo_alloc(made + TMO_PANEL, sizeof(float), err);
	ordered = tmo_alloc(k * d.outputs + 1, sizeof(float), err);
	packed = tmo_alloc(k * tmo_product_padded(d.outputs) + 1, sizeof(float), err);
	bias = tmo_alloc(tmo_product_padded(d.outputs) + 1, sizeof(float), err);
	if (columns != NULL && results != NULL && ordered != NULL && packed != NULL && bias != NULL) {
		convolve(&d, step, work, columns, results, ordered, packed, bias);
		status = 0;
	}
	free(columns);
	free(results);
	free(ordered);
	free(packed);
	free(bias);
	return status;
}
