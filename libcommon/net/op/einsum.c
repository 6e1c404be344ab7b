/* SPDX-License-Identifier: Apache-2.0 */
/*
 * einsum.c: Einsum. What is a product of matrices once axes are in order is kernel/product's; else each
 * result is a chain of fused multiply-adds over the letters that are not in the result, the first letter of the
 * equation outermost.
 */
#include <string.h>

#include "base/math/fused.h"
#include "base/memory.h"
#include "kernel/product.h"
#include "net/labels.h"
#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

enum phase { PHASE_ARRANGE, PHASE_MULTIPLY, PHASE_SPREAD };

struct einsum {
	struct tmo_labels labels;

	/* As a product: y[batch][rows][columns] of a[batch][rows][depth] and b[batch][depth][columns]. */
	bool is_product;
	size_t batch, rows, columns, depth;
	struct tmo_strided a, b, y;	/* where they are in the inputs and the result */
	size_t packed, b_at, packed_at, y_at;	/* floats; places in the scratch */
	struct tmo_product_tasks cut;	/* of one product */
};

int
tmo_shape_einsum(struct tmo_step *step, struct tmo_error *err)
{
	size_t shape[TMO_RANK_MAX];
	struct tmo_labels e;

	if (tmo_step_expect(step, 1, err) < 0 || tmo_labels_read(step, &e, err) < 0)
		return -1;
	for (int i = 0; i < e.rank; i++)
		shape[i] = e.label[e.result[i]].size;
	tmo_step_give(step, 0, step->input[0].type, e.rank, shape);
	return 0;
}

/* ---- as a product of matrices ---- */

/* Which axis of the product a label is. */
enum part { PART_BATCH, PART_ROWS, PART_COLUMNS, PART_DEPTH, PART_NONE };

static enum part
part_of(const struct tmo_label *l)
{
	if (l->is_in[0] && l->is_in[1])
		return l->in_result ? PART_BATCH : PART_DEPTH;
	if (!l->in_result)
		return PART_NONE;
	return l->is_in[0] ? PART_ROWS : PART_COLUMNS;
}

static void
append(struct tmo_strided *s, const struct tmo_label *l, ptrdiff_t step)
{
	s->shape[s->rank] = l->size;
	s->step[s->rank++] = step;
}

/* Appends the labels of a part to the operands that have it; those of the result in its order. */
static int
arrange_part(struct einsum *e, enum part part, const ptrdiff_t *y_step, size_t *product, struct tmo_error *err)
{
	*product = 1;
	for (int i = 0; i < (part == PART_DEPTH ? e->labels.count : e->labels.rank); i++) {
		const struct tmo_label *const l = &e->labels.label[part == PART_DEPTH ? i : e->labels.result[i]];

		if (part_of(l) != part)
			continue;
		if (l->is_in[0])
			append(&e->a, l, l->step[0]);
		if (l->is_in[1])
			append(&e->b, l, l->step[1]);
		if (l->in_result)
			append(&e->y, l, y_step[i]);
		if (tmo_mul_size(*product, l->size, product, err) < 0)
			return -1;
	}
	return 0;
}

/* *at is where `matrices` pieces of a * b floats and some to spare begin, *end where they end, in whole vectors. */
static int
reserve(size_t matrices, size_t a, size_t b, size_t *at, size_t *end, struct tmo_error *err)
{
	size_t floats;

	*at = *end;
	if (tmo_mul_size(a, b, &floats, err) < 0 || tmo_mul_size(floats, matrices, &floats, err) < 0 ||
	    tmo_add_size(floats, 2 * TMO_PANEL - 1, &floats, err) < 0)
		return -1;
	return tmo_add_size(*end, floats / TMO_PANEL * TMO_PANEL, end, err);
}

static int
prepare_product(struct tmo_step *step, struct einsum *e, struct tmo_error *err)
{
	ptrdiff_t y_step[TMO_RANK_MAX];
	size_t a_at, end = 0;
	struct tmo_product p;

	tmo_strided_steps(e->labels.rank, step->output[0].shape, y_step);
	/* b is [batch][depth][columns], the others have rows before what they share */
	if (arrange_part(e, PART_BATCH, y_step, &e->batch, err) < 0 ||
	    arrange_part(e, PART_ROWS, y_step, &e->rows, err) < 0 ||
	    arrange_part(e, PART_DEPTH, y_step, &e->depth, err) < 0 ||
	    arrange_part(e, PART_COLUMNS, y_step, &e->columns, err) < 0)
		return -1;
	e->is_product = e->batch * e->rows * e->columns > 0 && e->depth > 0;
	if (!e->is_product)
		return 0;
	e->packed = e->depth * tmo_product_padded(e->columns);
	if (reserve(e->batch, e->rows, e->depth, &a_at, &end, err) < 0 ||
	    reserve(e->batch, e->depth, e->columns, &e->b_at, &end, err) < 0 ||
	    reserve(e->batch, e->depth, tmo_product_padded(e->columns), &e->packed_at, &end, err) < 0 ||
	    reserve(e->batch, e->rows, e->columns, &e->y_at, &end, err) < 0 ||
	    tmo_mul_size(end, sizeof(float), &step->scratch, err) < 0)
		return -1;
	p = tmo_product_of_matrices(e->rows, e->depth, e->columns);
	e->cut = tmo_product_cut(step->kernels, &p, step->threads);
	step->tasks[PHASE_MULTIPLY] = e->batch * e->cut.row_tasks * e->cut.panel_tasks;
	step->tasks[PHASE_SPREAD] = 1;
	return 0;
}

int
tmo_prepare_einsum(struct tmo_step *step, struct tmo_error *err)
{
	struct einsum *const e = step->prepared = tmo_alloc(1, sizeof(*e), err);
	bool fits;

	if (e == NULL || tmo_labels_read(step, &e->labels, err) < 0)
		return -1;
	fits = e->labels.operands == 2 && step->input[0].type == TMO_F32;
	for (int i = 0; fits && i < e->labels.count; i++)
		fits = part_of(&e->labels.label[i]) != PART_NONE;
	return fits ? prepare_product(step, e, err) : 0;
}

static void
arrange(const struct einsum *e, const struct tmo_work *work)
{
	float *const a = work->scratch, *const b = a + e->b_at;

	tmo_strided_copy(&e->a, sizeof(float), work->input[0]->data, a);
	tmo_strided_copy(&e->b, sizeof(float), work->input[1]->data, b);
	for (size_t i = 0; i < e->batch; i++)
		tmo_product_pack(b + i * e->depth * e->columns, e->depth, e->columns, (ptrdiff_t)e->columns, 1,
		                 a + e->packed_at + i * e->packed);
}

static void
multiply(const struct einsum *e, const struct tmo_step *step, const struct tmo_work *work)
{
	const size_t cuts = e->cut.row_tasks * e->cut.panel_tasks, matrix = work->task / cuts;
	float *const scratch = work->scratch;
	struct tmo_product p = tmo_product_of_matrices(e->rows, e->depth, e->columns);

	p.input = scratch + matrix * e->rows * e->depth;
	p.weights = scratch + e->packed_at + matrix * e->packed;
	p.output = scratch + e->y_at + matrix * e->rows * e->columns;
	tmo_product_task(step->kernels, &p, &e->cut, work->task % cuts);
}

/* ---- any other ---- */

/* The labels of the result, or those summed over, as operand t has them. */
static void
labels_of(const struct einsum *e, int t, bool result, struct tmo_strided *s)
{
	*s = (struct tmo_strided){0};
	for (int i = 0; i < (result ? e->labels.rank : e->labels.count); i++) {
		const struct tmo_label *const l = &e->labels.label[result ? e->labels.result[i] : i];

		if (result || !l->in_result) {
			s->shape[s->rank] = l->size;
			s->step[s->rank++] = l->step[t];
		}
	}
}

/* The sum whose terms are where `w` goes through from the operands' elements at[] on. */
static void
add_up(const struct einsum *e, const struct tmo_work *work, const size_t *at, struct tmo_walk *w,
       const struct tmo_strided *summed, size_t result)
{
	const bool floats = work->output[0]->type == TMO_F32;
	float sum = 0.0f;
	uint64_t integer_sum = 0;

	for (int t = 0; t < e->labels.operands; t++)
		tmo_walk_start(&w[t], &summed[t]);
	while (!w[0].ended) {
		float product = 1.0f;
		uint64_t integer = 1;

		for (int t = 0; t < e->labels.operands; t++) {
			const size_t place = at[t] + (size_t)w[t].at;

			if (!floats)
				integer *= (uint64_t)tmo_array_integer(work->input[t], place);
			else if (t == e->labels.operands - 1)
				sum = tmo_fma(product, ((const float *)work->input[t]->data)[place], sum);
			else
				product *= ((const float *)work->input[t]->data)[place];
			tmo_walk_next(&w[t]);
		}
		integer_sum += integer;
	}
	if (floats)
		((float *)work->output[0]->data)[result] = tmo_f32_one_nan(sum);
	else
		tmo_array_set_integer(work->output[0], result, integer_sum);
}

static void
sum_products(const struct einsum *e, const struct tmo_work *work)
{
	struct tmo_strided outer[TMO_LABELS_OPERANDS], summed[TMO_LABELS_OPERANDS];
	struct tmo_walk w[TMO_LABELS_OPERANDS], inner[TMO_LABELS_OPERANDS];
	size_t at[TMO_LABELS_OPERANDS], result = 0;

	for (int t = 0; t < e->labels.operands; t++) {
		labels_of(e, t, true, &outer[t]);
		labels_of(e, t, false, &summed[t]);
		tmo_walk_start(&w[t], &outer[t]);
	}
	while (!w[0].ended) {
		for (int t = 0; t < e->labels.operands; t++)
			at[t] = (size_t)w[t].at;
		add_up(e, work, at, inner, summed, result++);
		for (int t = 0; t < e->labels.operands; t++)
			tmo_walk_next(&w[t]);
	}
}

int
tmo_run_einsum(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct einsum *const e = step->prepared;

	(void)err;
	if (!e->is_product)
		sum_products(e, work);
	else if (work->phase == PHASE_ARRANGE)
		arrange(e, work);
	else if (work->phase == PHASE_MULTIPLY)
		multiply(e, step, work);
	else
		tmo_strided_spread(&e->y, sizeof(float), (const float *)work->scratch + e->y_at, work->output[0]->data);
	return 0;
}
