/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lrn.c: LRN: y = x / (bias + alpha / size * the sum of squares of so many channels around)^beta. The sum is a
 * chain of fused multiply-adds, in the order of channels.
 */
#include "base/math/fused.h"
#include "base/memory.h"
#include "kernel/maps.h"
#include "net/op/op.h"

enum { PIECE = 1024 };

int
tmo_shape_lrn(struct tmo_step *step, struct tmo_error *err)
{
	if (tmo_step_expect(step, 1, err) < 0 || tmo_shape_floats(step, err) < 0)
		return -1;
	if (step->input[0].rank < 2 || tmo_node_number(step->node, "size", 0) < 1)
		return tmo_fail(err, "an input of rank %d, a size of %jd; the model is damaged", step->input[0].rank,
		                (intmax_t)tmo_node_number(step->node, "size", 0));
	return 0;
}

/* A task is a channel of a picture. */
int
tmo_prepare_lrn(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];

	return tmo_mul_size(x->shape[0], x->shape[1], &step->tasks[0], err);
}

int
tmo_run_lrn(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0];
	const size_t channels = x->shape[1], channel = work->task % channels;
	const size_t places = x->count / (x->shape[0] * channels), size = (size_t)tmo_node_number(step->node, "size", 1);
	const size_t before = (size - 1) / 2, after = size - 1 - before;
	const size_t first = channel - (channel < before ? channel : before);
	const size_t last = channels - 1 - channel < after ? channels - 1 : channel + after;
	const float bias = tmo_node_real(step->node, "bias", 1.0f), beta = tmo_node_real(step->node, "beta", 0.75f);
	const float factor = tmo_node_real(step->node, "alpha", 1e-4f) / (float)size;
	const float *const picture = (const float *)x->data + (work->task - channel) * places;
	float sum[PIECE];

	(void)err;
	for (size_t at = 0; at < places; at += PIECE) {
		const size_t n = places - at < PIECE ? places - at : PIECE, here = channel * places + at;
		float *const y = (float *)work->output[0]->data + (work->task - channel) * places + here;

		for (size_t i = 0; i < n; i++)
			sum[i] = 0.0f;
		for (size_t c = first; c <= last; c++)
			for (size_t i = 0; i < n; i++) {
				const float v = picture[c * places + at + i];

				sum[i] = tmo_fma(v, v, sum[i]);
			}
		for (size_t i = 0; i < n; i++)
			sum[i] = bias + factor * sum[i];
		tmo_binary(step->kernels, TMO_BINARY_POWER, 1, n, (struct tmo_operand){sum, 0, 1},
		           (struct tmo_operand){&beta, 0, 0}, sum, 0);
		tmo_binary(step->kernels, TMO_BINARY_DIVIDE, 1, n, (struct tmo_operand){picture + here, 0, 1},
		           (struct tmo_operand){sum, 0, 1}, y, 0);
	}
	return 0;
}
