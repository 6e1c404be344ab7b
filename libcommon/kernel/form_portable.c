/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form_portable.c: the kernels for any processor: plain C on four floats at a time, which compilers
 * make what they can of. Without the instruction for a fused multiply-add, that takes most of the time.
 */
#include "base/math/fused.h"
#include "kernel/forms.h"

#define VECTOR 4
typedef float vector __attribute__((vector_size(4 * VECTOR)));
#define vector_all(x) each_all(x)

#define EACH(expression) \
	do { \
		vector result; \
		for (int i = 0; i < VECTOR; i++) \
			result[i] = (expression); \
		return result; \
	} while (0)

static inline vector each_all(float x) { EACH(x); }
static inline vector vector_fma(vector a, vector b, vector c) { EACH(tmo_fma(a[i], b[i], c[i])); }
static inline vector vector_larger(vector a, vector b) { EACH(a[i] > b[i] ? a[i] : b[i]); }
static inline vector vector_smaller(vector a, vector b) { EACH(a[i] < b[i] ? a[i] : b[i]); }
static inline vector vector_one_nan(vector a) { EACH(tmo_f32_one_nan(a[i])); }
static inline vector vector_load_part(const float *p, size_t n) { EACH((size_t)i < n ? p[i] : 0.0f); }

static inline void
vector_store_part(float *p, vector a, size_t n)
{
	for (size_t i = 0; i < n; i++)
		p[i] = a[i];
}

#define TILES(T) \
	T(1, 1) T(2, 1) T(1, 2) T(2, 2) T(1, 4) T(2, 4)

#include "kernel/form_body.h"

const struct tmo_kernels tmo_form_portable = {
	FORM_TABLE, .name = "portable",
	.tile_rows = {[1] = 2, [2] = 2, [4] = 2}, .tile_vectors = 4,
};
