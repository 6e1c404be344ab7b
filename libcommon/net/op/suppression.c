/* SPDX-License-Identifier: Apache-2.0 */
/* suppression.c: NonMaxSuppression: the best of boxes that overlap. */
#include <stdlib.h>

#include "base/memory.h"
#include "net/op/op.h"
#include "net/step_run.h"
#include "tensor/tensor.h"

struct box {
	float top, left, bottom, right;
	float score;
	size_t index;
};

struct limits {
	size_t most;			/* boxes of a class */
	float overlap, score;
	bool has_score, centered;	/* centered: x, y, width, height; else two corners, y first */
};

int
tmo_shape_non_max_suppression(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const boxes = &step->input[0], *const scores = &step->input[1];

	if (tmo_step_expect(step, 2, err) < 0)
		return -1;
	if (boxes->rank != 3 || scores->rank != 3 || boxes->shape[2] != 4 || boxes->shape[0] != scores->shape[0] ||
	    boxes->shape[1] != scores->shape[2] || boxes->type != TMO_F32 || scores->type != TMO_F32)
		return tmo_fail(err, "boxes and scores that do not go together; the model is damaged");
	for (size_t i = 2; i < 5; i++)
		if (tmo_step_has_input(step, i) && (tmo_fact_count(&step->input[i]) != 1 ||
		                                    step->input[i].type != (i == 2 ? TMO_I64 : TMO_F32)))
			return tmo_fail(err, "input %zu is not one number of its type; the model is damaged", i);
	tmo_step_give(step, 0, TMO_I64, 0, NULL);
	return 0;
}

static const void *
number_of(const struct tmo_step *step, const struct tmo_work *work, size_t i)
{
	return i < step->input_count && work->input[i] != NULL ? work->input[i]->data : NULL;
}

static struct limits
limits_of(const struct tmo_step *step, const struct tmo_work *work)
{
	const int64_t *const most = number_of(step, work, 2);
	const float *const overlap = number_of(step, work, 3), *const score = number_of(step, work, 4);

	return (struct limits){
		.most = most != NULL && *most > 0 ? (size_t)*most : 0, .overlap = overlap != NULL ? *overlap : 0.0f,
		.has_score = score != NULL, .score = score != NULL ? *score : 0.0f,
		.centered = tmo_node_number(step->node, "center_point_box", 0) != 0,
	};
}

static float
lower(float a, float b)
{
	return a < b ? a : b;
}

static float
higher(float a, float b)
{
	return a > b ? a : b;
}

static struct box
box_of(const float *b, bool centered, float score, size_t index)
{
	if (centered)
		return (struct box){b[1] - b[3] / 2, b[0] - b[2] / 2, b[1] + b[3] / 2, b[0] + b[2] / 2, score, index};
	return (struct box){lower(b[0], b[2]), lower(b[1], b[3]), higher(b[0], b[2]), higher(b[1], b[3]), score, index};
}

/* The best first; of equal ones that which came first. */
static int
compare(const void *a, const void *b)
{
	const struct box *const x = a, *const y = b;

	if (x->score != y->score)
		return x->score > y->score ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* What both share of what either has: 0 where a box has no area. */
static float
overlap(const struct box *a, const struct box *b)
{
	const float height = lower(a->bottom, b->bottom) - higher(a->top, b->top);
	const float width = lower(a->right, b->right) - higher(a->left, b->left);
	const float area_a = (a->bottom - a->top) * (a->right - a->left);
	const float area_b = (b->bottom - b->top) * (b->right - b->left);

	if (!(height > 0 && width > 0 && area_a > 0 && area_b > 0))
		return 0.0f;
	return height * width / (area_a + area_b - height * width);
}

/* Of the boxes of one class: puts those that are kept in front. Returns how many. A score that is NaN is none. */
static size_t
choose(const struct limits *limits, const float *boxes, const float *scores, size_t n, struct box *box)
{
	size_t candidates = 0, kept = 0;

	for (size_t i = 0; i < n; i++)
		if (limits->has_score ? scores[i] > limits->score : scores[i] == scores[i])
			box[candidates++] = box_of(boxes + 4 * i, limits->centered, scores[i], i);
	qsort(box, candidates, sizeof(*box), compare);
	for (size_t i = 0; i < candidates && kept < limits->most; i++) {
		bool free = true;

		for (size_t k = 0; free && k < kept; k++)
			free = !(overlap(&box[k], &box[i]) > limits->overlap);
		if (free)
			box[kept++] = box[i];
	}
	return kept;
}

int
tmo_run_non_max_suppression(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const scores = work->input[1];
	const size_t images = scores->shape[0], classes = scores->shape[1], n = scores->shape[2];
	const struct limits limits = limits_of(step, work);
	struct box *const box = tmo_alloc(n + 1, sizeof(*box), err);
	size_t shape[2] = { 0, 3 }, room = 0;
	int64_t (*found)[3] = NULL;
	int status = box != NULL ? 0 : -1;

	for (size_t c = 0; status == 0 && scores->count > 0 && c < images * classes; c++) {
		const size_t kept = choose(&limits, (const float *)work->input[0]->data + c / classes * n * 4,
		                           (const float *)scores->data + c * n, n, box);

		for (size_t i = 0; status == 0 && i < kept; i++) {
			status = tmo_grow(&found, shape[0], &room, sizeof(*found), err);
			if (status < 0)
				break;
			found[shape[0]][0] = (int64_t)(c / classes);
			found[shape[0]][1] = (int64_t)(c % classes);
			found[shape[0]++][2] = (int64_t)box[i].index;
		}
	}
	if (status == 0)
		status = tmo_array_new_spare(work->output[0], TMO_I64, 2, shape, err);
	for (size_t i = 0; status == 0 && i < shape[0] * 3; i++)
		((int64_t *)work->output[0]->data)[i] = found[i / 3][i % 3];
	free(found);
	free(box);
	return status;
}
