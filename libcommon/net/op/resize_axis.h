/* SPDX-License-Identifier: Apache-2.0 */
/* resize_axis.h: how one axis is resized: which elements make each of the new ones, and how much of each. */
#ifndef TMO_RESIZE_AXIS_H
#define TMO_RESIZE_AXIS_H

#include "tmo.h"

struct tmo_resize_rule {
	enum { TMO_RESIZE_NEAREST, TMO_RESIZE_LINEAR, TMO_RESIZE_CUBIC } mode;
	enum tmo_resize_places {
		TMO_RESIZE_HALF_PIXEL, TMO_RESIZE_HALF_PIXEL_SYMMETRIC, TMO_RESIZE_PYTORCH_HALF_PIXEL,
		TMO_RESIZE_ALIGN_CORNERS, TMO_RESIZE_ASYMMETRIC, TMO_RESIZE_CROP, TMO_RESIZE_HALF_PIXEL_FOR_NEAREST
	} places;
	enum tmo_resize_nearest {
		TMO_RESIZE_PREFER_FLOOR, TMO_RESIZE_PREFER_CEIL, TMO_RESIZE_FLOOR, TMO_RESIZE_CEIL,
		TMO_RESIZE_SIMPLE	/* up if it gets smaller, else down: operator set 10 */
	} nearest;
	float cubic_a;
	bool antialias, exclude_outside;
};

struct tmo_resize_axis {
	size_t in, out;
	float scale, length;		/* of the result: in * scale, which `out` was rounded from */
	float over, under;		/* scale is under / over: of sizes, places come out exactly by these */
	float start, end;		/* of what is cropped, where 1 is the last element */
};

/*
 * New element i is the sum over t of weight[i * taps + t] * old element index[i * taps + t]. An element that is
 * beyond what is cropped has an index of SIZE_MAX.
 */
struct tmo_resize_table {
	size_t taps;
	size_t *index;
	float *weight;
};

/* Fills the table, which the caller frees. */
int tmo_resize_table_make(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *axis,
                          struct tmo_resize_table *table, struct tmo_error *err);
void tmo_resize_table_free(struct tmo_resize_table *table);

/* Is each new element the old one? */
bool tmo_resize_is_same(const struct tmo_resize_rule *rule, const struct tmo_resize_axis *axis);

#endif
