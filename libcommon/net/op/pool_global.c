/* SPDX-License-Identifier: Apache-2.0 */
/* pool_global.c: one number for each channel of a picture: GlobalMaxPool, GlobalAveragePool, GlobalLpPool. */
#include <math.h>

#include "base/math/float_bits.h"
#include "net/op/op.h"

#define LANES 16

int
tmo_shape_global_pool(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_fact y;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	y = step->input[0];
	if (y.rank < 2 || !tmo_type_is_float(y.type))
		return tmo_fail(err, "an input of type %s and rank %d; give data of the shape that the network wants",
		                tmo_type_name(y.type), y.rank);
	for (int i = 2; i < y.rank; i++)
		y.shape[i] = 1;
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}

int
tmo_prepare_global_pool(struct tmo_step *step, struct tmo_error *err)
{
	(void)err;
	step->tasks[0] = tmo_fact_count(&step->output[0]);
	return 0;
}

/* Element i goes to lane i mod 16; then lanes 8, 4, 2, 1 apart are added. */
static float
sum_of(const float *x, size_t count, bool norm, float p)
{
	float lane[LANES] = {0};

	for (size_t i = 0; i < count; i++)
		lane[i % LANES] = norm ? tmo_norm_add(lane[i % LANES], x[i], p) : lane[i % LANES] + x[i];
	for (size_t apart = LANES / 2; apart > 0; apart /= 2)
		for (size_t i = 0; i < apart; i++)
			lane[i] += lane[i + apart];
	return lane[0];
}

static float
largest(const float *x, size_t count)
{
	float best = -INFINITY;

	for (size_t i = 0; i < count; i++)
		if (x[i] > best || x[i] != x[i])
			best = x[i];
	return best;
}

int
tmo_run_global_pool(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_attribute *const power = tmo_node_attribute(step->node, "p");
	const float p = power == NULL ? 2.0f : power->kind == TMO_ATTRIBUTE_FLOAT ? power->real : (float)power->number;
	const size_t count = work->input[0]->count / work->output[0]->count;
	const float *const x = (const float *)work->input[0]->data + work->task * count;
	float *const y = (float *)work->output[0]->data + work->task;

	(void)err;
	if (step->version->function == TMO_POOL_MAX)
		*y = tmo_f32_one_nan(largest(x, count));
	else if (step->version->function == TMO_POOL_AVERAGE)
		*y = tmo_f32_one_nan(sum_of(x, count, false, 0.0f) / (float)count);
	else
		*y = tmo_norm_root(sum_of(x, count, true, p), p);
	return 0;
}
