/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batchnorm.c: BatchNormalization: y = x * s + t for each channel, both rounded, s = scale / sqrt(variance +
 * epsilon), t = bias - mean * s by a fused multiply-add. In training mean and variance are the batch's.
 */
#include <math.h>

#include "base/math/fused.h"
#include "base/memory.h"
#include "kernel/normalization.h"
#include "net/broadcast.h"
#include "net/op/op.h"
#include "net/slices.h"

static const char damaged[] = "; the model is damaged";

static bool
is_training(const struct tmo_step *step)
{
	return step->version->since >= 14 && tmo_node_number(step->node, "training_mode", 0) != 0;
}

static size_t
channels_of(const struct tmo_fact *x)
{
	return x->rank > 1 ? x->shape[1] : 1;
}

int
tmo_shape_batch_normalization(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];

	if (tmo_step_expect(step, 5, err) < 0 || tmo_shape_floats(step, err) < 0)
		return -1;
	if (tmo_node_number(step->node, "spatial", 1) == 0)
		return tmo_fail_unsupported(err, "spatial is 0");
	for (size_t i = 1; i < 5; i++)
		if (x->rank == 0 || tmo_fact_count(&step->input[i]) != channels_of(x))
			return tmo_fail(err, "input %zu does not have a number for each channel%s", i, damaged);
	for (size_t i = 1; i < step->output_count; i++) {
		if (tmo_step_has_output(step, i) && (!is_training(step) || i > 2))
			return tmo_fail_unsupported(err, "output %zu is wanted", i);
		tmo_step_give(step, i, step->input[3].type, step->input[3].rank, step->input[3].shape);
	}
	return 0;
}

struct prepared {
	size_t channels;
	struct tmo_slices slices;	/* of the channels, in training */
	struct tmo_rows rows;
};

int
tmo_prepare_batch_normalization(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	struct prepared *const p = tmo_alloc(1, sizeof(*p), err);
	struct tmo_fact scale = {.rank = x->rank - 1};
	bool along[TMO_RANK_MAX];
	size_t room = 0;

	if (p == NULL)
		return -1;
	step->prepared = p;
	p->channels = channels_of(x);
	for (int i = 0; i < x->rank; i++) {
		along[i] = i != 1;
		scale.shape[i > 0 ? i - 1 : 0] = i == 1 ? p->channels : 1;
	}
	tmo_slices_make(&p->slices, x->rank, x->shape, along);
	if (tmo_fact_count(x) > 0)
		tmo_rows_make(&p->rows, x->rank, x->shape, (const struct tmo_fact *[]){x, &scale});
	tmo_step_cut(step, tmo_fact_count(x));
	step->tasks[1] = step->tasks[0];
	step->tasks[0] = is_training(step) ? p->channels : 1;
	if (is_training(step) && tmo_mul_size(p->channels, p->slices.length, &room, err) < 0)
		return -1;
	if (tmo_add_size(room, 2 * p->channels, &room, err) < 0)
		return -1;
	return tmo_mul_size(room, sizeof(float), &step->scratch, err);
}

static float
number(const struct tmo_work *work, size_t input, size_t channel)
{
	return ((const float *)work->input[input]->data)[channel];
}

/* s and t of a channel, to scratch memory: those of all channels, then these. */
static void
find_scale(const struct tmo_step *step, const struct tmo_work *work, size_t channel, float mean, float variance)
{
	const struct prepared *const p = step->prepared;
	const float s = number(work, 1, channel) / sqrtf(variance + tmo_node_real(step->node, "epsilon", 1e-5f));
	float *const to = work->scratch;

	to[channel] = tmo_f32_one_nan(s);
	to[p->channels + channel] = tmo_f32_one_nan(tmo_fma(-mean, s, number(work, 2, channel)));
}

/* Mean and variance of a channel, and what is kept of them with those before. */
static void
train(const struct tmo_step *step, const struct tmo_work *work, size_t channel)
{
	const struct prepared *const p = step->prepared;
	const float momentum = tmo_node_real(step->node, "momentum", 0.9f);
	const size_t n = p->slices.length;
	float *const room = (float *)work->scratch + 2 * p->channels + channel * n;
	const float *const x = tmo_slice_load(&p->slices, channel, work->input[0]->data, room);
	float mean;
	const float variance = tmo_center(step->kernels, x, room, n, &mean);

	find_scale(step, work, channel, mean, variance);
	for (size_t i = 1; i < 3; i++)
		if (tmo_step_has_output(step, i))
			((float *)work->output[i]->data)[channel] = tmo_f32_one_nan(
				number(work, i + 2, channel) * momentum + (i == 1 ? mean : variance) * (1.0f - momentum));
}

int
tmo_run_batch_normalization(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct prepared *const p = step->prepared;
	const float *const s = work->scratch;
	const size_t at = work->task * TMO_PART;

	(void)err;
	if (work->phase == 0 && is_training(step)) {
		train(step, work, work->task);
	} else if (work->phase == 0) {
		for (size_t i = 0; i < p->channels; i++)
			find_scale(step, work, i, number(work, 3, i), number(work, 4, i));
	} else {
		float *const y = work->output[0]->data;
		const size_t end = tmo_part_end(work->task, work->input[0]->count);

		tmo_rows_map(step->kernels, TMO_BINARY_MULTIPLY, &p->rows, work->input[0]->data, s, y, at, end);
		tmo_rows_map(step->kernels, TMO_BINARY_ADD, &p->rows, y, s + p->channels, y, at, end);
	}
	return 0;
}
