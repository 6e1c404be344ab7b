/* SPDX-License-Identifier: Apache-2.0 */
#include "net/broadcast.h"

/* The step of an operand along each axis of the result. */
static void
steps_of(const struct tmo_fact *x, int rank, size_t *step)
{
	size_t all = 1;

	for (int i = rank; i-- > 0;) {
		const int axis = i - rank + x->rank;

		step[i] = axis >= 0 && x->shape[axis] != 1 ? all : 0;
		all *= axis >= 0 ? x->shape[axis] : 1;
	}
}

void
tmo_rows_make(struct tmo_rows *rows, int rank, const size_t *shape,
              const struct tmo_fact *const operand[TMO_OPERANDS])
{
	size_t a[TMO_RANK_MAX], b[TMO_RANK_MAX];
	int last = -1;

	steps_of(operand[0], rank, a);
	steps_of(operand[1], rank, b);
	*rows = (struct tmo_rows){.length = 1};
	for (int i = 0; i < rank; i++) {
		if (shape[i] == 1)
			continue;
		if (last >= 0 && rows->outer[0][last] == shape[i] * a[i] && rows->outer[1][last] == shape[i] * b[i]) {
			rows->shape[last] *= shape[i];
		} else {
			rows->shape[++last] = shape[i];
		}
		rows->outer[0][last] = a[i];
		rows->outer[1][last] = b[i];
	}
	/* Only the innermost axis can have steps of 1; both operands have it, or one has one element for all. */
	if (last >= 0 && rows->outer[0][last] <= 1 && rows->outer[1][last] <= 1) {
		rows->length = rows->shape[last];
		rows->step[0] = rows->outer[0][last];
		rows->step[1] = rows->outer[1][last];
		last--;
	}
	rows->rank = last + 1;
}

struct tmo_row
tmo_rows_at(const struct tmo_rows *rows, size_t at, size_t end)
{
	const size_t inside = at % rows->length, left = rows->length - inside;
	struct tmo_row row = {
		.count = left < end - at ? left : end - at,
		.first = {inside * rows->step[0], inside * rows->step[1]},
	};
	size_t line = at / rows->length;

	for (int i = rows->rank; i-- > 0; line /= rows->shape[i])
		for (int k = 0; k < TMO_OPERANDS; k++)
			row.first[k] += line % rows->shape[i] * rows->outer[k][i];
	return row;
}

void
tmo_rows_map(const struct tmo_kernels *kernels, enum tmo_binary f, const struct tmo_rows *rows, const float *a,
             const float *b, float *y, size_t at, size_t end)
{
	while (at < end) {
		const struct tmo_row row = tmo_rows_at(rows, at, end);

		tmo_binary(kernels, f, 1, row.count, (struct tmo_operand){a + row.first[0], 0, rows->step[0]},
		           (struct tmo_operand){b + row.first[1], 0, rows->step[1]}, y + at, 0);
		at += row.count;
	}
}

void
tmo_step_cut(struct tmo_step *step, size_t count)
{
	step->tasks[0] = count / TMO_PART + (count % TMO_PART != 0);
}
