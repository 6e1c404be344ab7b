/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recurrent.c: LSTM, GRU and RNN as ONNX defines them. The products of all steps' inputs with W, begun by both
 * biases, are one product; a step adds the product of the state before it with R, a chain of its own, to them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "net/op/op.h"
#include "net/op/recurrent.h"

static size_t
gates_of(int kind)
{
	return kind == TMO_LSTM ? 4 : kind == TMO_GRU ? 3 : 1;
}

/* Sizes, from the facts of the inputs. */
static int
measure(const struct tmo_step *step, struct tmo_recurrent *r, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[TMO_RECURRENT_X], *const w = &step->input[TMO_RECURRENT_W];
	const struct tmo_fact *const h = &step->input[TMO_RECURRENT_R];
	const char *const direction = tmo_node_text(step->node, "direction", "forward");

	if (tmo_step_expect(step, 3, err) < 0)
		return -1;
	*r = (struct tmo_recurrent){.kind = step->version->function};
	r->gates = gates_of(r->kind);
	r->directions = strcmp(direction, "bidirectional") == 0 ? 2 : 1;
	r->only_backwards = strcmp(direction, "reverse") == 0;
	r->batch_first = tmo_node_number(step->node, "layout", 0) != 0;
	r->input_forget = tmo_node_number(step->node, "input_forget", 0) != 0;
	r->linear_before_reset = tmo_node_number(step->node, "linear_before_reset", 0) != 0;
	r->clip = tmo_node_real(step->node, "clip", 0.0f);
	if (x->rank != 3 || w->rank != 3 || h->rank != 3 || w->shape[0] != r->directions || h->shape[0] != r->directions ||
	    w->shape[2] != x->shape[2] || h->shape[1] != w->shape[1] || h->shape[1] != r->gates * h->shape[2])
		return tmo_fail(err, "inputs whose shapes do not go together; give data of the shapes that the network wants");
	r->hidden = h->shape[2];
	r->inputs = x->shape[2];
	r->steps = x->shape[r->batch_first ? 1 : 0];
	r->batch = x->shape[r->batch_first ? 0 : 1];
	return tmo_recurrent_activations(step, r, err);
}

/* Inputs beside the first three have as many numbers as they must. */
static int
check_rest(const struct tmo_step *step, const struct tmo_recurrent *r, struct tmo_error *err)
{
	const size_t state = r->directions * r->batch * r->hidden;
	const size_t wanted[] = {
		[TMO_RECURRENT_B] = r->directions * 2 * r->gates * r->hidden, [TMO_RECURRENT_LENGTHS] = r->batch,
		[TMO_RECURRENT_STATE] = state, [TMO_RECURRENT_CELL] = state, [TMO_RECURRENT_P] = r->directions * 3 * r->hidden,
	};

	for (size_t i = TMO_RECURRENT_B; i <= TMO_RECURRENT_P; i++)
		if (tmo_step_has_input(step, i) && tmo_fact_count(&step->input[i]) != wanted[i])
			return tmo_fail(err, "input %zu has %zu numbers in place of %zu; give data of the shapes that the "
			                "network wants", i, tmo_fact_count(&step->input[i]), wanted[i]);
	if (tmo_step_has_input(step, TMO_RECURRENT_LENGTHS) && step->input[TMO_RECURRENT_LENGTHS].type != TMO_I32)
		return tmo_fail(err, "lengths that are not i32; the model is damaged");
	return 0;
}

int
tmo_shape_recurrent(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_recurrent r;
	enum tmo_type type;

	if (measure(step, &r, err) < 0 || check_rest(step, &r, err) < 0)
		return -1;
	type = step->input[0].type;
	if (r.batch_first) {
		tmo_step_give(step, 0, type, 4, (size_t[]){ r.batch, r.steps, r.directions, r.hidden });
		tmo_step_give(step, 1, type, 3, (size_t[]){ r.batch, r.directions, r.hidden });
		tmo_step_give(step, 2, type, 3, (size_t[]){ r.batch, r.directions, r.hidden });
	} else {
		tmo_step_give(step, 0, type, 4, (size_t[]){ r.steps, r.directions, r.batch, r.hidden });
		tmo_step_give(step, 1, type, 3, (size_t[]){ r.directions, r.batch, r.hidden });
		tmo_step_give(step, 2, type, 3, (size_t[]){ r.directions, r.batch, r.hidden });
	}
	return 0;
}

/* ---- preparation ---- */

/* Of the rows of R, those whose input is the state; the rest, of a GRU, has an input of its own. */
static size_t
rows_of_state(const struct tmo_recurrent *r)
{
	return r->kind == TMO_GRU ? 2 * r->hidden : r->gates * r->hidden;
}

void
tmo_recurrent_pack(const struct tmo_recurrent *r, size_t direction, const float *w, const float *h, const float *b,
                   float *to)
{
	const size_t rows = r->gates * r->hidden, split = rows_of_state(r);

	w += direction * rows * r->inputs;
	h += direction * rows * r->hidden;
	tmo_product_pack(w, r->inputs, rows, 1, (ptrdiff_t)r->inputs, to + r->weights_at);
	tmo_product_pack(h, r->hidden, split, 1, (ptrdiff_t)r->hidden, to + r->recurrent_at);
	tmo_product_pack(h + split * r->hidden, r->hidden, rows - split, 1, (ptrdiff_t)r->hidden,
	                 to + r->recurrent_at + tmo_product_padded(split) * r->hidden);
	for (size_t i = 0; i < rows; i++) {
		const float *const own = b == NULL ? NULL : b + direction * 2 * rows;
		const bool apart = r->linear_before_reset && i >= split;

		to[i] = own == NULL ? 0.0f : apart ? own[i] : own[i] + own[rows + i];
	}
}

static const void *
constant(const struct tmo_step *step, size_t input)
{
	return tmo_step_has_input(step, input) && step->input[input].constant != NULL ?
	       step->input[input].constant->data : NULL;
}

static void
release(void *prepared)
{
	struct tmo_recurrent *const r = prepared;

	if (r != NULL)
		free(r->packed);
	free(r);
}

/* Where everything lies. */
static int
lay_out(struct tmo_recurrent *r, struct tmo_step *step, struct tmo_error *err)
{
	const size_t all = r->gates * r->hidden, split = rows_of_state(r);
	size_t sums, rows;

	if (tmo_mul_size(r->steps, r->batch, &rows, err) < 0 || tmo_mul_size(rows, all + r->inputs, &sums, err) < 0)
		return -1;
	r->weights_at = tmo_product_padded(all);
	r->recurrent_at = r->weights_at + r->inputs * tmo_product_padded(all);
	r->packed_count = r->recurrent_at + r->hidden * (tmo_product_padded(split) + tmo_product_padded(all - split));
	r->input_at = r->packed_count;
	r->sums_at = r->input_at + (r->batch_first ? rows * r->inputs : 0);
	r->gates_at = r->sums_at + rows * all + TMO_PANEL;
	r->state_at = r->gates_at + r->batch * all + TMO_PANEL;
	/* The states h and c, and of a GRU what its reset leaves of h, and the product of that. */
	r->part = (r->state_at + 4 * r->batch * r->hidden + TMO_PANEL + 15) / 16 * 16;
	return tmo_mul_size(r->part * r->directions, sizeof(float), &step->scratch, err);
}

int
tmo_prepare_recurrent(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_recurrent *const r = step->prepared = tmo_alloc(1, sizeof(*r), err);
	const float *const w = constant(step, TMO_RECURRENT_W), *const h = constant(step, TMO_RECURRENT_R);
	const float *const b = constant(step, TMO_RECURRENT_B);

	step->release = release;
	if (r == NULL || measure(step, r, err) < 0 || lay_out(r, step, err) < 0)
		return -1;
	step->tasks[0] = r->directions;
	if (w == NULL || h == NULL || (b == NULL && tmo_step_has_input(step, TMO_RECURRENT_B)))
		return 0;
	r->packed = tmo_alloc(r->directions * r->packed_count, sizeof(*r->packed), err);
	if (r->packed == NULL)
		return -1;
	for (size_t i = 0; i < r->directions; i++)
		tmo_recurrent_pack(r, i, w, h, b, r->packed + i * r->packed_count);
	return 0;
}
