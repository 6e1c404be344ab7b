/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strided.h: elements of any type copied from where a rule says: what Transpose, Slice, Expand and their
 * like do. Types count by their size only.
 */
#ifndef TMO_STRIDED_H
#define TMO_STRIDED_H

#include "tmo.h"

/* Element (i, j, …) of the result is element `first` + i * step[0] + j * step[1] + … of the input. */
struct tmo_strided {
	int rank;
	size_t shape[TMO_RANK_MAX];
	ptrdiff_t step[TMO_RANK_MAX];	/* in elements; 0: the same for all, negative: backwards */
	ptrdiff_t first;
};

/* The steps of an array in C order. */
void tmo_strided_steps(int rank, const size_t *shape, ptrdiff_t *step);
/* x as it is broadcast to the shape of y. */
void tmo_strided_broadcast(const struct tmo_array *x, const struct tmo_array *y, struct tmo_strided *s);
/* All elements, in C order, each of `size` bytes (1, 2, 4 or 8). */
void tmo_strided_copy(const struct tmo_strided *from, size_t size, const void *in, void *out);
/* The reverse: elements in C order to where the rule says. */
void tmo_strided_spread(const struct tmo_strided *to, size_t size, const void *in, void *out);

/*
 * Goes through the elements, in C order:
 *	for (tmo_walk_start(&w, &s); !w.ended; tmo_walk_next(&w)) … element w.at …
 */
struct tmo_walk {
	const struct tmo_strided *through;
	ptrdiff_t at;
	size_t index[TMO_RANK_MAX];
	bool ended;
};
void tmo_walk_start(struct tmo_walk *w, const struct tmo_strided *through);
void tmo_walk_next(struct tmo_walk *w);

#endif
