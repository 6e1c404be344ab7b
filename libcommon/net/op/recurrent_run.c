/* SPDX-License-Identifier: Apache-2.0 */
/* recurrent_run.c: a direction of an LSTM, GRU or RNN, step by step. */
#include <string.h>

#include "net/op/op.h"
#include "net/op/recurrent.h"

struct run {
	const struct tmo_recurrent *r;
	const struct tmo_step *step;
	const struct tmo_work *work;
	size_t direction;
	bool backwards;
	const float *packed;		/* biases, W and R */
	float *sums;			/* [steps][batch][gates * hidden]: of the inputs */
	float *gates;			/* [batch][gates * hidden]: of the step at hand */
	float *h, *c;			/* [batch][hidden]: the states */
	float *reset, *product;		/* of a GRU, as h: what its reset leaves of h, and the product of that */
	const float *bias;		/* [2][gates * hidden], of W and of R; NULL */
	const float *peephole;		/* [3][hidden]; NULL */
};

static const float *
numbers(const struct tmo_work *work, const struct tmo_step *step, size_t input)
{
	return tmo_step_has_input(step, input) ? work->input[input]->data : NULL;
}

/* rows of `depth` floats times packed weights; an addend lies as the output does. */
static void
multiply(const struct run *run, const float *input, size_t rows, size_t depth, const float *weights,
         const float *bias, size_t channels, float *output, size_t step, const float *addend)
{
	struct tmo_product p = tmo_product_of_matrices(rows, depth, channels);

	p.input = input;
	p.weights = weights;
	p.bias = bias;
	p.output = output;
	p.addend = addend;
	p.output_step[2] = p.addend_step[2] = (ptrdiff_t)step;
	tmo_product_run(run->step->kernels, &p, 0, rows, 0, tmo_product_panels(channels));
}

static float
clipped(const struct tmo_recurrent *r, float x)
{
	if (r->clip > 0)
		x = x < -r->clip ? -r->clip : x > r->clip ? r->clip : x;
	return x;
}

static float
activated(const struct run *run, size_t which, float x)
{
	return tmo_activate(&run->r->activation[run->direction][which], clipped(run->r, x));
}

/* One unit after a step: what its gates and states give. */
static float
lstm_unit(const struct run *run, const float *gate, float *c, size_t j)
{
	const size_t n = run->r->hidden;
	const float *const p = run->peephole;
	float in = gate[j], out = gate[n + j], forget = gate[2 * n + j], cell = gate[3 * n + j];

	if (p != NULL) {
		in += p[j] * *c;
		forget += p[2 * n + j] * *c;
	}
	in = activated(run, 0, in);
	forget = run->r->input_forget ? 1 - in : activated(run, 0, forget);
	cell = activated(run, 1, cell);
	*c = forget * *c + in * cell;
	if (p != NULL)
		out += p[n + j] * *c;
	return activated(run, 0, out) * tmo_activate(&run->r->activation[run->direction][2], *c);
}

/* The states of one sample after a step, from its gates. */
static void
end_step(const struct run *run, size_t sample)
{
	const struct tmo_recurrent *const r = run->r;
	const size_t n = r->hidden;
	const float *const gate = run->gates + sample * r->gates * n;
	float *const h = run->h + sample * n;

	for (size_t j = 0; j < n; j++)
		if (r->kind == TMO_LSTM) {
			h[j] = lstm_unit(run, gate, &run->c[sample * n + j], j);
		} else if (r->kind == TMO_GRU) {
			const float update = gate[j];	/* activated already */
			const float state = activated(run, 1, gate[2 * n + j]);

			h[j] = (1 - update) * state + update * h[j];
		} else {
			h[j] = activated(run, 0, gate[j]);
		}
}

/* A GRU's reset: what it leaves of h goes into the new state's gate. */
static void
reset_state(const struct run *run, const float *sums)
{
	const struct tmo_recurrent *const r = run->r;
	const size_t n = r->hidden, all = r->gates * n;
	const float *const weights = run->packed + r->recurrent_at + tmo_product_padded(2 * n) * n;
	const float *const bias = run->bias != NULL ? run->bias + all + 2 * n : NULL;

	for (size_t b = 0; b < r->batch; b++)
		for (size_t j = 0; j < 2 * n; j++) {
			float *const gate = &run->gates[b * all + j];

			*gate = activated(run, 0, *gate);
			if (j >= n)
				run->reset[b * n + j - n] = r->linear_before_reset ? run->h[b * n + j - n] :
				                            *gate * run->h[b * n + j - n];
		}
	multiply(run, run->reset, r->batch, n, weights, NULL, n, run->product, n, NULL);
	for (size_t b = 0; b < r->batch; b++)
		for (size_t j = 0; j < n; j++) {
			float product = run->product[b * n + j];

			if (r->linear_before_reset) {
				product += bias != NULL ? bias[j] : 0.0f;
				product *= run->gates[b * all + n + j];
			}
			run->gates[b * all + 2 * n + j] = sums[b * all + 2 * n + j] + product;
		}
}

/* Where the output of a sample's step is. */
static float *
place(const struct run *run, size_t step, size_t sample)
{
	const struct tmo_recurrent *const r = run->r;
	const size_t at = r->batch_first ? (sample * r->steps + step) * r->directions + run->direction :
	                                   (step * r->directions + run->direction) * r->batch + sample;

	return (float *)run->work->output[0]->data + at * r->hidden;
}

/* Step number `step` of all samples; one whose sequence has ended keeps its states. */
static void
take_step(const struct run *run, size_t step, const int32_t *lengths)
{
	const struct tmo_recurrent *const r = run->r;
	const size_t n = r->hidden, all = r->gates * n, split = r->kind == TMO_GRU ? 2 * n : all;
	const float *const sums = run->sums + step * r->batch * all;

	multiply(run, run->h, r->batch, n, run->packed + r->recurrent_at, NULL, split, run->gates, all, sums);
	if (r->kind == TMO_GRU)
		reset_state(run, sums);
	for (size_t b = 0; b < r->batch; b++) {
		const bool ended = lengths != NULL && (lengths[b] < 0 || step >= (size_t)lengths[b]);

		if (!ended)
			end_step(run, b);
		if (!tmo_step_has_output(run->step, 0))
			continue;
		if (ended)
			memset(place(run, step, b), 0, n * sizeof(float));
		else
			memcpy(place(run, step, b), run->h + b * n, n * sizeof(float));
	}
}

/* From a state as the operator has it, or into it; the direction's, [batch][hidden] here. */
static void
move_state(const struct run *run, float *here, float *there, bool in)
{
	const struct tmo_recurrent *const r = run->r;
	const size_t size = r->hidden * sizeof(float);

	for (size_t b = 0; b < r->batch; b++) {
		const size_t at = r->batch_first ? b * r->directions + run->direction : run->direction * r->batch + b;

		if (in)
			memcpy(here + b * r->hidden, there + at * r->hidden, size);
		else
			memcpy(there + at * r->hidden, here + b * r->hidden, size);
	}
}

/* The products of all inputs with W. */
static void
multiply_inputs(const struct run *run, float *scratch)
{
	const struct tmo_recurrent *const r = run->r;
	const size_t all = r->gates * r->hidden;
	const float *x = run->work->input[TMO_RECURRENT_X]->data;

	for (size_t i = 0; r->batch_first && i < r->steps * r->batch; i++)
		memcpy(scratch + r->input_at + i * r->inputs, x + (i % r->batch * r->steps + i / r->batch) * r->inputs,
		       r->inputs * sizeof(float));
	if (r->batch_first)
		x = scratch + r->input_at;
	multiply(run, x, r->steps * r->batch, r->inputs, run->packed + r->weights_at, run->packed, all, run->sums, all,
	         NULL);
}

int
tmo_run_recurrent(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_recurrent *const r = step->prepared;
	const size_t state = r->batch * r->hidden, all = r->gates * r->hidden;
	float *const scratch = (float *)work->scratch + work->task * r->part;
	const float *const b = numbers(work, step, TMO_RECURRENT_B), *const p = numbers(work, step, TMO_RECURRENT_P);
	const struct run run = {
		.r = r, .step = step, .work = work, .direction = work->task,
		.backwards = r->only_backwards || work->task == 1,
		.packed = r->packed != NULL ? r->packed + work->task * r->packed_count : scratch,
		.sums = scratch + r->sums_at, .gates = scratch + r->gates_at, .h = scratch + r->state_at,
		.c = scratch + r->state_at + state, .reset = scratch + r->state_at + 2 * state,
		.product = scratch + r->state_at + 3 * state, .bias = b != NULL ? b + work->task * 2 * all : NULL,
		.peephole = r->kind == TMO_LSTM && p != NULL ? p + work->task * 3 * r->hidden : NULL,
	};
	const int32_t *const lengths = tmo_step_has_input(step, TMO_RECURRENT_LENGTHS) ?
	                               work->input[TMO_RECURRENT_LENGTHS]->data : NULL;

	(void)err;
	if (r->packed == NULL)
		tmo_recurrent_pack(r, work->task, numbers(work, step, TMO_RECURRENT_W),
		                   numbers(work, step, TMO_RECURRENT_R), b, scratch);
	memset(run.h, 0, 2 * state * sizeof(float));
	if (tmo_step_has_input(step, TMO_RECURRENT_STATE))
		move_state(&run, run.h, work->input[TMO_RECURRENT_STATE]->data, true);
	if (r->kind == TMO_LSTM && tmo_step_has_input(step, TMO_RECURRENT_CELL))
		move_state(&run, run.c, work->input[TMO_RECURRENT_CELL]->data, true);
	multiply_inputs(&run, scratch);
	for (size_t i = 0; i < r->steps; i++)
		take_step(&run, run.backwards ? r->steps - 1 - i : i, lengths);
	if (tmo_step_has_output(step, 1))
		move_state(&run, run.h, work->output[1]->data, false);
	if (tmo_step_has_output(step, 2))
		move_state(&run, run.c, work->output[2]->data, false);
	return 0;
}
