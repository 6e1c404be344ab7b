/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "apart.h"
#include "base/memory.h"
#include "base/minifloat.h"
#include "tensor/tensor.h"

#define SHARE 0.125	/* of a gap, that a value may move: two neighbours keep 3/4 of it */

struct moved {
	double from, to;
};

static int
by_origin(const void *a, const void *b)
{
	const struct moved *const p = a, *const q = b;

	return (p->from > q->from) - (p->from < q->from);
}

/* Element i of an array; what is absent is `otherwise`. */
static double
element(const struct tmo_array *a, size_t i, double otherwise)
{
	double x = otherwise;

	if (a->data != NULL)
		tmo_to_f64(&x, a->type, (const char *)a->data + i * tmo_type_size(a->type), 1);
	return x;
}

/* One row of n values: what each was, and what it decodes to. Returns how many of them are numbers. */
static size_t
read_row(const struct tmo_tensor *t, const struct tmo_array *before, size_t row, size_t n,
         struct moved *v)
{
	const double scale = element(&t->scale, t->scale.count > 1 ? row : 0, 1);
	const double zero = element(&t->zero_point, t->zero_point.count > 1 ? row : 0, 0);
	size_t numbers = 0;

	for (size_t i = 0; i < n; i++) {
		const double from = element(before, row * n + i, 0);
		const double to = (element(&t->codebook, row * n + i, 0) - zero) * scale;

		if (isfinite(from))
			v[numbers++] = (struct moved){from, t->dtype == TMO_F64 ? to : (double)(float)to};
	}
	return numbers;
}

/* Whether all n values, in any order, stay near where they were. Equal ones count as one. */
static bool
row_stays_apart(struct moved *v, size_t n)
{
	size_t end;

	qsort(v, n, sizeof(*v), by_origin);
	for (size_t i = 0; i < n; i = end) {
		const double from = v[i].from;
		double gap = i > 0 ? from - v[i - 1].from : (double)INFINITY;

		for (end = i; end < n && v[end].from <= from; )
			end++;
		if (end < n)
			gap = fmin(gap, v[end].from - from);
		if (end - i == n)
			gap = fabs(from);
		for (size_t k = i; k < end; k++)
			if (!(fabs(v[k].to - from) <= gap * SHARE))
				return false;
	}
	return true;
}

int
quant_stays_apart(const struct tmo_tensor *t, const struct tmo_array *before, bool *apart,
                  struct tmo_error *err)
{
	const size_t n = before->shape[t->rank];
	struct moved *const v = tmo_alloc(n, sizeof(*v), err);

	if (v == NULL)
		return -1;
	*apart = true;
	for (size_t row = 0; n > 0 && row < before->count / n && *apart; row++)
		*apart = row_stays_apart(v, read_row(t, before, row, n, v));
	free(v);
	return 0;
}
