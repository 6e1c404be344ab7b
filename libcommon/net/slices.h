/* SPDX-License-Identifier: Apache-2.0 */
/*
 * slices.h: an array as slices along some of its axes: what a reduction makes one number of, what softmax and
 * normalizations work on. In a slice elements are in C order of these axes; slices are in that of the others.
 */
#ifndef TMO_SLICES_H
#define TMO_SLICES_H

#include "net/step.h"
#include "net/strided.h"

struct tmo_slices {
	size_t count, length;
	bool in_one_piece;		/* each slice is, in memory */
	struct tmo_strided within, others;
	size_t a_task;			/* slices of a task */
};

/* Slices along the axes that are marked. */
void tmo_slices_make(struct tmo_slices *slices, int rank, const size_t *shape, const bool *along);
/*
 * Keeps the slices as what the step has prepared, and sets its first phase to tasks of some slices each, with
 * scratch memory for one slice of `size` bytes an element for each, if slices are not in one piece or `always`.
 */
int tmo_slices_prepare(struct tmo_step *step, const struct tmo_slices *slices, size_t size, bool always,
                       struct tmo_error *err);

/* How many tasks that makes. */
size_t tmo_slices_tasks(const struct tmo_slices *slices);

/* Number of the first slice of a task, and of the one behind its last. */
static inline size_t
tmo_slices_begin(const struct tmo_slices *slices, size_t task)
{
	return task * slices->a_task;
}

static inline size_t
tmo_slices_end(const struct tmo_slices *slices, size_t task)
{
	const size_t begin = task * slices->a_task;

	return slices->count - begin < slices->a_task ? slices->count : begin + slices->a_task;
}

/* Where the first element of a slice is, in elements. */
size_t tmo_slice_first(const struct tmo_slices *slices, size_t slice);
/* A slice in one piece: where it is, or, if it is not, a copy in room. And back to where it belongs. */
const float *tmo_slice_load(const struct tmo_slices *slices, size_t slice, const float *x, float *room);
void tmo_slice_store(const struct tmo_slices *slices, size_t slice, const float *room, float *y);

/* y = of(x), n elements in one piece each, for the slices of a task. */
typedef void tmo_slice_fn(const struct tmo_step *step, const float *x, float *y, size_t n);
void tmo_slices_run(const struct tmo_step *step, const struct tmo_work *work, tmo_slice_fn *of);

#endif
