/* SPDX-License-Identifier: Apache-2.0 */
/* softmax_along.c: Softmax, LogSoftmax, Hardmax, along an axis. */
#include "kernel/reduction.h"
#include "net/op/op.h"
#include "net/slices.h"

/* Before operator set 13 all axes from `axis` on count as one. */
int
tmo_prepare_softmax(struct tmo_step *step, struct tmo_error *err)
{
	const bool flattens = step->version->since < 13;
	const struct tmo_fact *const x = &step->input[0];
	bool along[TMO_RANK_MAX] = {false};
	struct tmo_slices slices;
	int axis = 0;

	if (x->rank > 0 && tmo_step_axis(tmo_node_number(step->node, "axis", flattens && x->rank > 1 ? 1 : -1), x->rank,
	                                 &axis, err) < 0)
		return -1;
	for (int i = axis; i < x->rank && (flattens || i == axis); i++)
		along[i] = true;
	tmo_slices_make(&slices, x->rank, x->shape, along);
	return tmo_slices_prepare(step, &slices, sizeof(float), false, err);
}

/* 1 for the first of the largest. y may be x. */
static void
hardmax(const float *x, float *y, size_t n)
{
	size_t largest = 0;

	for (size_t i = 1; i < n; i++)
		largest = x[i] > x[largest] ? i : largest;
	for (size_t i = 0; i < n; i++)
		y[i] = i == largest ? 1.0f : 0.0f;
}

static void
to_shares(const struct tmo_step *step, const float *x, float *y, size_t n)
{
	switch (step->version->function) {
	case TMO_SOFTMAX: tmo_softmax(step->kernels, 1, n, x, 0, y, 0); break;
	case TMO_LOG_SOFTMAX: tmo_log_softmax(step->kernels, 1, n, x, 0, y, 0); break;
	default: hardmax(x, y, n); break;
	}
}

int
tmo_run_softmax(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	(void)err;
	tmo_slices_run(step, work, to_shares);
	return 0;
}
