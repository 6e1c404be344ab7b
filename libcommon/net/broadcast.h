/* SPDX-License-Identifier: Apache-2.0 */
/*
 * broadcast.h: two arrays whose elements meet as NumPy broadcasts them, cut into rows, so that loops over a row
 * know no axes: along a row an operand has neighbouring elements, or one for all.
 */
#ifndef TMO_BROADCAST_H
#define TMO_BROADCAST_H

#include "kernel/maps.h"
#include "net/step.h"

enum { TMO_OPERANDS = 2 };

struct tmo_rows {
	size_t length;			/* elements of a row */
	size_t step[TMO_OPERANDS];	/* along it: 1 or 0 */
	int rank;			/* of the axes outside */
	size_t shape[TMO_RANK_MAX];
	size_t outer[TMO_OPERANDS][TMO_RANK_MAX];	/* steps along them, in elements */
};

/* Rows of a result of that shape, to which both operands broadcast. */
void tmo_rows_make(struct tmo_rows *rows, int rank, const size_t *shape,
                   const struct tmo_fact *const operand[TMO_OPERANDS]);

/* The rest of a row from element `at` of the result on, before `end`: where the operands' elements are. */
struct tmo_row {
	size_t count;
	size_t first[TMO_OPERANDS];
};
struct tmo_row tmo_rows_at(const struct tmo_rows *rows, size_t at, size_t end);

/* Elements [at, end) of y = f(a, b), all floats; y may be a, if a has the shape of the result. */
void tmo_rows_map(const struct tmo_kernels *kernels, enum tmo_binary f, const struct tmo_rows *rows, const float *a,
                  const float *b, float *y, size_t at, size_t end);

/* Sets the first phase to tasks of TMO_PART elements each, of so many elements. */
#define TMO_PART ((size_t)16384)
void tmo_step_cut(struct tmo_step *step, size_t count);
/* The elements of a task. */
static inline size_t
tmo_part_end(size_t task, size_t count)
{
	return count - task * TMO_PART < TMO_PART ? count : (task + 1) * TMO_PART;
}

#endif
