/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attention.c: Attention of ai.onnx: softmax(scale * q * k^T + bias) * v, head by head. Both products are
 * kernel/product's; a query that may look at no key gives zeros.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/math/exponential.h"
#include "base/memory.h"
#include "kernel/product.h"
#include "kernel/reduction.h"
#include "net/op/op.h"

enum { QUERY, KEY, VALUE, MASK, PAST_KEY, PAST_VALUE, LENGTHS };	/* inputs */
enum { RESULT, PRESENT_KEY, PRESENT_VALUE, SCORES };			/* outputs */
enum { PHASE_GATHER, PHASE_ATTEND };
enum { SCORES_RAW, SCORES_CAPPED, SCORES_BIASED, SCORES_SOFTMAX };	/* qk_matmul_output_mode */

/* An operand as [batch][head][row][size], however it lies: steps in floats. */
struct operand {
	size_t heads, rows, size;
	size_t batch_step, head_step, row_step;
};

struct attention {
	size_t batch, past, keys;		/* keys: those of the past among them */
	struct operand q, k, v, y;
	float scale;				/* of q and of k: the root of the scale */
	float cap;
	bool causal;
	int64_t left, right;			/* how far a query looks; -1: as far as there is something */
	int64_t mode;
	/* In the scratch, in floats: of each head of keys, and of each head of queries. */
	size_t packed_key, packed_value, gathered, per_key_head;
	size_t scaled, scores, bias, per_query_head, queries_at;
};

static const char mismatch[] = "inputs whose shapes do not go together; give data of the shapes that the network wants";

/* [batch, heads, rows, size], or [batch, rows, heads * size]. */
static int
describe(const struct tmo_fact *x, int64_t heads, struct operand *o, struct tmo_error *err)
{
	if (x->rank == 4) {
		*o = (struct operand){.heads = x->shape[1], .rows = x->shape[2], .size = x->shape[3]};
		o->row_step = o->size;
		o->head_step = o->rows * o->size;
	} else {
		if (x->rank != 3 || heads < 1 || x->shape[2] % (size_t)heads != 0)
			return tmo_fail(err, "%s", mismatch);
		*o = (struct operand){.heads = (size_t)heads, .rows = x->shape[1], .size = x->shape[2] / (size_t)heads};
		o->row_step = x->shape[2];
		o->head_step = o->size;
	}
	o->batch_step = o->heads * o->rows * o->size;
	return 0;
}

static int
check_past(const struct tmo_step *step, const struct attention *a, struct tmo_error *err)
{
	const struct operand *const each[] = { &a->k, &a->v };

	for (size_t i = 0; i < 2; i++) {
		const struct tmo_fact *const past = &step->input[PAST_KEY + i];

		if (tmo_step_has_input(step, PAST_KEY + i) &&
		    (past->rank != 4 || past->shape[0] != a->batch || past->shape[1] != each[i]->heads ||
		     past->shape[2] != a->past || past->shape[3] != each[i]->size))
			return tmo_fail(err, "%s", mismatch);
	}
	if (tmo_step_has_input(step, PAST_KEY) != tmo_step_has_input(step, PAST_VALUE))
		return tmo_fail(err, "of past keys and values only one is there; the model is damaged");
	if (tmo_step_has_input(step, LENGTHS) &&
	    (step->input[LENGTHS].type != TMO_I64 || tmo_fact_count(&step->input[LENGTHS]) != a->batch))
		return tmo_fail(err, "%s", mismatch);
	return 0;
}

/* The mask broadcasts to the scores, but may have fewer keys than there are. */
static int
check_mask(const struct tmo_step *step, const struct attention *a, struct tmo_error *err)
{
	const struct tmo_fact *const m = &step->input[MASK];
	const size_t whole[4] = { a->batch, a->q.heads, a->q.rows, a->keys };

	if (!tmo_step_has_input(step, MASK))
		return 0;
	if (m->rank < 1 || m->rank > 4 || m->shape[m->rank - 1] > a->keys ||
	    (m->type != TMO_BOOL && !tmo_type_is_float(m->type)))
		return tmo_fail(err, "%s", mismatch);
	for (int i = 0; i < m->rank - 1; i++)
		if (m->shape[i] != 1 && m->shape[i] != whole[4 - m->rank + i])
			return tmo_fail(err, "%s", mismatch);
	return 0;
}

static int
measure(const struct tmo_step *step, struct attention *a, struct tmo_error *err)
{
	const int64_t q_heads = tmo_node_number(step->node, "q_num_heads", 0);
	const int64_t heads = tmo_node_number(step->node, "kv_num_heads", 0);

	*a = (struct attention){.left = tmo_node_number(step->node, "left_window_size", -1)};
	if (tmo_step_expect(step, 3, err) < 0 || describe(&step->input[QUERY], q_heads, &a->q, err) < 0 ||
	    describe(&step->input[KEY], heads, &a->k, err) < 0 || describe(&step->input[VALUE], heads, &a->v, err) < 0)
		return -1;
	a->batch = step->input[QUERY].shape[0];
	if (step->input[KEY].shape[0] != a->batch || step->input[VALUE].shape[0] != a->batch ||
	    a->k.heads != a->v.heads || a->k.rows != a->v.rows || a->k.size != a->q.size || a->k.heads == 0 ||
	    a->q.heads % a->k.heads != 0)
		return tmo_fail(err, "%s", mismatch);
	a->past = tmo_step_has_input(step, PAST_KEY) && step->input[PAST_KEY].rank == 4 ?
	          step->input[PAST_KEY].shape[2] : 0;
	a->keys = a->past + a->k.rows;
	a->y = (struct operand){.heads = a->q.heads, .rows = a->q.rows, .size = a->v.size};
	a->y.row_step = step->input[QUERY].rank == 4 ? a->v.size : a->q.heads * a->v.size;
	a->y.head_step = step->input[QUERY].rank == 4 ? a->q.rows * a->v.size : a->v.size;
	a->y.batch_step = a->q.heads * a->q.rows * a->v.size;
	a->right = tmo_node_number(step->node, "right_window_size", -1);
	a->mode = tmo_node_number(step->node, "qk_matmul_output_mode", SCORES_RAW);
	a->causal = tmo_node_number(step->node, "is_causal", 0) != 0;
	a->cap = tmo_node_real(step->node, "softcap", 0.0f);
	a->scale = (float)sqrt(tmo_node_attribute(step->node, "scale") != NULL ?
	                       (double)tmo_node_real(step->node, "scale", 1.0f) : 1.0 / sqrt((double)a->q.size));
	return check_past(step, a, err) < 0 ? -1 : check_mask(step, a, err);
}

int
tmo_shape_attention(struct tmo_step *step, struct tmo_error *err)
{
	struct attention a;
	const enum tmo_type type = step->input[QUERY].type;

	if (measure(step, &a, err) < 0)
		return -1;
	if (step->input[QUERY].rank == 4)
		tmo_step_give(step, RESULT, type, 4, (size_t[]){ a.batch, a.q.heads, a.q.rows, a.v.size });
	else
		tmo_step_give(step, RESULT, type, 3, (size_t[]){ a.batch, a.q.rows, a.q.heads * a.v.size });
	tmo_step_give(step, PRESENT_KEY, step->input[KEY].type, 4, (size_t[]){ a.batch, a.k.heads, a.keys, a.k.size });
	tmo_step_give(step, PRESENT_VALUE, step->input[VALUE].type, 4,
	              (size_t[]){ a.batch, a.v.heads, a.keys, a.v.size });
	tmo_step_give(step, SCORES, type, 4, (size_t[]){ a.batch, a.q.heads, a.q.rows, a.keys });
	return 0;
}

int
tmo_prepare_attention(struct tmo_step *step, struct tmo_error *err)
{
	struct attention *const a = step->prepared = tmo_alloc(1, sizeof(*a), err);
	size_t keys, queries, scores;

	if (a == NULL || measure(step, a, err) < 0)
		return -1;
	if (tmo_mul_size(a->q.rows, a->keys, &scores, err) < 0 ||
	    tmo_mul_size(a->keys + TMO_PANEL, a->k.size + a->v.size + 2 * TMO_PANEL, &keys, err) < 0)
		return -1;
	a->packed_key = a->k.size * tmo_product_padded(a->keys);
	a->packed_value = a->keys * tmo_product_padded(a->v.size);
	a->gathered = a->keys * (a->k.size > a->v.size ? a->k.size : a->v.size);
	a->per_key_head = a->packed_key + a->packed_value + a->gathered;
	a->scaled = a->q.rows * a->q.size;
	a->scores = scores + TMO_PANEL;
	a->bias = a->keys;
	a->per_query_head = a->scaled + a->scores + a->bias;
	if (tmo_mul_size(a->batch * a->k.heads, a->per_key_head, &keys, err) < 0 ||
	    tmo_mul_size(a->batch * a->q.heads, a->per_query_head, &queries, err) < 0)
		return -1;
	a->queries_at = keys;
	step->tasks[PHASE_GATHER] = a->batch * a->k.heads;
	step->tasks[PHASE_ATTEND] = a->batch * a->q.heads;
	return tmo_mul_size(keys + queries, sizeof(float), &step->scratch, err);
}

/* ---- running ---- */

/* All rows of a head, those of the past first, to a place of their own; past NULL: there are none. */
static void
gather(const struct operand *o, size_t batch, size_t head, size_t past_rows, const float *past, const float *x,
       float *to)
{
	const size_t row = o->size * sizeof(float);

	if (past != NULL)
		memcpy(to, past + (batch * o->heads + head) * past_rows * o->size, past_rows * row);
	for (size_t i = 0; i < o->rows; i++)
		memcpy(to + (past_rows + i) * o->size, x + batch * o->batch_step + head * o->head_step + i * o->row_step, row);
}

static const float *
floats(const struct tmo_step *step, const struct tmo_work *work, size_t input)
{
	return tmo_step_has_input(step, input) ? work->input[input]->data : NULL;
}

/* A head's keys and values: the outputs that go on to the next call, and packed for the products. */
static void
gather_head(const struct attention *a, const struct tmo_step *step, const struct tmo_work *work)
{
	const size_t batch = work->task / a->k.heads, head = work->task % a->k.heads;
	float *const packed_key = (float *)work->scratch + work->task * a->per_key_head;
	float *const packed_value = packed_key + a->packed_key, *const room = packed_value + a->packed_value;

	gather(&a->v, batch, head, a->past, floats(step, work, PAST_VALUE), work->input[VALUE]->data, room);
	if (tmo_step_has_output(step, PRESENT_VALUE))
		memcpy((float *)work->output[PRESENT_VALUE]->data + work->task * a->keys * a->v.size, room,
		       a->keys * a->v.size * sizeof(float));
	tmo_product_pack(room, a->keys, a->v.size, (ptrdiff_t)a->v.size, 1, packed_value);
	gather(&a->k, batch, head, a->past, floats(step, work, PAST_KEY), work->input[KEY]->data, room);
	if (tmo_step_has_output(step, PRESENT_KEY))
		memcpy((float *)work->output[PRESENT_KEY]->data + work->task * a->keys * a->k.size, room,
		       a->keys * a->k.size * sizeof(float));
	for (size_t i = 0; i < a->keys * a->k.size; i++)
		room[i] *= a->scale;
	tmo_product_pack(room, a->k.size, a->keys, 1, (ptrdiff_t)a->k.size, packed_key);
}

/* What the mask adds to the scores of a query; 0 without one. Keys that it does not have are not looked at. */
static void
mask_row(const struct attention *a, const struct tmo_array *mask, size_t batch, size_t head, size_t row, float *bias)
{
	const size_t index[4] = { batch, head, row, 0 };
	size_t at = 0, n;

	if (mask == NULL) {
		memset(bias, 0, a->keys * sizeof(*bias));
		return;
	}
	n = mask->shape[mask->rank - 1];
	for (int i = 0; i < mask->rank - 1; i++)
		at = at * mask->shape[i] + (mask->shape[i] == 1 ? 0 : index[4 - mask->rank + i]);
	for (size_t j = 0; j < a->keys; j++)
		if (j >= n && n != 1)
			bias[j] = -INFINITY;
		else if (mask->type == TMO_BOOL)
			bias[j] = ((const unsigned char *)mask->data)[at * n + (n == 1 ? 0 : j)] != 0 ? 0.0f : -INFINITY;
		else
			bias[j] = ((const float *)mask->data)[at * n + (n == 1 ? 0 : j)];
}

/* The bias of one query: mask, causality, window, keys that are there. Whether it may look at any key. */
static bool
bias_row(const struct attention *a, const struct tmo_step *step, const struct tmo_work *work, size_t batch,
         size_t head, size_t row, float *bias)
{
	const bool has_lengths = tmo_step_has_input(step, LENGTHS);
	const int64_t length = has_lengths ? ((const int64_t *)work->input[LENGTHS]->data)[batch] : (int64_t)a->keys;
	const int64_t offset = tmo_step_has_input(step, PAST_KEY) ? (int64_t)a->past :
	                       has_lengths ? length - (int64_t)a->q.rows : 0;
	const int64_t place = (int64_t)row + offset;
	bool any = false;

	mask_row(a, tmo_step_has_input(step, MASK) ? work->input[MASK] : NULL, batch, head, row, bias);
	for (int64_t j = 0; j < (int64_t)a->keys; j++) {
		if ((a->causal && j > place) || (a->left >= 0 && j < place - a->left) ||
		    (a->right >= 0 && j > place + a->right) || (has_lengths && j >= length))
			bias[j] = -INFINITY;
		any = any || bias[j] != -INFINITY;
	}
	return any;
}

/* Scores of one query become shares of the values. */
static void
share_row(const struct attention *a, const struct tmo_step *step, const struct tmo_work *work, size_t row, float *s,
          float *bias)
{
	const size_t batch = work->task / a->q.heads, head = work->task % a->q.heads;
	const bool any = bias_row(a, step, work, batch, head, row, bias);
	float *const out = !tmo_step_has_output(step, SCORES) ? NULL :
	                   (float *)work->output[SCORES]->data + (work->task * a->q.rows + row) * a->keys;
	float largest = -INFINITY;

	for (size_t j = 0; a->cap > 0 && j < a->keys; j++)
		s[j] = tmo_tanh(s[j] / a->cap) * a->cap;
	if (out != NULL && a->mode <= SCORES_CAPPED)
		memcpy(out, s, a->keys * sizeof(*s));
	for (size_t j = 0; j < a->keys; j++) {
		s[j] += bias[j];
		largest = s[j] > largest || s[j] != s[j] ? s[j] : largest;
	}
	if (out != NULL && a->mode == SCORES_BIASED)
		memcpy(out, s, a->keys * sizeof(*s));
	if (!any || largest == -INFINITY)
		memset(s, 0, a->keys * sizeof(*s));
	else
		tmo_softmax(step->kernels, 1, a->keys, s, 0, s, 0);
	if (out != NULL && a->mode == SCORES_SOFTMAX)
		memcpy(out, s, a->keys * sizeof(*s));
}

/* rows of `depth` floats times a packed matrix. */
static void
multiply(const struct tmo_step *step, const float *input, size_t rows, size_t depth, const float *weights,
         size_t columns, float *output, size_t output_step)
{
	struct tmo_product p = tmo_product_of_matrices(rows, depth, columns);

	p.input = input;
	p.weights = weights;
	p.output = output;
	p.output_step[2] = (ptrdiff_t)output_step;
	tmo_product_run(step->kernels, &p, 0, rows, 0, tmo_product_panels(columns));
}

static void
attend(const struct attention *a, const struct tmo_step *step, const struct tmo_work *work)
{
	const size_t batch = work->task / a->q.heads, head = work->task % a->q.heads;
	const size_t key_head = batch * a->k.heads + head / (a->q.heads / a->k.heads);
	const float *const packed_key = (const float *)work->scratch + key_head * a->per_key_head;
	float *const scaled = (float *)work->scratch + a->queries_at + work->task * a->per_query_head;
	float *const scores = scaled + a->scaled, *const bias = scores + a->scores;
	float *const y = (float *)work->output[RESULT]->data + batch * a->y.batch_step + head * a->y.head_step;

	gather(&a->q, batch, head, 0, NULL, work->input[QUERY]->data, scaled);
	for (size_t i = 0; i < a->scaled; i++)
		scaled[i] *= a->scale;
	multiply(step, scaled, a->q.rows, a->q.size, packed_key, a->keys, scores, a->keys);
	for (size_t i = 0; i < a->q.rows; i++)
		share_row(a, step, work, i, scores + i * a->keys, bias);
	multiply(step, scores, a->q.rows, a->keys, packed_key + a->packed_key, a->v.size, y, a->y.row_step);
}

int
tmo_run_attention(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	(void)err;
	if (work->phase == PHASE_GATHER)
		gather_head(step->prepared, step, work);
	else
		attend(step->prepared, step, work);
	return 0;
}
