/* SPDX-License-Identifier: Apache-2.0 */
/* determinant.c: Det: determinants of square matrices. */
#include <math.h>

#include "base/math/float_bits.h"
#include "base/memory.h"
#include "base/minifloat.h"
#include "net/op/op.h"

int
tmo_shape_det(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	if (x->rank < 2 || x->shape[x->rank - 1] != x->shape[x->rank - 2] || !tmo_type_is_float(x->type))
		return tmo_fail(err, "an input that is not square matrices of floats; the model is damaged");
	tmo_step_give(step, 0, x->type, x->rank - 2, x->shape);
	return 0;
}

int
tmo_prepare_det(struct tmo_step *step, struct tmo_error *err)
{
	const size_t n = step->input[0].shape[step->input[0].rank - 1];

	return tmo_mul_size(n, n, &step->scratch, err) < 0 ? -1 :
	       tmo_mul_size(step->scratch, sizeof(double), &step->scratch, err);
}

/* By elimination with the largest pivot of each column, in doubles; a [n][n] is used up. */
static double
determinant(double *a, size_t n)
{
	double result = 1.0;

	for (size_t k = 0; k < n; k++) {
		size_t pivot = k;

		for (size_t i = k + 1; i < n; i++)
			if (fabs(a[i * n + k]) > fabs(a[pivot * n + k]))
				pivot = i;
		for (size_t j = k; pivot != k && j < n; j++) {
			const double other = a[pivot * n + j];

			a[pivot * n + j] = a[k * n + j];
			a[k * n + j] = other;
		}
		result *= pivot != k ? -a[k * n + k] : a[k * n + k];
		if (a[k * n + k] == 0)
			return result;
		for (size_t i = k + 1; i < n; i++) {
			const double factor = a[i * n + k] / a[k * n + k];

			for (size_t j = k + 1; j < n; j++)
				a[i * n + j] -= factor * a[k * n + j];
		}
	}
	return result;
}

int
tmo_run_det(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const struct tmo_array *const x = work->input[0], *const y = work->output[0];
	const size_t n = x->shape[x->rank - 1], size = tmo_type_size(x->type);

	(void)step;
	(void)err;
	for (size_t i = 0; i < y->count; i++) {
		double result;

		tmo_to_f64(work->scratch, x->type, (const char *)x->data + i * n * n * size, n * n);
		result = determinant(work->scratch, n);
		if (result != result)
			result = tmo_f64_of_bits(UINT64_C(0x7ff8000000000000));
		tmo_from_f64((char *)y->data + i * size, y->type, &result, 1);
	}
	return 0;
}
