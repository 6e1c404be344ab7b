/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vector_body.h: the rest of what a form's file says of its vectors (see forms.h). That file defines
 *
 *	VECTOR			floats in a vector
 *	vector			its type, on which + - * work element by element
 *	vector_all(x)		x everywhere
 *	vector_fma(a, b, c)	a * b + c, rounded once
 *	vector_larger(a, b)	a > b ? a : b
 *	vector_smaller(a, b)	a < b ? a : b
 *	vector_one_nan(a)	7fc00000 for any NaN
 *	vector_load_part(p, n), vector_store_part(p, a, n)
 *				of the first n < VECTOR floats at p only; the rest is +0
 */
/* One anywhere in memory. */
typedef float vector_in_memory __attribute__((vector_size(4 * VECTOR), aligned(4), may_alias));

ALWAYS_INLINE vector
vector_load(const float *p)
{
	return *(const vector_in_memory *)p;
}

ALWAYS_INLINE void
vector_store(float *p, vector v)
{
	*(vector_in_memory *)p = v;
}
