/* SPDX-License-Identifier: Apache-2.0 */
/*
 * loss.c: NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss: -weight[target] * x[target], x being logarithms of
 * probabilities along axis 1, or scores that become such.
 */
#include <string.h>

#include "base/math/float_bits.h"
#include "base/memory.h"
#include "kernel/reduction.h"
#include "net/op/op.h"
#include "net/slices.h"
#include "tensor/tensor.h"

static const char damaged[] = "; the model is damaged";

enum reduction { NONE, MEAN, SUM };

static int
reduction_of(const struct tmo_step *step, enum reduction *out, struct tmo_error *err)
{
	static const char *const names[] = { "none", "mean", "sum" };
	const char *const name = tmo_node_text(step->node, "reduction", "mean");

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum reduction)i;
			return 0;
		}
	return tmo_fail(err, "reduction is \"%.40s\"%s", name, damaged);
}

int
tmo_shape_loss(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const target = &step->input[1];
	enum reduction reduction = MEAN;
	size_t shape[TMO_RANK_MAX];

	if (tmo_step_expect(step, 2, err) < 0 || reduction_of(step, &reduction, err) < 0)
		return -1;
	if (!tmo_type_is_float(x->type) || (target->type != TMO_I32 && target->type != TMO_I64))
		return tmo_fail_unsupported(err, "inputs of types %s and %s", tmo_type_name(x->type), tmo_type_name(target->type));
	if (x->rank < 2 || target->rank != x->rank - 1)
		return tmo_fail(err, "inputs of ranks %d and %d%s", x->rank, target->rank, damaged);
	for (int i = 0; i < target->rank; i++) {
		shape[i] = x->shape[i == 0 ? 0 : i + 1];
		if (target->shape[i] != shape[i])
			return tmo_fail(err, "inputs 0 and 1 do not go together; give data of the shapes that the network wants");
	}
	if (tmo_step_has_input(step, 2) &&
	    (!tmo_type_is_float(step->input[2].type) || tmo_fact_count(&step->input[2]) != x->shape[1]))
		return tmo_fail(err, "its weights are not one for each of %zu classes%s", x->shape[1], damaged);
	tmo_step_give(step, 0, x->type, reduction == NONE ? target->rank : 0, shape);
	tmo_step_give(step, 1, x->type, x->rank, x->shape);
	return 0;
}

/*
 * Scratch memory: losses, their weights, logarithms of probabilities if nobody wants them as an output, then room
 * for slices. The first phase makes the logarithms, the second, one task, the loss.
 */
int
tmo_prepare_loss(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	bool along[TMO_RANK_MAX] = {[1] = true};
	struct tmo_slices slices;
	size_t more;

	tmo_slices_make(&slices, x->rank, x->shape, along);
	if (tmo_slices_prepare(step, &slices, sizeof(float), false, err) < 0 ||
	    tmo_mul_size(tmo_fact_count(x), sizeof(float), &more, err) < 0 ||
	    tmo_add_size(step->scratch, more, &step->scratch, err) < 0 ||
	    tmo_mul_size(slices.count, 2 * sizeof(float), &more, err) < 0 ||
	    tmo_add_size(step->scratch, more, &step->scratch, err) < 0)
		return -1;
	if (step->version->function != TMO_CROSS_ENTROPY)
		step->tasks[0] = 0;
	step->tasks[1] = 1;
	return 0;
}

static float *
logarithms(const struct tmo_step *step, const struct tmo_work *work)
{
	const struct tmo_slices *const s = step->prepared;

	return tmo_step_has_output(step, 1) ? work->output[1]->data : (float *)work->scratch + 2 * s->count;
}

static void
make_logarithms(const struct tmo_step *step, const struct tmo_work *work)
{
	const struct tmo_slices *const s = step->prepared;
	const size_t end = tmo_slices_end(s, work->task), n = s->length;
	float *const out = logarithms(step, work);
	float *const room = (float *)work->scratch + 2 * s->count + s->count * n + work->task * n;

	for (size_t i = tmo_slices_begin(s, work->task); i < end; i++) {
		const float *const x = tmo_slice_load(s, i, work->input[0]->data, room);

		if (s->in_one_piece) {
			tmo_log_softmax(step->kernels, 1, n, x, 0, out + tmo_slice_first(s, i), 0);
		} else {
			tmo_log_softmax(step->kernels, 1, n, x, 0, room, 0);
			tmo_slice_store(s, i, room, out);
		}
	}
}

/* The loss of each target, and its weight; those of targets to be ignored are 0. */
static int
find_losses(const struct tmo_step *step, const struct tmo_work *work, const float *x, float *loss, float *weight,
            struct tmo_error *err)
{
	const struct tmo_slices *const s = step->prepared;
	const struct tmo_attribute *const ignore = tmo_node_attribute(step->node, "ignore_index");
	const float *const weights = tmo_step_has_input(step, 2) ? work->input[2]->data : NULL;
	const size_t classes = work->input[0]->shape[1];

	for (size_t i = 0; i < s->count; i++) {
		const int64_t target = tmo_array_integer(work->input[1], i);
		const bool ignored = ignore != NULL && ignore->kind == TMO_ATTRIBUTE_INT && target == ignore->number;

		loss[i] = weight[i] = 0.0f;
		if (ignored)
			continue;
		if (target < 0 || (uint64_t)target >= classes)
			return tmo_fail(err, "target %jd of %zu classes; give targets from 0 on", (intmax_t)target, classes);
		weight[i] = weights != NULL ? weights[target] : 1.0f;
		loss[i] = tmo_f32_one_nan(-x[tmo_slice_first(s, i) + (size_t)target * (size_t)s->within.step[0]] * weight[i]);
	}
	return 0;
}

int
tmo_run_loss(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_slices *const s = step->prepared;
	const bool of_scores = step->version->function == TMO_CROSS_ENTROPY;
	float *const weight = (float *)work->scratch + s->count, *const y = work->output[0] != NULL ?
		work->output[0]->data : NULL;
	enum reduction reduction = MEAN;
	float *loss = work->scratch, sum;

	if (work->phase == 0) {
		make_logarithms(step, work);
		return 0;
	}
	if (y == NULL)
		return 0;
	if (reduction_of(step, &reduction, err) < 0)
		return -1;
	if (reduction == NONE)
		loss = y;
	if (find_losses(step, work, of_scores ? logarithms(step, work) : work->input[0]->data, loss, weight, err) < 0)
		return -1;
	if (reduction == NONE)
		return 0;
	sum = tmo_reduce_row(step->kernels, TMO_REDUCE_SUM, loss, s->count);
	if (reduction == MEAN)
		sum = tmo_f32_one_nan(sum / tmo_reduce_row(step->kernels, TMO_REDUCE_SUM, weight, s->count));
	*y = sum;
	return 0;
}
