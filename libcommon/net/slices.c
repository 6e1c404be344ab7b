/* SPDX-License-Identifier: Apache-2.0 */
#include "net/slices.h"

#include "base/memory.h"

enum { ELEMENTS_OF_A_TASK = 16384 };

void
tmo_slices_make(struct tmo_slices *slices, int rank, const size_t *shape, const bool *along)
{
	ptrdiff_t step[TMO_RANK_MAX], all = 1;

	*slices = (struct tmo_slices){.count = 1, .length = 1, .in_one_piece = true};
	tmo_strided_steps(rank, shape, step);
	for (int i = 0; i < rank; i++) {
		struct tmo_strided *const s = along[i] ? &slices->within : &slices->others;

		s->shape[s->rank] = shape[i];
		s->step[s->rank++] = step[i];
		*(along[i] ? &slices->length : &slices->count) *= shape[i];
	}
	for (int i = slices->within.rank; i-- > 0; all *= (ptrdiff_t)slices->within.shape[i])
		if (slices->within.shape[i] != 1 && slices->within.step[i] != all)
			slices->in_one_piece = false;
	slices->a_task = slices->length >= ELEMENTS_OF_A_TASK ? 1 :
	                 slices->length == 0 ? ELEMENTS_OF_A_TASK : ELEMENTS_OF_A_TASK / slices->length;
}

size_t
tmo_slices_tasks(const struct tmo_slices *slices)
{
	return slices->count / slices->a_task + (slices->count % slices->a_task != 0);
}

int
tmo_slices_prepare(struct tmo_step *step, const struct tmo_slices *slices, size_t size, bool always,
                   struct tmo_error *err)
{
	struct tmo_slices *const kept = tmo_alloc(1, sizeof(*kept), err);

	if (kept == NULL)
		return -1;
	*kept = *slices;
	step->prepared = kept;
	step->tasks[0] = tmo_slices_tasks(kept);
	if (kept->in_one_piece && !always)
		return 0;
	if (tmo_mul_size(step->tasks[0], kept->length, &step->scratch, err) < 0)
		return -1;
	return tmo_mul_size(step->scratch, size, &step->scratch, err);
}

size_t
tmo_slice_first(const struct tmo_slices *slices, size_t slice)
{
	size_t first = 0;

	for (int i = slices->others.rank; i-- > 0; slice /= slices->others.shape[i])
		first += slice % slices->others.shape[i] * (size_t)slices->others.step[i];
	return first;
}

const float *
tmo_slice_load(const struct tmo_slices *slices, size_t slice, const float *x, float *room)
{
	x += tmo_slice_first(slices, slice);
	if (slices->in_one_piece)
		return x;
	tmo_strided_copy(&slices->within, sizeof(*x), x, room);
	return room;
}

void
tmo_slice_store(const struct tmo_slices *slices, size_t slice, const float *room, float *y)
{
	tmo_strided_spread(&slices->within, sizeof(*y), room, y + tmo_slice_first(slices, slice));
}

void
tmo_slices_run(const struct tmo_step *step, const struct tmo_work *work, tmo_slice_fn *of)
{
	const struct tmo_slices *const s = step->prepared;
	const size_t end = tmo_slices_end(s, work->task), n = s->length;
	float *const out = work->output[0]->data, *const room = (float *)work->scratch + work->task * n;

	for (size_t i = tmo_slices_begin(s, work->task); i < end; i++) {
		const float *const x = tmo_slice_load(s, i, work->input[0]->data, room);

		of(step, x, s->in_one_piece ? out + tmo_slice_first(s, i) : room, n);
		if (!s->in_one_piece)
			tmo_slice_store(s, i, room, out);
	}
}
