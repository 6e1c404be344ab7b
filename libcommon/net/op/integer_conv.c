/* SPDX-License-Identifier: Apache-2.0 */
/*
 * integer_conv.c: convolutions of codes: ConvInteger, QLinearConv. What the kernel sees becomes a matrix of
 * columns; sums are exact, and what becomes of them is computed in f32.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/op/codes.h"
#include "net/op/op.h"
#include "net/window.h"

#define NONE (-1)
static const struct inputs {
	signed char x_scale, x_zero, w, w_scale, w_zero, y_scale, y_zero, bias;
} inputs_of[] = {
	[TMO_CONV_INTEGER] = { NONE, 2, 1, NONE, 3, NONE, NONE, NONE },
	[TMO_QLINEAR_CONV] = { 1, 2, 3, 4, 5, 6, 7, 8 },
};

struct convolution {
	struct inputs in;
	struct tmo_window window;
	size_t groups, inputs, outputs;		/* channels of a group */
	size_t taps, places, plane;
};

/* One number, or one for each channel of the result; a left out one is fine. */
static int
check_count(const struct tmo_step *step, int input, size_t channels, bool one, struct tmo_error *err)
{
	const size_t count = input >= 0 && tmo_step_has_input(step, (size_t)input) ? tmo_fact_count(&step->input[input]) :
	                     channels;

	if (count == channels || (one && count == 1))
		return 0;
	return tmo_fail(err, "input %d has %zu numbers for %zu channels; the model is damaged", input, count, channels);
}

static int
convolution_of(const struct tmo_step *step, struct convolution *c, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *w;
	const int64_t groups = tmo_node_number(step->node, "group", 1);

	c->in = inputs_of[step->version->function];
	if (tmo_step_expect(step, step->version->function == TMO_QLINEAR_CONV ? 8 : 2, err) < 0)
		return -1;
	w = &step->input[c->in.w];
	if (!tmo_type_is_code(x->type) || !tmo_type_is_code(w->type))
		return tmo_fail_unsupported(err, "a convolution of %s by %s", tmo_type_name(x->type), tmo_type_name(w->type));
	if (x->rank != w->rank || x->rank < 3 || groups < 1 || x->shape[1] % (size_t)groups != 0 ||
	    w->shape[0] % (size_t)groups != 0 || w->shape[1] != x->shape[1] / (size_t)groups)
		return tmo_fail(err, "an input of rank %d in %jd groups and a weight of rank %d that do not go together; give "
		                "data of the shape that the network wants", x->rank, (intmax_t)groups, w->rank);
	if (tmo_window_of(step, w->shape + 2, &c->window, err) < 0 ||
	    check_count(step, c->in.x_scale, 1, true, err) < 0 || check_count(step, c->in.x_zero, 1, true, err) < 0 ||
	    check_count(step, c->in.w_scale, w->shape[0], true, err) < 0 ||
	    check_count(step, c->in.w_zero, w->shape[0], true, err) < 0 ||
	    check_count(step, c->in.bias, w->shape[0], false, err) < 0)
		return -1;
	c->groups = (size_t)groups;
	c->inputs = w->shape[1];
	c->outputs = w->shape[0] / c->groups;
	c->taps = c->window.kernel[0] * c->window.kernel[1] * c->window.kernel[2];
	c->places = c->window.out[0] * c->window.out[1] * c->window.out[2];
	c->plane = c->window.in[0] * c->window.in[1] * c->window.in[2];
	return 0;
}

int
tmo_shape_integer_conv(struct tmo_step *step, struct tmo_error *err)
{
	const bool quantizes = step->version->function == TMO_QLINEAR_CONV;
	struct convolution c;
	struct tmo_fact y;

	if (convolution_of(step, &c, err) < 0)
		return -1;
	y = step->input[0];
	y.shape[1] = c.groups * c.outputs;
	for (int i = 2; i < y.rank; i++)
		y.shape[i] = c.window.out[TMO_WINDOW_DIMS - y.rank + i];
	tmo_step_give(step, 0, quantizes ? step->input[c.in.y_zero].type : TMO_I32, y.rank, y.shape);
	return 0;
}

/* One tap's row of columns: the element of the picture under it, at each place; 0 on the border. */
static void
see(const struct tmo_window *w, size_t tap, const int32_t *plane, int32_t *row)
{
	const size_t kz = tap / w->kernel[2] / w->kernel[1] * w->dilation[0];
	const size_t ky = tap / w->kernel[2] % w->kernel[1] * w->dilation[1], kx = tap % w->kernel[2] * w->dilation[2];

	for (size_t z = 0; z < w->out[0]; z++)
		for (size_t y = 0; y < w->out[1]; y++) {
			const size_t iz = z * w->stride[0] + kz - w->before[0], iy = y * w->stride[1] + ky - w->before[1];
			const bool inside = iz < w->in[0] && iy < w->in[1];

			for (size_t x = 0; x < w->out[2]; x++) {
				const size_t ix = x * w->stride[2] + kx - w->before[2];

				*row++ = inside && ix < w->in[2] ? plane[(iz * w->in[1] + iy) * w->in[2] + ix] : 0;
			}
		}
}

/* Memory of a run, for one group of one image. */
struct buffers {
	int32_t *weights, *plane, *columns, *sums;
	float *line;
};

static void
load(const struct convolution *c, const struct tmo_step *step, const struct tmo_work *work, size_t image, size_t group,
     struct buffers *m)
{
	const size_t depth = c->inputs * c->taps, first = group * c->outputs;
	const int32_t x_zero = tmo_code_of(step, work, c->in.x_zero, 0);
	const bool one = c->in.w_zero >= 0 && tmo_step_has_input(step, (size_t)c->in.w_zero) &&
	                 work->input[c->in.w_zero]->count == 1;

	tmo_read_codes(work->input[c->in.w], first * depth, c->outputs * depth, m->weights);
	for (size_t o = 0; o < c->outputs; o++) {
		const int32_t zero = tmo_code_of(step, work, c->in.w_zero, one ? 0 : first + o);

		for (size_t k = 0; k < depth; k++)
			m->weights[o * depth + k] -= zero;
	}
	for (size_t i = 0; i < c->inputs; i++) {
		tmo_read_codes(work->input[0], ((image * c->groups + group) * c->inputs + i) * c->plane, c->plane, m->plane);
		for (size_t k = 0; k < c->plane; k++)
			m->plane[k] -= x_zero;
		for (size_t t = 0; t < c->taps; t++)
			see(&c->window, t, m->plane, m->columns + (i * c->taps + t) * c->places);
	}
}

/* A channel of sums becomes what the operator gives. */
static void
finish(const struct convolution *c, const struct tmo_step *step, const struct tmo_work *work, size_t image,
       size_t channel, const int32_t *sums, float *line)
{
	const size_t at = (image * c->groups * c->outputs + channel) * c->places;
	const uint32_t bias = (uint32_t)tmo_code_of(step, work, c->in.bias, channel);
	float scale, zero;

	if (step->version->function == TMO_CONV_INTEGER) {
		memcpy((int32_t *)work->output[0]->data + at, sums, c->places * sizeof(*sums));
		return;
	}
	scale = tmo_real_of(step, work, c->in.x_scale, 0, 1.0f) *
	        tmo_real_of(step, work, c->in.w_scale, work->input[c->in.w_scale]->count == 1 ? 0 : channel, 1.0f) /
	        tmo_real_of(step, work, c->in.y_scale, 0, 1.0f);
	zero = (float)tmo_code_of(step, work, c->in.y_zero, 0);
	for (size_t i = 0; i < c->places; i++)
		line[i] = rintf((float)(int32_t)((uint32_t)sums[i] + bias) * scale) + zero;
	tmo_write_reals(work->output[0], at, c->places, line);
}

int
tmo_run_integer_conv(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	struct buffers m = {0};
	struct convolution c;
	size_t depth, columns, sums;
	int status = -1;

	if (convolution_of(step, &c, err) < 0 || tmo_mul_size(c.inputs, c.taps, &depth, err) < 0 ||
	    tmo_mul_size(depth, c.places, &columns, err) < 0 || tmo_mul_size(c.outputs, c.places, &sums, err) < 0)
		return -1;
	m.weights = tmo_alloc(c.outputs * depth + 1, sizeof(*m.weights), err);
	m.plane = tmo_alloc(c.plane + 1, sizeof(*m.plane), err);
	m.columns = tmo_alloc(columns + 1, sizeof(*m.columns), err);
	m.sums = tmo_alloc(sums + 1, sizeof(*m.sums), err);
	m.line = tmo_alloc(c.places + 1, sizeof(*m.line), err);
	if (m.weights != NULL && m.plane != NULL && m.columns != NULL && m.sums != NULL && m.line != NULL) {
		for (size_t i = 0; i < work->input[0]->shape[0] * c.groups; i++) {
			const size_t image = i / c.groups, group = i % c.groups;

			load(&c, step, work, image, group, &m);
			tmo_codes_multiply(m.weights, m.columns, c.outputs, depth, c.places, m.sums);
			for (size_t o = 0; o < c.outputs; o++)
				finish(&c, step, work, image, group * c.outputs + o, m.sums + o * c.places, m.line);
		}
		status = 0;
	}
	free(m.weights);
	free(m.plane);
	free(m.columns);
	free(m.sums);
	free(m.line);
	return status;
}
