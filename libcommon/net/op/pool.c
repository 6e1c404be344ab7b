/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c: windows that slide over pictures and give one number each: MaxPool, AveragePool, LpPool. */
#include <math.h>
#include <stdlib.h>

#include "base/math/elementary.h"
#include "base/math/fused.h"
#include "base/memory.h"
#include "net/op/op.h"
#include "net/window.h"

/* What a window at one place along one dimension has of the picture. */
struct span {
	size_t first;			/* the first index in the picture */
	size_t count;			/* so many, `dilation` apart */
	size_t with_border;		/* so many with those on the border */
};

struct pool {
	struct tmo_window window;
	struct span *span[TMO_WINDOW_DIMS];	/* of each place */
	size_t in_places, out_places;		/* of a plane: one channel of one image */
	bool border_counts;			/* AveragePool */
	float p;				/* LpPool */
	size_t index_step[TMO_WINDOW_DIMS];	/* MaxPool: what Indices count */
};

/* A window, as a function over floats gets it. */
struct view {
	const struct pool *pool;
	const struct span *z, *y, *x;
	const float *plane;
};

static void
release(void *prepared)
{
	struct pool *const p = prepared;

	if (p == NULL)
		return;
	free(p->span[0]);
	free(p);
}

static int
shape_of(const struct tmo_step *step, struct tmo_window *w, struct tmo_fact *y, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0 || tmo_window_of(step, NULL, w, err) < 0)
		return -1;
	if (tmo_node_attribute(step->node, "kernel_shape") == NULL)
		return tmo_fail(err, "kernel_shape is missing; the model is damaged");
	*y = step->input[0];
	for (int i = 2; i < y->rank; i++)
		y->shape[i] = w->out[TMO_WINDOW_DIMS - y->rank + i];
	return 0;
}

int
tmo_shape_pool(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_window w;
	struct tmo_fact y;

	if (shape_of(step, &w, &y, err) < 0)
		return -1;
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	tmo_step_give(step, 1, TMO_I64, y.rank, y.shape);
	return 0;
}

/* How many of count steps from `from` on stay below `end`. */
static size_t
below(size_t from, size_t step, size_t count, size_t end)
{
	const size_t fit = from < end ? (end - from - 1) / step + 1 : 0;

	return fit < count ? fit : count;
}

static struct span
span_at(const struct tmo_window *w, int i, size_t place)
{
	const size_t from = place * w->stride[i], step = w->dilation[i], kernel = w->kernel[i];
	const size_t before = below(from, step, kernel, w->before[i]);
	const size_t inside = below(from, step, kernel, w->before[i] + w->in[i]);

	return (struct span){
		.first = from + before * step - w->before[i], .count = inside - before,
		.with_border = below(from, step, kernel, w->before[i] + w->in[i] + w->after[i]),
	};
}

int
tmo_prepare_pool(struct tmo_step *step, struct tmo_error *err)
{
	struct pool *const p = step->prepared = tmo_alloc(1, sizeof(*p), err);
	const bool columns_first = tmo_node_number(step->node, "storage_order", 0) != 0;
	const struct tmo_attribute *const power = tmo_node_attribute(step->node, "p");
	struct tmo_window *w;
	struct tmo_fact y;

	step->release = release;
	if (p == NULL || shape_of(step, &p->window, &y, err) < 0)
		return -1;
	w = &p->window;
	p->border_counts = tmo_node_number(step->node, "count_include_pad", 0) != 0;
	p->p = power == NULL ? 2.0f : power->kind == TMO_ATTRIBUTE_FLOAT ? power->real : (float)power->number;
	p->in_places = w->in[0] * w->in[1] * w->in[2];
	p->out_places = w->out[0] * w->out[1] * w->out[2];
	p->index_step[0] = columns_first ? 1 : w->in[1] * w->in[2];
	p->index_step[1] = columns_first ? w->in[0] : w->in[2];
	p->index_step[2] = columns_first ? w->in[0] * w->in[1] : 1;
	step->tasks[0] = p->out_places == 0 ? 0 : tmo_fact_count(&y) / p->out_places;
	p->span[0] = tmo_alloc(w->out[0] + w->out[1] + w->out[2], sizeof(*p->span[0]), err);
	if (p->span[0] == NULL)
		return -1;
	p->span[1] = p->span[0] + w->out[0];
	p->span[2] = p->span[1] + w->out[1];
	for (int i = 0; i < TMO_WINDOW_DIMS; i++)
		for (size_t place = 0; place < w->out[i]; place++)
			p->span[i][place] = span_at(w, i, place);
	return 0;
}

/* ---- the largest ---- */

/*
 * Of a plane, for one type; index (NULL: nobody wants them) gets where the largest are, in the order of
 * `index_step`, from `first` on. A window that is all border has the lowest number.
 */
#define MAX_OF_PLANE(name, type, lowest, exceeds) \
static type \
name##_window(const struct pool *p, const type *plane, size_t z, size_t y, size_t x, int64_t *index) \
{ \
	const struct tmo_window *const w = &p->window; \
	const struct span *const sz = &p->span[0][z], *const sy = &p->span[1][y], *const sx = &p->span[2][x]; \
	type best = lowest; \
	bool any = false; \
 \
	for (size_t i = 0; i < sz->count; i++) \
		for (size_t j = 0; j < sy->count; j++) \
			for (size_t k = 0; k < sx->count; k++) { \
				const size_t iz = sz->first + i * w->dilation[0], iy = sy->first + j * w->dilation[1]; \
				const size_t ix = sx->first + k * w->dilation[2]; \
				const type value = plane[(iz * w->in[1] + iy) * w->in[2] + ix]; \
 \
				if (any && !(exceeds)) \
					continue; \
				any = true; \
				best = value; \
				*index = (int64_t)(iz * p->index_step[0] + iy * p->index_step[1] + ix * p->index_step[2]); \
			} \
	return best; \
} \
 \
static void \
name(const struct pool *p, const type *plane, type *out, int64_t *index, int64_t first) \
{ \
	const struct tmo_window *const w = &p->window; \
	size_t at = 0; \
 \
	for (size_t z = 0; z < w->out[0]; z++) \
		for (size_t y = 0; y < w->out[1]; y++) \
			for (size_t x = 0; x < w->out[2]; x++, at++) { \
				int64_t where = 0; \
 \
				out[at] = name##_window(p, plane, z, y, x, &where); \
				if (index != NULL) \
					index[at] = first + where; \
			} \
}

/* A number that is none exceeds all, so that it is seen in the result. */
MAX_OF_PLANE(max_f32, float, -INFINITY, value > best || value != value)
MAX_OF_PLANE(max_i8, int8_t, INT8_MIN, value > best)
MAX_OF_PLANE(max_u8, uint8_t, 0, value > best)

int
tmo_run_max_pool(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct pool *const p = step->prepared;
	const struct tmo_array *const x = work->input[0];
	const size_t in = work->task * p->in_places, out = work->task * p->out_places;
	int64_t *const all = step->output_count > 1 && work->output[1] != NULL ? work->output[1]->data : NULL;
	int64_t *const index = all != NULL ? all + out : NULL;
	void *const y = work->output[0] != NULL ? work->output[0]->data : NULL;

	if (y == NULL)
		return tmo_fail_unsupported(err, "Indices without the maxima");
	if (x->type == TMO_I8)
		max_i8(p, (const int8_t *)x->data + in, (int8_t *)y + out, index, (int64_t)in);
	else if (x->type == TMO_U8)
		max_u8(p, (const uint8_t *)x->data + in, (uint8_t *)y + out, index, (int64_t)in);
	else if (x->type == TMO_F32)
		max_f32(p, (const float *)x->data + in, (float *)y + out, index, (int64_t)in);
	else
		return tmo_fail_unsupported(err, "MaxPool of %s", tmo_type_name(x->type));
	for (size_t i = 0; x->type == TMO_F32 && i < p->out_places; i++)
		((float *)y)[out + i] = tmo_f32_one_nan(((float *)y)[out + i]);
	return 0;
}

/* ---- sums, chains in the order of the kernel ---- */

static float
average(const struct view *v)
{
	const struct pool *const p = v->pool;
	const struct tmo_window *const w = &p->window;
	const size_t count = p->border_counts ? v->z->with_border * v->y->with_border * v->x->with_border :
	                     v->z->count * v->y->count * v->x->count;
	float sum = 0.0f;

	for (size_t i = 0; i < v->z->count; i++)
		for (size_t j = 0; j < v->y->count; j++) {
			const float *const line = v->plane + ((v->z->first + i * w->dilation[0]) * w->in[1] +
			                                      v->y->first + j * w->dilation[1]) * w->in[2] + v->x->first;

			for (size_t k = 0; k < v->x->count; k++)
				sum += line[k * w->dilation[2]];
		}
	return tmo_f32_one_nan(sum / (float)count);
}

/* The p-th root of the sum of magnitudes to the power of p. */
static float
length(const struct view *v)
{
	const struct pool *const p = v->pool;
	const struct tmo_window *const w = &p->window;
	float sum = 0.0f;

	for (size_t i = 0; i < v->z->count; i++)
		for (size_t j = 0; j < v->y->count; j++) {
			const float *const line = v->plane + ((v->z->first + i * w->dilation[0]) * w->in[1] +
			                                      v->y->first + j * w->dilation[1]) * w->in[2] + v->x->first;

			for (size_t k = 0; k < v->x->count; k++)
				sum = tmo_norm_add(sum, line[k * w->dilation[2]], p->p);
		}
	return tmo_norm_root(sum, p->p);
}

float
tmo_norm_add(float sum, float x, float p)
{
	const float magnitude = tmo_f32_magnitude(x);

	return p == 2.0f ? tmo_fma(x, x, sum) : p == 1.0f ? sum + magnitude : sum + tmo_pow(magnitude, p);
}

float
tmo_norm_root(float sum, float p)
{
	return tmo_f32_one_nan(p == 2.0f ? sqrtf(sum) : p == 1.0f ? sum : tmo_pow(sum, 1.0f / p));
}

void
tmo_pool_plane(const struct tmo_step *step, const float *plane, float *y)
{
	const struct pool *const p = step->prepared;
	const struct tmo_window *const w = &p->window;
	const bool is_average = step->version->function != TMO_POOL_NORM;
	struct view v = { .pool = p, .plane = plane };

	for (v.z = p->span[0]; v.z < p->span[0] + w->out[0]; v.z++)
		for (v.y = p->span[1]; v.y < p->span[1] + w->out[1]; v.y++)
			for (v.x = p->span[2]; v.x < p->span[2] + w->out[2]; v.x++)
				*y++ = is_average ? average(&v) : length(&v);
}

int
tmo_run_sum_pool(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct pool *const p = step->prepared;

	if (work->input[0]->type != TMO_F32)
		return tmo_fail_unsupported(err, "pools of %s", tmo_type_name(work->input[0]->type));
	tmo_pool_plane(step, (const float *)work->input[0]->data + work->task * p->in_places,
	               (float *)work->output[0]->data + work->task * p->out_places);
	return 0;
}
