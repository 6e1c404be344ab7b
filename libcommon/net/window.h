/* SPDX-License-Identifier: Apache-2.0 */
/* window.h: what slides over pictures: the kernels of convolutions and pooling, of up to 3 dimensions. */
#ifndef TMO_WINDOW_H
#define TMO_WINDOW_H

#include "net/step.h"

/* A picture of fewer dimensions has sizes of 1 in front. */
#define TMO_WINDOW_DIMS 3

struct tmo_window {
	int dims;			/* 1 to 3 */
	size_t in[TMO_WINDOW_DIMS], out[TMO_WINDOW_DIMS];
	size_t kernel[TMO_WINDOW_DIMS], stride[TMO_WINDOW_DIMS], dilation[TMO_WINDOW_DIMS];
	size_t before[TMO_WINDOW_DIMS], after[TMO_WINDOW_DIMS];	/* the border */
};

/*
 * From the node's attributes (kernel_shape, strides, dilations, pads, auto_pad, ceil_mode) and the shape of its
 * input 0, [images, channels, …]. kernel: the last axes of a weight of so many dimensions; NULL: the attribute.
 */
int tmo_window_of(const struct tmo_step *step, const size_t *kernel, struct tmo_window *w, struct tmo_error *err);
/* As tmo_window_of, but for the places, which are not counted: out is 0, and automatic borders are, too. */
int tmo_window_parts(const struct tmo_step *step, const size_t *kernel, struct tmo_window *w, struct tmo_error *err);

/* What an attribute may say of a dimension: products of two still are sizes. */
#define TMO_WINDOW_SIZE_MAX ((int64_t)1 << 30)

/* An attribute's numbers for `dims` dimensions, at least `low`, into the last of out; what the node lacks stays. */
int tmo_window_sizes(const struct tmo_step *step, const char *name, int dims, int64_t low, int64_t *out,
                     struct tmo_error *err);

/* The sizes of a picture with its border, as far as kernels reach. */
static inline size_t
tmo_window_reach(const struct tmo_window *w, int i)
{
	const size_t used = (w->out[i] - 1) * w->stride[i] + (w->kernel[i] - 1) * w->dilation[i] + 1;

	return used > w->before[i] + w->in[i] ? used : w->before[i] + w->in[i];
}

#endif
