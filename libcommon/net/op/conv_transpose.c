/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conv_transpose.c: ConvTranspose, as a convolution of the input with its elements `strides` apart by the
 * kernel turned round: so its sums have the order of Conv's.
 */
#include <string.h>

#include "net/op/conv.h"
#include "net/op/op.h"

static int
check_channels(const struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0], *const kernel = &step->input[1];
	const int64_t groups = tmo_node_number(step->node, "group", 1);

	if (x->rank != kernel->rank || x->rank < 3 || groups < 1 || x->shape[1] % (size_t)groups != 0 ||
	    kernel->shape[0] != x->shape[1] || kernel->shape[1] > SIZE_MAX / (size_t)groups)
		return tmo_fail(err, "an input of rank %d in %jd groups and a weight of rank %d that do not go together; give "
		                "data of the shape that the network wants", x->rank, (intmax_t)groups, kernel->rank);
	return 0;
}

/* One dimension of w, whose in, kernel, dilation, before and after are there. wanted: a size, or -1. */
static int
turn_round(struct tmo_window *w, int i, size_t stretch, int64_t more, int64_t wanted, const char *automatic,
           struct tmo_error *err)
{
	const int64_t reach = (int64_t)((w->kernel[i] - 1) * w->dilation[i] + 1);
	int64_t full, before = (int64_t)w->before[i], after = (int64_t)w->after[i];

	if (w->in[i] == 0 || w->in[i] > (size_t)TMO_WINDOW_SIZE_MAX)
		return tmo_fail(err, "a picture of size %zu; give another one", w->in[i]);
	full = (int64_t)((w->in[i] - 1) * stretch) + reach + more;
	if (wanted < 0 && strncmp(automatic, "SAME", 4) == 0)
		wanted = (int64_t)(w->in[i] * stretch);
	if (wanted >= 0) {
		const int64_t cut = full > wanted ? full - wanted : 0;

		before = strcmp(automatic, "SAME_UPPER") == 0 ? cut / 2 : cut - cut / 2;
		after = cut - before;
		full = wanted + cut;
	}
	if (full - before - after < 1 || before > reach - 1)
		return tmo_fail_unsupported(err, "pads of more than the kernel reaches; use Slice behind it");
	w->in[i] = (w->in[i] - 1) * stretch + 1;
	w->out[i] = (size_t)(full - before - after);
	w->before[i] = (size_t)(reach - 1 - before);
	w->after[i] = 0;
	w->stride[i] = 1;
	return 0;
}

static int
window_of(const struct tmo_step *step, struct tmo_window *w, size_t *stretch, struct tmo_error *err)
{
	const char *const automatic = tmo_node_text(step->node, "auto_pad", "NOTSET");
	int64_t more[TMO_WINDOW_DIMS] = {0}, wanted[TMO_WINDOW_DIMS] = {-1, -1, -1};

	if (tmo_step_expect(step, 2, err) < 0 || check_channels(step, err) < 0 ||
	    tmo_window_parts(step, step->input[1].shape + 2, w, err) < 0 ||
	    tmo_window_sizes(step, "output_padding", w->dims, 0, more, err) < 0 ||
	    tmo_window_sizes(step, "output_shape", w->dims, 0, wanted, err) < 0)
		return -1;
	for (int i = 0; i < TMO_WINDOW_DIMS; i++) {
		stretch[i] = w->stride[i];
		if (turn_round(w, i, stretch[i], more[i], wanted[i], automatic, err) < 0)
			return -1;
	}
	return 0;
}

int
tmo_shape_conv_transpose(struct tmo_step *step, struct tmo_error *err)
{
	const int rank = step->input[0].rank;
	size_t shape[TMO_RANK_MAX], stretch[TMO_WINDOW_DIMS];
	struct tmo_window w;

	if (window_of(step, &w, stretch, err) < 0)
		return -1;
	shape[0] = step->input[0].shape[0];
	shape[1] = step->input[1].shape[1] * (size_t)tmo_node_number(step->node, "group", 1);
	for (int i = 2; i < rank; i++)
		shape[i] = w.out[TMO_WINDOW_DIMS - rank + i];
	tmo_step_give(step, 0, step->input[0].type, rank, shape);
	return 0;
}

int
tmo_prepare_conv_transpose(struct tmo_step *step, struct tmo_error *err)
{
	size_t stretch[TMO_WINDOW_DIMS];
	struct tmo_window w;

	return window_of(step, &w, stretch, err) < 0 ? -1 : tmo_conv_prepare(step, &w, stretch, err);
}
