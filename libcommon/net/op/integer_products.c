/* SPDX-License-Identifier: Apache-2.0 */
/* integer_products.c: MatMul of integers, which wrap around; of floats it is matmul.c's. */
#include <string.h>

#include "net/op/op.h"
#include "net/strided.h"
#include "tensor/tensor.h"

int
tmo_prepare_matmul_any(struct tmo_step *step, struct tmo_error *err)
{
	return tmo_type_is_integer(step->input[0].type) ? 0 : tmo_prepare_matmul(step, err);
}

/* Where x's matrices begin that belong to each of the result's, of so many axes and this shape. */
static void
matrices_of(const struct tmo_array *x, int rank, const size_t *shape, struct tmo_strided *s)
{
	const int own = x->rank > 2 ? x->rank - 2 : 0;
	ptrdiff_t step[TMO_RANK_MAX];

	*s = (struct tmo_strided){.rank = rank};
	memcpy(s->shape, shape, (size_t)rank * sizeof(*shape));
	tmo_strided_steps(x->rank, x->shape, step);
	for (int i = 0; i < own; i++)
		s->step[rank - own + i] = x->shape[i] == 1 ? 0 : step[i];
}

int
tmo_run_matmul_any(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const a = work->input[0], *const b = work->input[1], *const y = work->output[0];
	size_t rows, columns, depth, at = 0;
	struct tmo_strided of_a, of_b;
	struct tmo_walk wa, wb;
	int rank;

	if (!tmo_type_is_integer(a->type))
		return tmo_run_matmul(step, work, err);
	rows = a->rank > 1 ? a->shape[a->rank - 2] : 1;
	columns = b->rank > 1 ? b->shape[b->rank - 1] : 1;
	depth = a->shape[a->rank - 1];
	rank = y->rank - (a->rank > 1) - (b->rank > 1);
	matrices_of(a, rank, y->shape, &of_a);
	matrices_of(b, rank, y->shape, &of_b);
	tmo_walk_start(&wb, &of_b);
	for (tmo_walk_start(&wa, &of_a); !wa.ended; tmo_walk_next(&wa), tmo_walk_next(&wb))
		for (size_t i = 0; i < rows * columns; i++) {
			uint64_t sum = 0;

			for (size_t k = 0; k < depth; k++)
				sum += (uint64_t)tmo_array_integer(a, (size_t)wa.at + i / columns * depth + k) *
				       (uint64_t)tmo_array_integer(b, (size_t)wb.at + k * columns + i % columns);
			tmo_array_set_integer(y, at++, sum);
		}
	return 0;
}
