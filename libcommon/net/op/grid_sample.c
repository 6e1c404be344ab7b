/* SPDX-License-Identifier: Apache-2.0 */
/* grid_sample.c: pictures looked at in other places: GridSample, AffineGrid. */
#include <math.h>
#include <string.h>

#include "base/math/fused.h"
#include "net/op/op.h"

#define DIMS 3
#define CUBIC_A (-0.75f)
#define SIZE_LIMIT ((int64_t)1 << 30)

enum mode { LINEAR, NEAREST, CUBIC };
enum padding { ZEROS, BORDER, REFLECTION };

/* The picture has DIMS dimensions, the first ones of size 1. */
struct sampler {
	enum mode mode;
	enum padding padding;
	bool align_corners;
	size_t size[DIMS];
};

static int
sampler_of(const struct tmo_step *step, struct sampler *s, struct tmo_error *err)
{
	const char *const mode = tmo_node_text(step->node, "mode", "linear");
	const char *const padding = tmo_node_text(step->node, "padding_mode", "zeros");
	const struct tmo_fact *const x = &step->input[0], *const grid = &step->input[1];

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (x->rank < 3 || x->rank > DIMS + 2 || grid->rank != x->rank || grid->shape[0] != x->shape[0] ||
	    grid->shape[grid->rank - 1] != (size_t)x->rank - 2 || x->type == TMO_NONE || grid->type == TMO_NONE)
		return tmo_fail(err, "a picture of rank %d and a grid of rank %d that do not go together; give data of the "
		                "shapes that the network wants", x->rank, grid->rank);
	s->mode = strcmp(mode, "nearest") == 0 ? NEAREST :
	          strcmp(mode, "bicubic") == 0 || strcmp(mode, "cubic") == 0 ? CUBIC : LINEAR;
	s->padding = strcmp(padding, "border") == 0 ? BORDER : strcmp(padding, "reflection") == 0 ? REFLECTION : ZEROS;
	s->align_corners = tmo_node_number(step->node, "align_corners", 0) != 0;
	for (int i = 0; i < DIMS; i++) {
		const int axis = x->rank - DIMS + i;

		s->size[i] = axis < 2 ? 1 : x->shape[axis];
		if (s->size[i] == 0)
			return tmo_fail(err, "a picture without elements; give a larger one");
	}
	return 0;
}

int
tmo_shape_grid_sample(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const grid = &step->input[1];
	struct sampler s;
	struct tmo_fact y;

	if (sampler_of(step, &s, err) < 0)
		return -1;
	y = step->input[0];
	for (int i = 2; i < y.rank; i++)
		y.shape[i] = grid->shape[i - 1];
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

/* Where -1 … 1 lies in 0 … size - 1. */
static float
denormalized(float x, size_t size, bool align_corners)
{
	return align_corners ? (x + 1.0f) / 2.0f * ((float)size - 1.0f) : ((x + 1.0f) * (float)size - 1.0f) / 2.0f;
}

/* Mirrored at low and high until it is between them. */
static float
reflected(float x, float low, float high)
{
	const float range = high - low, beyond = x < low ? low - x : x - high;
	float turns, rest;

	if (x >= low && x <= high)
		return x;
	if (!(range > 0.0f) || !(beyond < INFINITY))
		return low;
	turns = floorf(beyond / range);
	rest = beyond - turns * range;
	return (x < low) == (turns - 2.0f * floorf(turns / 2.0f) == 0.0f) ? low + rest : high - rest;
}

/*
 * A place brought into the picture, if that is what is to be done with those outside. Of a cubic, whose neighbours are
 * brought in one by one, the place stays (PyTorch, onnxruntime).
 */
static float
inside(const struct sampler *s, int dim, float at)
{
	const float last = (float)s->size[dim] - 1.0f, edge = s->align_corners ? 0.0f : 0.5f;

	if (s->mode == NEAREST)
		at = rintf(at);
	if (s->padding == REFLECTION)
		return reflected(at, -edge, last + edge);
	if (s->padding == BORDER && s->mode != CUBIC && !(at >= -edge && at <= last + edge))
		return at > 0.0f ? last : 0.0f;
	return at;
}

/* The index of what is at `at`, which may be outside; false: 0 is there. */
static bool
index_of(const struct sampler *s, int dim, float at, size_t *index)
{
	const float last = (float)s->size[dim] - 1.0f, edge = s->align_corners ? 0.0f : 0.5f;

	if (s->padding == REFLECTION)
		at = reflected(at, -edge, last + edge);
	if (s->padding == ZEROS && !(at >= 0.0f && at <= last))
		return false;
	*index = !(at > 0.0f) ? 0 : at >= last ? s->size[dim] - 1 : (size_t)at;
	return true;
}

/* The neighbours along one dimension: where they are, and their weights. */
struct taps {
	size_t count;
	size_t index[4];
	float weight[4];
};

static void
taps_at(const struct sampler *s, int dim, float x, struct taps *t)
{
	const float base = floorf(x), r = x - base, a = CUBIC_A;
	float first = base, weight[4];

	if (s->mode == NEAREST) {
		first = x;
		t->count = 1;
		weight[0] = 1.0f;
	} else if (s->mode == LINEAR) {
		t->count = 2;
		weight[0] = 1.0f - r;
		weight[1] = r;
	} else {
		first = base - 1.0f;
		t->count = 4;
		weight[0] = ((a * (r + 1.0f) - 5.0f * a) * (r + 1.0f) + 8.0f * a) * (r + 1.0f) - 4.0f * a;
		weight[1] = ((a + 2.0f) * r - (a + 3.0f)) * r * r + 1.0f;
		weight[2] = ((a + 2.0f) * (1.0f - r) - (a + 3.0f)) * (1.0f - r) * (1.0f - r) + 1.0f;
		weight[3] = ((a * (2.0f - r) - 5.0f * a) * (2.0f - r) + 8.0f * a) * (2.0f - r) - 4.0f * a;
	}
	for (size_t i = 0; i < t->count; i++) {
		t->index[i] = 0;
		t->weight[i] = index_of(s, dim, first + (float)i, &t->index[i]) ? weight[i] : 0.0f;
	}
}

/* Each line's sum, then each plane's, then that of the planes: chains in their order. */
static float
sum_of(const struct sampler *s, const struct taps *t, const float *plane)
{
	float sum = 0.0f;

	for (size_t i = 0; i < t[0].count; i++) {
		float of_plane = 0.0f;

		for (size_t j = 0; j < t[1].count; j++) {
			const float *const line = plane + (t[0].index[i] * s->size[1] + t[1].index[j]) * s->size[2];
			float of_line = 0.0f;

			for (size_t k = 0; k < t[2].count; k++)
				of_line = t[2].weight[k] == 0.0f ? of_line : tmo_fma(t[2].weight[k], line[t[2].index[k]], of_line);
			of_plane = t[1].weight[j] == 0.0f ? of_plane : tmo_fma(t[1].weight[j], of_line, of_plane);
		}
		sum = t[0].weight[i] == 0.0f ? sum : tmo_fma(t[0].weight[i], of_plane, sum);
	}
	return tmo_f32_one_nan(sum);
}

/* One place of one image, in all channels. A place that is no number is one outside. */
static void
sample(const struct sampler *s, const float *place, size_t dims, const float *x, size_t channels, float *y,
       size_t places)
{
	const size_t plane = s->size[0] * s->size[1] * s->size[2];
	struct taps t[DIMS];

	for (int i = 0; i < DIMS; i++) {
		if ((size_t)(DIMS - i) <= dims)
			taps_at(s, i, inside(s, i, denormalized(place[DIMS - 1 - i], s->size[i], s->align_corners)), &t[i]);
		else
			t[i] = (struct taps){ .count = 1, .weight = { 1.0f } };
	}
	for (size_t c = 0; c < channels; c++)
		y[c * places] = sum_of(s, t, x + c * plane);
}

int
tmo_run_grid_sample(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t channels = x->shape[1], dims = (size_t)x->rank - 2;
	const size_t pictures = x->shape[0] * channels, places = pictures == 0 ? 0 : y->count / pictures;
	struct sampler s;

	if (sampler_of(step, &s, err) < 0)
		return -1;
	if (x->type != TMO_F32 || work->input[1]->type != TMO_F32)
		return tmo_fail_unsupported(err, "GridSample of %s", tmo_type_name(x->type));
	for (size_t n = 0; n < x->shape[0]; n++)
		for (size_t i = 0; i < places; i++)
			sample(&s, (const float *)work->input[1]->data + (n * places + i) * dims, dims,
			       (const float *)x->data + n * channels * s.size[0] * s.size[1] * s.size[2], channels,
			       (float *)y->data + n * channels * places + i, places);
	return 0;
}

/* ---- AffineGrid ---- */

static int
grid_of(const struct tmo_step *step, struct tmo_integers *size, struct tmo_error *err)
{
	const struct tmo_fact *const theta = &step->input[0];

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (!tmo_step_integers(step, NULL, 1, size) || (size->count != 4 && size->count != 5) || theta->rank != 3 ||
	    theta->shape[1] != size->count - 2 || theta->shape[2] != size->count - 1 ||
	    size->value[0] != (int64_t)theta->shape[0])
		return tmo_fail(err, "theta and size do not go together; give data of the shapes that the network wants");
	for (size_t i = 0; i < size->count; i++)
		if (size->value[i] < 0 || size->value[i] > SIZE_LIMIT)
			return tmo_fail(err, "a size of %jd; the model is damaged", (intmax_t)size->value[i]);
	return 0;
}

int
tmo_shape_affine_grid(struct tmo_step *step, struct tmo_error *err)
{
	size_t shape[DIMS + 2];
	struct tmo_integers size;

	if (grid_of(step, &size, err) < 0)
		return -1;
	shape[0] = (size_t)size.value[0];
	for (size_t i = 2; i < size.count; i++)
		shape[i - 1] = (size_t)size.value[i];
	shape[size.count - 1] = size.count - 2;
	tmo_step_give(step, 0, step->input[0].type, (int)size.count, shape);
	return 0;
}

/* Index i of `size` as a number from -1 to 1: between the corners' centres, or their outer edges. */
static float
normalized(size_t i, size_t size, bool align_corners)
{
	if (align_corners)
		return size < 2 ? -1.0f : 2.0f * (float)i / ((float)size - 1.0f) - 1.0f;
	return (2.0f * (float)i + 1.0f) / (float)size - 1.0f;
}

int
tmo_run_affine_grid(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const bool align_corners = tmo_node_number(step->node, "align_corners", 0) != 0;
	const float *const theta = work->input[0]->data;
	float *y = work->output[0]->data;
	struct tmo_integers size;
	size_t dims, count;

	if (grid_of(step, &size, err) < 0)
		return -1;
	dims = size.count - 2;
	count = work->output[0]->count / dims;
	for (size_t i = 0; i < count; i++) {
		const float *row;
		float at[DIMS];		/* x first */
		size_t left = i;

		for (size_t k = 0; k < dims; k++) {
			const size_t along = (size_t)size.value[size.count - 1 - k];

			at[k] = normalized(left % along, along, align_corners);
			left /= along;
		}
		row = theta + left * dims * (dims + 1);
		for (size_t r = 0; r < dims; r++, row += dims + 1) {
			float sum = 0.0f;

			for (size_t k = 0; k < dims; k++)
				sum = tmo_fma(row[k], at[k], sum);
			*y++ = tmo_f32_one_nan(sum + row[dims]);
		}
	}
	return 0;
}
