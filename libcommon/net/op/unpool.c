/* SPDX-License-Identifier: Apache-2.0 */
/* unpool.c: pictures put together from parts that have their places: MaxUnpool, Col2Im, CenterCropPad. */
#include <string.h>

#include "base/math/float_bits.h"
#include "base/memory.h"
#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

/* What is said of sizes that no picture has. */
#define SIZE_LIMIT ((int64_t)1 << 30)

static int
take(const struct tmo_step *step, const char *name, size_t count, int64_t low, int64_t *out, struct tmo_error *err)
{
	const struct tmo_attribute *const a = tmo_node_attribute(step->node, name);

	if (a == NULL)
		return 0;
	if (a->kind != TMO_ATTRIBUTE_INTS || a->count != count)
		return tmo_fail(err, "%s has %zu numbers, not %zu; the model is damaged", name, a->count, count);
	for (size_t i = 0; i < count; i++) {
		if (a->numbers[i] < low || a->numbers[i] > SIZE_LIMIT)
			return tmo_fail(err, "%s of %jd; the model is damaged", name, (intmax_t)a->numbers[i]);
		out[i] = a->numbers[i];
	}
	return 0;
}

/* ---- MaxUnpool ---- */

/* The shape of what was pooled, as far as the attributes tell: that which the indices count in. */
static int
unpooled(const struct tmo_step *step, struct tmo_fact *y, struct tmo_error *err)
{
	int64_t kernel[TMO_RANK_MAX], stride[TMO_RANK_MAX], pads[2 * TMO_RANK_MAX] = {0};
	size_t dims;

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	*y = step->input[0];
	if (y->rank < 3 || step->input[1].type != TMO_I64 ||
	    tmo_fact_count(&step->input[1]) != tmo_fact_count(y))
		return tmo_fail(err, "maxima and indices that do not go together; the model is damaged");
	dims = (size_t)y->rank - 2;
	for (size_t i = 0; i < dims; i++)
		kernel[i] = stride[i] = 1;
	if (take(step, "kernel_shape", dims, 1, kernel, err) < 0 || take(step, "strides", dims, 1, stride, err) < 0 ||
	    take(step, "pads", 2 * dims, 0, pads, err) < 0)
		return -1;
	for (size_t i = 0; i < dims; i++) {
		const size_t in = y->shape[i + 2], cut = (size_t)(pads[i] + pads[dims + i]);
		size_t size;

		if (in == 0)
			continue;
		if (tmo_mul_size(in - 1, (size_t)stride[i], &size, err) < 0)
			return -1;
		if (size + (size_t)kernel[i] < cut)
			return tmo_fail(err, "pads of more than the result; the model is damaged");
		y->shape[i + 2] = size + (size_t)kernel[i] - cut;
	}
	return 0;
}

int
tmo_shape_max_unpool(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_integers wanted;
	struct tmo_fact y;

	if (unpooled(step, &y, err) < 0)
		return -1;
	if (tmo_step_integers(step, NULL, 2, &wanted)) {
		if ((int)wanted.count != y.rank)
			return tmo_fail(err, "output_shape has %zu numbers for rank %d; the model is damaged", wanted.count, y.rank);
		for (int i = 0; i < y.rank; i++) {
			if (wanted.value[i] < (int64_t)y.shape[i] || wanted.value[i] > SIZE_LIMIT)
				return tmo_fail(err, "output_shape of %jd; the model is damaged", (intmax_t)wanted.value[i]);
			y.shape[i] = (size_t)wanted.value[i];
		}
	}
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

int
tmo_run_max_unpool(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t size = tmo_type_size(x->type);
	const int64_t *const index = work->input[1]->data;
	struct tmo_fact from;
	size_t places;

	if (unpooled(step, &from, err) < 0)
		return -1;
	places = tmo_fact_count(&from);
	memset(y->data, 0, y->count * size);
	for (size_t i = 0; i < x->count; i++) {
		size_t left = (size_t)index[i], at = 0, along = 1;

		if (index[i] < 0 || left >= places)
			return tmo_fail(err, "index %jd of %zu places; give indices of the pool before", (intmax_t)index[i], places);
		for (int k = y->rank - 1; k >= 0; k--) {
			at += left % from.shape[k] * along;
			left /= from.shape[k];
			along *= y->shape[k];
		}
		memcpy((char *)y->data + at * size, (const char *)x->data + i * size, size);
	}
	return 0;
}

/* ---- Col2Im ---- */

struct columns {
	size_t dims, taps, places, channels;
	int64_t image[TMO_RANK_MAX], block[TMO_RANK_MAX], count[TMO_RANK_MAX];
	int64_t dilation[TMO_RANK_MAX], stride[TMO_RANK_MAX], pads[2 * TMO_RANK_MAX];
};

static int
columns_of(const struct tmo_step *step, struct columns *c, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	struct tmo_integers image, block;

	*c = (struct columns){.taps = 1, .places = 1};
	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	if (!tmo_step_integers(step, NULL, 1, &image) || !tmo_step_integers(step, NULL, 2, &block) ||
	    image.count != block.count || image.count + 2 > TMO_RANK_MAX || x->rank != 3)
		return tmo_fail(err, "shapes of image and block that do not go together; the model is damaged");
	c->dims = image.count;
	for (size_t i = 0; i < c->dims; i++)
		c->dilation[i] = c->stride[i] = 1;
	if (take(step, "dilations", c->dims, 1, c->dilation, err) < 0 ||
	    take(step, "strides", c->dims, 1, c->stride, err) < 0 || take(step, "pads", 2 * c->dims, 0, c->pads, err) < 0)
		return -1;
	for (size_t i = 0; i < c->dims; i++) {
		int64_t free;

		c->image[i] = image.value[i];
		c->block[i] = block.value[i];
		if (c->image[i] < 1 || c->image[i] > SIZE_LIMIT || c->block[i] < 1 || c->block[i] > SIZE_LIMIT)
			return tmo_fail(err, "a block of %jd in an image of %jd; the model is damaged", (intmax_t)c->block[i],
			                (intmax_t)c->image[i]);
		free = c->image[i] + c->pads[i] + c->pads[c->dims + i] - c->dilation[i] * (c->block[i] - 1) - 1;
		c->count[i] = free < 0 ? 0 : free / c->stride[i] + 1;
		if (tmo_mul_size(c->taps, (size_t)c->block[i], &c->taps, err) < 0 ||
		    tmo_mul_size(c->places, (size_t)c->count[i], &c->places, err) < 0)
			return -1;
	}
	if (x->shape[1] % c->taps != 0 || x->shape[2] != c->places)
		return tmo_fail(err, "%zu columns of %zu numbers for %zu places of blocks of %zu; the model is damaged",
		                x->shape[2], x->shape[1], c->places, c->taps);
	c->channels = x->shape[1] / c->taps;
	return 0;
}

int
tmo_shape_col2im(struct tmo_step *step, struct tmo_error *err)
{
	struct columns c;
	size_t shape[TMO_RANK_MAX];

	if (columns_of(step, &c, err) < 0)
		return -1;
	shape[0] = step->input[0].shape[0];
	shape[1] = c.channels;
	for (size_t i = 0; i < c.dims; i++)
		shape[i + 2] = (size_t)c.image[i];
	tmo_step_give(step, 0, step->input[0].type, (int)c.dims + 2, shape);
	return 0;
}

/* Adds what tap `tap` of all blocks has to a picture. */
static void
add_tap(const struct columns *c, size_t tap, const float *x, float *y)
{
	for (size_t i = 0; i < c->places; i++) {
		size_t place = i, t = tap, at = 0, along = 1;
		bool inside = true;

		for (size_t k = c->dims; k-- > 0;) {
			const int64_t here = (int64_t)(place % (size_t)c->count[k]) * c->stride[k] - c->pads[k] +
			                     (int64_t)(t % (size_t)c->block[k]) * c->dilation[k];

			place /= (size_t)c->count[k];
			t /= (size_t)c->block[k];
			inside = inside && here >= 0 && here < c->image[k];
			at += inside ? (size_t)here * along : 0;
			along *= (size_t)c->image[k];
		}
		if (inside)
			y[at] += x[i];
	}
}

/* Each picture adds up its taps in their order. */
int
tmo_run_col2im(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const float *const x = work->input[0]->data;
	float *const y = work->output[0]->data;
	const size_t pictures = work->output[0]->shape[0] * work->output[0]->shape[1];
	struct columns c;

	if (work->input[0]->type != TMO_F32)
		return tmo_fail_unsupported(err, "Col2Im of %s", tmo_type_name(work->input[0]->type));
	if (columns_of(step, &c, err) < 0)
		return -1;
	memset(y, 0, work->output[0]->count * sizeof(*y));
	for (size_t i = 0; i < pictures; i++)
		for (size_t tap = 0; tap < c.taps; tap++)
			add_tap(&c, tap, x + (i * c.taps + tap) * c.places, y + i * (work->output[0]->count / pictures));
	for (size_t i = 0; i < work->output[0]->count; i++)
		y[i] = tmo_f32_one_nan(y[i]);
	return 0;
}

/* ---- CenterCropPad ---- */

int
tmo_shape_center_crop_pad(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_attribute *const axes = tmo_node_attribute(step->node, "axes");
	struct tmo_integers wanted;
	struct tmo_fact y;

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	y = step->input[0];
	if (!tmo_step_integers(step, NULL, 1, &wanted) ||
	    wanted.count != (axes != NULL && axes->kind == TMO_ATTRIBUTE_INTS ? axes->count : (size_t)y.rank))
		return tmo_fail(err, "a shape that does not go with its axes; the model is damaged");
	for (size_t i = 0; i < wanted.count; i++) {
		int axis;

		if (tmo_step_axis(axes != NULL ? axes->numbers[i] : (int64_t)i, y.rank, &axis, err) < 0)
			return -1;
		if (wanted.value[i] < 0 || wanted.value[i] > SIZE_LIMIT)
			return tmo_fail(err, "a shape of %jd; the model is damaged", (intmax_t)wanted.value[i]);
		y.shape[axis] = (size_t)wanted.value[i];
	}
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

/* An odd number of elements more or less is one more at the end. */
int
tmo_run_center_crop_pad(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t size = tmo_type_size(x->type);
	ptrdiff_t step_x[TMO_RANK_MAX], step_y[TMO_RANK_MAX];
	size_t line, count = 1, shape[TMO_RANK_MAX] = {0}, first[TMO_RANK_MAX];

	(void)step;
	(void)err;
	tmo_strided_steps(x->rank, x->shape, step_x);
	tmo_strided_steps(y->rank, y->shape, step_y);
	memset(y->data, 0, y->count * size);
	for (int i = 0; i < x->rank; i++) {
		shape[i] = x->shape[i] < y->shape[i] ? x->shape[i] : y->shape[i];
		first[i] = (x->shape[i] > y->shape[i] ? x->shape[i] - y->shape[i] : y->shape[i] - x->shape[i]) / 2;
		count *= shape[i];
	}
	line = x->rank == 0 ? 1 : shape[x->rank - 1];
	for (size_t i = 0; i < count; i += line) {
		size_t left = i, from = 0, to = 0;

		for (int k = x->rank - 1; k >= 0; k--) {
			const bool crops = x->shape[k] > y->shape[k];
			const size_t index = left % shape[k];

			left /= shape[k];
			from += (index + (crops ? first[k] : 0)) * (size_t)step_x[k];
			to += (index + (crops ? 0 : first[k])) * (size_t)step_y[k];
		}
		memcpy((char *)y->data + to * size, (const char *)x->data + from * size, line * size);
	}
	return 0;
}
