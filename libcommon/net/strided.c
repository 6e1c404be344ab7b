/* SPDX-License-Identifier: Apache-2.0 */
#include "net/strided.h"

#include <string.h>

void
tmo_strided_steps(int rank, const size_t *shape, ptrdiff_t *step)
{
	ptrdiff_t all = 1;

	for (int i = rank; i-- > 0;) {
		step[i] = all;
		all *= (ptrdiff_t)shape[i];
	}
}

void
tmo_strided_broadcast(const struct tmo_array *x, const struct tmo_array *y, struct tmo_strided *s)
{
	ptrdiff_t step[TMO_RANK_MAX];

	*s = (struct tmo_strided){.rank = y->rank};
	tmo_strided_steps(x->rank, x->shape, step);
	for (int i = 0; i < y->rank; i++) {
		const int axis = i - y->rank + x->rank;

		s->shape[i] = y->shape[i];
		s->step[i] = axis >= 0 && x->shape[axis] != 1 ? step[axis] : 0;
	}
}

/* Axes of one index go, and neighbours that one step passes through become one. */
static void
simplify(struct tmo_strided *s)
{
	int rank = 0;

	for (int i = 0; i < s->rank; i++) {
		if (s->shape[i] == 1)
			continue;
		if (rank > 0 && s->step[rank - 1] == (ptrdiff_t)s->shape[i] * s->step[i]) {
			s->shape[rank - 1] *= s->shape[i];
			s->step[rank - 1] = s->step[i];
			continue;
		}
		s->shape[rank] = s->shape[i];
		s->step[rank++] = s->step[i];
	}
	s->rank = rank;
}

/* One line of elements, from every `from`-th place to every `to`-th. */
#define LINE(type) \
	for (size_t i = 0; i < n; i++) \
		memcpy((type *)out + (ptrdiff_t)i * to, (const type *)in + (ptrdiff_t)i * from, sizeof(type))

static void
copy_line(size_t size, size_t n, const char *in, ptrdiff_t from, char *out, ptrdiff_t to)
{
	if (from == 1 && to == 1) {
		memcpy(out, in, n * size);
		return;
	}
	switch (size) {
	case 1: LINE(uint8_t); break;
	case 2: LINE(uint16_t); break;
	case 4: LINE(uint32_t); break;
	default: LINE(uint64_t); break;
	}
}

/* Goes through the lines; out is packed if `spread` is false, else in is. */
static void
walk(struct tmo_strided s, size_t size, const char *in, char *out, bool spread)
{
	size_t index[TMO_RANK_MAX] = {0}, line;
	ptrdiff_t at = s.first;

	for (int i = 0; i < s.rank; i++)
		if (s.shape[i] == 0)
			return;
	simplify(&s);
	line = s.rank == 0 ? 1 : s.shape[s.rank - 1];
	for (;;) {
		const ptrdiff_t step = s.rank == 0 ? 1 : s.step[s.rank - 1], there = at * (ptrdiff_t)size;
		int axis = s.rank - 2;

		if (spread) {
			copy_line(size, line, in, 1, out + there, step);
			in += line * size;
		} else {
			copy_line(size, line, in + there, step, out, 1);
			out += line * size;
		}
		for (; axis >= 0; axis--) {
			at += s.step[axis];
			if (++index[axis] < s.shape[axis])
				break;
			at -= s.step[axis] * (ptrdiff_t)s.shape[axis];
			index[axis] = 0;
		}
		if (axis < 0)
			return;
	}
}

void
tmo_strided_copy(const struct tmo_strided *from, size_t size, const void *in, void *out)
{
	walk(*from, size, in, out, false);
}

void
tmo_strided_spread(const struct tmo_strided *to, size_t size, const void *in, void *out)
{
	walk(*to, size, in, out, true);
}

void
tmo_walk_start(struct tmo_walk *w, const struct tmo_strided *through)
{
	*w = (struct tmo_walk){.through = through, .at = through->first};
	for (int i = 0; i < through->rank; i++)
		w->ended = w->ended || through->shape[i] == 0;
}

void
tmo_walk_next(struct tmo_walk *w)
{
	const struct tmo_strided *const s = w->through;
	int axis = s->rank;

	while (axis-- > 0) {
		w->at += s->step[axis];
		if (++w->index[axis] < s->shape[axis])
			return;
		w->at -= s->step[axis] * (ptrdiff_t)s->shape[axis];
		w->index[axis] = 0;
	}
	w->ended = true;
}
