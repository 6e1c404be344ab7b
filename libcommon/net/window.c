/* SPDX-License-Identifier: Apache-2.0 */
#include "net/window.h"

#include <string.h>

int
tmo_window_sizes(const struct tmo_step *step, const char *name, int dims, int64_t low, int64_t *out,
                 struct tmo_error *err)
{
	const struct tmo_attribute *const a = tmo_node_attribute(step->node, name);

	if (a == NULL)
		return 0;
	if (a->kind != TMO_ATTRIBUTE_INTS || a->count != (size_t)dims)
		return tmo_fail(err, "%s has %zu numbers for %d dimensions; the model is damaged", name, a->count, dims);
	for (int i = 0; i < dims; i++) {
		if (a->numbers[i] < low || a->numbers[i] > TMO_WINDOW_SIZE_MAX)
			return tmo_fail(err, "%s of %jd; the model is damaged", name, (intmax_t)a->numbers[i]);
		out[TMO_WINDOW_DIMS - dims + i] = a->numbers[i];
	}
	return 0;
}

/* The same into sizes. */
static int
take(const struct tmo_step *step, const char *name, int dims, size_t *out, struct tmo_error *err)
{
	int64_t sizes[TMO_WINDOW_DIMS];

	for (int i = 0; i < TMO_WINDOW_DIMS; i++)
		sizes[i] = (int64_t)out[i];
	if (tmo_window_sizes(step, name, dims, 1, sizes, err) < 0)
		return -1;
	for (int i = 0; i < TMO_WINDOW_DIMS; i++)
		out[i] = (size_t)sizes[i];
	return 0;
}

static int
take_pads(const struct tmo_step *step, struct tmo_window *w, struct tmo_error *err)
{
	const struct tmo_attribute *const a = tmo_node_attribute(step->node, "pads");

	if (a == NULL)
		return 0;
	if (a->kind != TMO_ATTRIBUTE_INTS || a->count != (size_t)(2 * w->dims))
		return tmo_fail(err, "pads has %zu numbers for %d dimensions; the model is damaged", a->count, w->dims);
	for (int i = 0; i < w->dims; i++) {
		const int at = TMO_WINDOW_DIMS - w->dims + i;

		if (a->numbers[i] < 0 || a->numbers[i] > TMO_WINDOW_SIZE_MAX || a->numbers[w->dims + i] < 0 ||
		    a->numbers[w->dims + i] > TMO_WINDOW_SIZE_MAX)
			return tmo_fail_unsupported(err, "pads that are negative or huge; use Pad or Slice before it");
		w->before[at] = (size_t)a->numbers[i];
		w->after[at] = (size_t)a->numbers[w->dims + i];
	}
	return 0;
}

/* So many places along one dimension; automatic borders are made as large as that wants. */
static int
count_places(struct tmo_window *w, int i, const char *automatic, bool ceil, struct tmo_error *err)
{
	const size_t reach = (w->kernel[i] - 1) * w->dilation[i] + 1;
	size_t padded;

	if (strncmp(automatic, "SAME", 4) == 0) {
		const size_t places = (w->in[i] + w->stride[i] - 1) / w->stride[i];
		const size_t used = places == 0 ? 0 : (places - 1) * w->stride[i] + reach;
		const size_t border = used > w->in[i] ? used - w->in[i] : 0;

		w->before[i] = strcmp(automatic, "SAME_LOWER") == 0 ? border - border / 2 : border / 2;
		w->after[i] = border - w->before[i];
		w->out[i] = places;
		return 0;
	}
	padded = w->in[i] + w->before[i] + w->after[i];
	if (padded < reach)
		return tmo_fail(err, "a kernel that reaches over %zu of %zu places; give a larger input", reach, padded);
	w->out[i] = (padded - reach) / w->stride[i] + 1;
	if (ceil && (padded - reach) % w->stride[i] != 0 && w->out[i] * w->stride[i] < w->in[i] + w->before[i])
		w->out[i]++;	/* the last place begins inside the picture or its border in front */
	return 0;
}

int
tmo_window_parts(const struct tmo_step *step, const size_t *kernel, struct tmo_window *w, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];
	const char *const automatic = tmo_node_text(step->node, "auto_pad", "NOTSET");

	*w = (struct tmo_window){.dims = x->rank - 2};
	if (w->dims < 1 || w->dims > TMO_WINDOW_DIMS)
		return tmo_fail_unsupported(err, "an input of rank %d; 3, 4 and 5 are supported", x->rank);
	for (int i = 0; i < TMO_WINDOW_DIMS; i++) {
		const int axis = i - TMO_WINDOW_DIMS + x->rank;

		w->in[i] = axis < 2 ? 1 : x->shape[axis];
		w->kernel[i] = w->stride[i] = w->dilation[i] = 1;
		if (axis >= 2 && kernel != NULL)
			w->kernel[i] = kernel[axis - 2];
	}
	if ((kernel == NULL && take(step, "kernel_shape", w->dims, w->kernel, err) < 0) ||
	    take(step, "strides", w->dims, w->stride, err) < 0 ||
	    take(step, "dilations", w->dims, w->dilation, err) < 0)
		return -1;
	if (strcmp(automatic, "NOTSET") == 0 && take_pads(step, w, err) < 0)
		return -1;
	for (int i = 0; i < TMO_WINDOW_DIMS; i++)
		if (w->kernel[i] == 0 || w->kernel[i] > (size_t)TMO_WINDOW_SIZE_MAX)
			return tmo_fail(err, "a kernel of size %zu; the model is damaged", w->kernel[i]);
	return 0;
}

int
tmo_window_of(const struct tmo_step *step, const size_t *kernel, struct tmo_window *w, struct tmo_error *err)
{
	const char *const automatic = tmo_node_text(step->node, "auto_pad", "NOTSET");
	const bool ceil = tmo_node_number(step->node, "ceil_mode", 0) != 0;

	if (tmo_window_parts(step, kernel, w, err) < 0)
		return -1;
	for (int i = 0; i < TMO_WINDOW_DIMS; i++)
		if (count_places(w, i, automatic, ceil, err) < 0)
			return -1;
	return 0;
}
