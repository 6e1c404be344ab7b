/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conv.c: convolutions. The arithmetic is kernel/product's, on pictures whose channels lie together and
 * whose border of zeros is in the buffer; so a step has three phases: the input into that form, the sums, the
 * result out of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/depthwise.h"
#include "kernel/product.h"
#include "net/op/conv.h"
#include "net/op/fused_conv.h"
#include "net/op/op.h"

enum phase { PHASE_SPREAD, PHASE_SUM, PHASE_COLLECT };

struct conv {
	struct tmo_window window;
	bool flipped;				/* the weight is a ConvTranspose's */
	size_t from[TMO_WINDOW_DIMS];		/* sizes of the input before it was stretched */
	size_t stretch[TMO_WINDOW_DIMS];	/* from one of its elements to the next */
	size_t images, channels, results, groups;
	size_t line, plane, picture;		/* floats from one to the next in the input's form */
	size_t size[TMO_WINDOW_DIMS];		/* of a picture with its border */
	bool depthwise;
	size_t segments, segment;
	ptrdiff_t *offsets;			/* of a kernel's segments */
	float *weights;				/* packed, group by group; NULL: they are not constant */
	size_t group_weights;			/* floats of a group's */
	struct tmo_product_tasks cut;		/* of one picture and group */
	size_t result_at, weights_at, bias_at;	/* in the scratch, in floats; the picture is at 0 */
};

static void
release(void *prepared)
{
	struct conv *const c = prepared;

	if (c == NULL)
		return;
	free(c->offsets);
	free(c->weights);
	free(c);
}

static int
conv_facts(const struct tmo_step *step, struct tmo_window *w, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const kernel = &step->input[1];
	const int64_t groups = tmo_node_number(step->node, "group", 1);

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (kernel->rank != x->rank || x->rank < 3)
		return tmo_fail(err, "an input of rank %d and a weight of rank %d; give data of the shape that the "
		                "network wants", x->rank, kernel->rank);
	if (groups < 1 || x->shape[1] % (size_t)groups != 0 || kernel->shape[0] % (size_t)groups != 0 ||
	    kernel->shape[1] != x->shape[1] / (size_t)groups)
		return tmo_fail(err, "%zu channels in %jd groups for a weight of %zu; give data of the shape that the "
		                "network wants", x->shape[1], (intmax_t)groups, kernel->shape[1]);
	return tmo_window_of(step, kernel->shape + 2, w, err);
}

int
tmo_shape_conv(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_window w;
	size_t shape[TMO_RANK_MAX];
	const int rank = step->input[0].rank;

	if (conv_facts(step, &w, err) < 0)
		return -1;
	shape[0] = step->input[0].shape[0];
	shape[1] = step->input[1].shape[0];
	for (int i = 2; i < rank; i++)
		shape[i] = w.out[TMO_WINDOW_DIMS - rank + i];
	tmo_step_give(step, 0, step->input[0].type, rank, shape);
	return step->version->function == TMO_FUSED_CONV ? tmo_fused_conv_check(step, err) : 0;
}

/*
 * The weights of one channel in the order in which sums go: the kernel's rows and columns, then channels, which
 * are so far apart.
 */
static void
reorder(const float *from, size_t channels, size_t apart, size_t taps, bool flipped, float *to)
{
	for (size_t t = 0; t < taps; t++)
		for (size_t c = 0; c < channels; c++)
			to[t * channels + c] = from[c * apart + (flipped ? taps - 1 - t : t)];
}

/* Where the segments of a kernel begin, from the place in the picture that it lies on. */
static void
place_segments(struct conv *c)
{
	const struct tmo_window *const w = &c->window;
	const size_t columns = c->segments / (w->kernel[0] * w->kernel[1]);
	size_t at = 0;

	for (size_t z = 0; z < w->kernel[0]; z++)
		for (size_t y = 0; y < w->kernel[1]; y++)
			for (size_t x = 0; x < columns; x++)
				c->offsets[at++] = (ptrdiff_t)(z * w->dilation[0] * c->plane + y * w->dilation[1] * c->line +
				                               x * w->dilation[2] * c->channels);
}

/* Packs the weight w, group by group. */
static int
pack(const struct conv *c, const float *w, float *to, struct tmo_error *err)
{
	const size_t taps = c->window.kernel[0] * c->window.kernel[1] * c->window.kernel[2];
	const size_t inputs = c->channels / c->groups, outputs = c->results / c->groups;
	const size_t k = taps * inputs;
	float *ordered;

	if (c->depthwise) {
		const size_t step = tmo_product_padded(c->channels);

		for (size_t t = 0; t < taps; t++)
			for (size_t i = 0; i < step; i++)
				to[t * step + i] = i < c->channels ? w[i * taps + (c->flipped ? taps - 1 - t : t)] : 0.0f;
		return 0;
	}
	ordered = tmo_alloc(outputs * k + 1, sizeof(*ordered), err);
	if (ordered == NULL)
		return -1;
	for (size_t g = 0; g < c->groups; g++) {
		for (size_t i = 0; i < outputs; i++)
			reorder(c->flipped ? w + (g * inputs * outputs + i) * taps : w + (g * outputs + i) * k, inputs,
			        c->flipped ? outputs * taps : taps, taps, c->flipped, ordered + i * k);
		tmo_product_pack(ordered, k, outputs, 1, (ptrdiff_t)k, to + g * c->group_weights);
	}
	free(ordered);
	return 0;
}

/* The product of one group and one plane of one picture, its input and output still to be named. */
static struct tmo_product
product_of(const struct conv *c)
{
	const struct tmo_window *const w = &c->window;
	const size_t k = c->segments * c->segment;

	return (struct tmo_product){
		.segments = c->segments, .segment = c->segment, .offsets = c->offsets,
		.weight_step = TMO_PANEL, .panel_step = k * TMO_PANEL, .channels = c->results / c->groups,
		.epilogue = TMO_EPILOGUE_NONE, .count = { 1, w->out[1], w->out[2] },
		.input_step = { 0, (ptrdiff_t)(c->line * w->stride[1]), (ptrdiff_t)(c->channels * w->stride[2]) },
		.output_step = { 0, (ptrdiff_t)(w->out[2] * c->results), (ptrdiff_t)c->results },
	};
}

/* Sizes of the forms in which the input and the result are, and where they lie in the scratch. */
static int
lay_out(struct conv *c, struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_window *const w = &c->window;
	size_t input, result, weights;

	for (int i = 0; i < TMO_WINDOW_DIMS; i++)
		c->size[i] = tmo_window_reach(w, i);
	if (tmo_mul_size(c->size[2], c->channels, &c->line, err) < 0 ||
	    tmo_mul_size(c->size[1], c->line, &c->plane, err) < 0 ||
	    tmo_mul_size(c->size[0], c->plane, &c->picture, err) < 0 ||
	    tmo_mul_size(c->images, c->picture, &input, err) < 0 ||
	    tmo_mul_size(tmo_fact_count(&step->output[0]), 1, &result, err) < 0 ||
	    tmo_mul_size(c->groups, c->group_weights, &weights, err) < 0)
		return -1;
	c->result_at = input + TMO_PANEL;
	c->bias_at = c->result_at + result + TMO_PANEL;
	c->weights_at = c->bias_at + c->groups * tmo_product_padded(c->results / c->groups);
	return tmo_mul_size(c->weights_at + (c->weights == NULL ? weights : 0), sizeof(float), &step->scratch, err);
}

static void
cut_tasks(struct conv *c, struct tmo_step *step)
{
	const struct tmo_window *const w = &c->window;
	const struct tmo_product p = product_of(c);

	step->tasks[PHASE_SPREAD] = c->images * c->size[0] * c->size[1] + 1;
	if (c->depthwise) {
		c->cut = (struct tmo_product_tasks){.rows = 1, .row_tasks = w->out[1], .panel_tasks = 1};
		step->tasks[PHASE_SUM] = c->images * w->out[0] * w->out[1];
	} else {
		c->cut = tmo_product_cut(step->kernels, &p, step->threads);
		step->tasks[PHASE_SUM] = c->images * w->out[0] * c->groups * c->cut.row_tasks * c->cut.panel_tasks;
	}
	step->tasks[PHASE_COLLECT] = c->images * w->out[0] * tmo_product_panels(c->results);
}

int
tmo_prepare_conv(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_window w;

	return conv_facts(step, &w, err) < 0 ? -1 : tmo_conv_prepare(step, &w, NULL, err);
}

int
tmo_conv_prepare(struct tmo_step *step, const struct tmo_window *w, const size_t *stretch, struct tmo_error *err)
{
	struct conv *const c = step->prepared = tmo_alloc(1, sizeof(*c), err);
	const struct tmo_array *const kernel = step->input[1].constant;
	size_t taps;

	step->release = release;
	if (c == NULL)
		return -1;
	if (tmo_step_has_input(step, 2) && tmo_fact_count(&step->input[2]) != step->output[0].shape[1])
		return tmo_fail(err, "a bias of %zu numbers for %zu channels; the model is damaged",
		                tmo_fact_count(&step->input[2]), step->output[0].shape[1]);
	c->window = *w;
	c->flipped = stretch != NULL;
	for (int i = 0; i < TMO_WINDOW_DIMS; i++) {
		c->stretch[i] = stretch != NULL ? stretch[i] : 1;
		c->from[i] = (w->in[i] + c->stretch[i] - 1) / c->stretch[i];
	}
	c->images = step->input[0].shape[0];
	c->channels = step->input[0].shape[1];
	c->results = step->output[0].shape[1];
	c->groups = (size_t)tmo_node_number(step->node, "group", 1);
	taps = c->window.kernel[0] * c->window.kernel[1] * c->window.kernel[2];
	c->depthwise = c->groups == c->channels && c->results == c->channels && c->groups > 1;
	c->segments = c->groups == 1 && c->window.dilation[2] == 1 ? taps / c->window.kernel[2] : taps;
	c->segment = c->channels / c->groups * taps / c->segments;
	c->group_weights = c->depthwise ? taps * tmo_product_padded(c->channels) / c->groups + 1 :
		c->segments * c->segment * tmo_product_padded(c->results / c->groups);
	c->offsets = tmo_alloc(c->segments, sizeof(*c->offsets), err);
	if (c->offsets == NULL)
		return -1;
	if (kernel != NULL) {
		c->weights = tmo_alloc(c->groups * c->group_weights, sizeof(*c->weights), err);
		if (c->weights == NULL || pack(c, kernel->data, c->weights, err) < 0)
			return -1;
	}
	if (lay_out(c, step, err) < 0)
		return -1;
	place_segments(c);
	if (tmo_fact_count(&step->output[0]) == 0)
		step->tasks[0] = 0;
	else
		cut_tasks(c, step);
	return 0;
}

/* Is there anything of the input on line `at` of a picture with its border? Then *from is which one. */
static bool
is_inside(const struct conv *c, int dim, size_t at, size_t *from)
{
	const size_t inside = at - c->window.before[dim];

	*from = inside / c->stretch[dim];
	return at >= c->window.before[dim] && inside < c->window.in[dim] && inside % c->stretch[dim] == 0;
}

/* One line of a picture with its border, and with zeros where it is stretched. */
static void
spread(const struct conv *c, const float *x, size_t task, float *scratch)
{
	const size_t y = task % c->size[1], z = task / c->size[1] % c->size[0];
	const size_t image = task / c->size[1] / c->size[0], places = c->from[0] * c->from[1] * c->from[2];
	const size_t step = c->stretch[2] * c->channels;
	float *const line = scratch + image * c->picture + z * c->plane + y * c->line;
	float *const inside = line + c->window.before[2] * c->channels;
	size_t from_y, from_z;

	memset(line, 0, c->line * sizeof(*line));
	if (!is_inside(c, 0, z, &from_z) || !is_inside(c, 1, y, &from_y))
		return;
	x += image * c->channels * places + (from_z * c->from[1] + from_y) * c->from[2];
	for (size_t i = 0; i < c->from[2]; i++)
		for (size_t k = 0; k < c->channels; k++)
			inside[i * step + k] = x[k * places + i];
}

/* What the sums need beside the pictures: the bias with room behind it, and weights that are not constant. */
static int
spread_weights(const struct conv *c, const struct tmo_step *step, const struct tmo_work *work,
               struct tmo_error *err)
{
	const size_t outputs = c->results / c->groups, padded = tmo_product_padded(outputs);
	float *const bias = (float *)work->scratch + c->bias_at;

	if (tmo_step_has_input(step, 2) && c->depthwise)
		memcpy(bias, work->input[2]->data, c->results * sizeof(*bias));
	for (size_t g = 0; tmo_step_has_input(step, 2) && !c->depthwise && g < c->groups; g++)
		memcpy(bias + g * padded, (const float *)work->input[2]->data + g * outputs, outputs * sizeof(*bias));
	return c->weights != NULL ? 0 :
	       pack(c, work->input[1]->data, (float *)work->scratch + c->weights_at, err);
}

/* The sums of some rows of a plane, of one group. */
static void
sum(const struct conv *c, const struct tmo_step *step, const struct tmo_work *work)
{
	const struct tmo_window *const w = &c->window;
	const size_t cuts = c->cut.row_tasks * c->cut.panel_tasks, groups = c->depthwise ? 1 : c->groups;
	const size_t group = work->task / cuts % groups, plane = work->task / cuts / groups;
	const size_t z = plane % w->out[0], image = plane / w->out[0], outputs = c->results / groups;
	float *const scratch = work->scratch;
	const float *const weights = c->weights != NULL ? c->weights : scratch + c->weights_at;
	const float *const bias = !tmo_step_has_input(step, 2) ? NULL :
	                          scratch + c->bias_at + group * tmo_product_padded(outputs);
	struct tmo_product p = product_of(c);

	p.input = scratch + image * c->picture + z * w->stride[0] * c->plane + group * (c->channels / groups);
	p.output = scratch + c->result_at + plane * w->out[1] * w->out[2] * c->results + group * outputs;
	p.weights = weights + group * c->group_weights;
	p.bias = bias;
	if (c->depthwise) {
		const struct tmo_depthwise d = {
			.taps = c->segments, .offsets = c->offsets, .weights = weights,
			.weight_step = tmo_product_padded(c->channels), .channels = c->channels, .bias = bias,
			.epilogue = TMO_EPILOGUE_NONE, .count = { 1, w->out[1], w->out[2] }, .input = p.input,
			.input_step = { 0, p.input_step[1], p.input_step[2] }, .output = p.output,
			.output_step = { 0, p.output_step[1], p.output_step[2] },
		};

		tmo_depthwise_run(step->kernels, &d, work->task % cuts, work->task % cuts + 1);
	} else {
		tmo_product_task(step->kernels, &p, &c->cut, work->task % cuts);
	}
}

/* Some channels of a plane, which become planes of their own. */
static void
collect(const struct conv *c, const struct tmo_step *step, const struct tmo_work *work)
{
	const struct tmo_window *const w = &c->window;
	const size_t panels = tmo_product_panels(c->results), first = work->task % panels * TMO_PANEL;
	const size_t plane = work->task / panels, z = plane % w->out[0], image = plane / w->out[0];
	const size_t places = w->out[1] * w->out[2];
	const size_t end = c->results - first < TMO_PANEL ? c->results : first + TMO_PANEL;
	const float *const from = (const float *)work->scratch + c->result_at + plane * places * c->results;
	float *const to = (float *)work->output[0]->data + (image * c->results * w->out[0] + z) * places;

	for (size_t i = 0; i < places; i++)
		for (size_t k = first; k < end; k++)
			to[k * w->out[0] * places + i] = from[i * c->results + k];
	for (size_t k = first; step->version->function == TMO_FUSED_CONV && k < end; k++)
		tmo_fused_conv_finish(step, work, ((image * c->results + k) * w->out[0] + z) * places, places);
}

int
tmo_run_conv(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct conv *const c = step->prepared;

	if (work->phase == PHASE_SUM)
		sum(c, step, work);
	else if (work->phase == PHASE_COLLECT)
		collect(c, step, work);
	else if (work->task + 1 < step->tasks[PHASE_SPREAD])
		spread(c, work->input[0]->data, work->task, work->scratch);
	else
		return spread_weights(c, step, work, err);
	return 0;
}
