/* SPDX-License-Identifier: Apache-2.0 */
/* form_avx512.c: the kernels for x86 with AVX-512 (F, VL, DQ): 32 registers of 16 floats. */
#include "config.h"
#ifdef HAVE_AVX512
#include <immintrin.h>

#include "kernel/forms.h"

#define VECTOR 16
typedef __m512 vector;
#define vector_all(x) _mm512_set1_ps(x)
#define vector_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
/* The instructions give b where one is NaN or both are 0, as the comparisons do. */
#define vector_larger(a, b) _mm512_max_ps(a, b)
#define vector_smaller(a, b) _mm512_min_ps(a, b)

static inline vector
vector_one_nan(vector a)
{
	return _mm512_mask_mov_ps(a, _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q), _mm512_set1_ps(__builtin_nanf("")));
}

static inline __mmask16
first_floats(size_t n)
{
	return (__mmask16)((1u << n) - 1);
}

static inline vector
vector_load_part(const float *p, size_t n)
{
	return _mm512_maskz_loadu_ps(first_floats(n), p);
}

static inline void
vector_store_part(float *p, vector a, size_t n)
{
	_mm512_mask_storeu_ps(p, first_floats(n), a);
}

/* More rows of fewer vectors would fit, but their addresses would not. */
#define TILES(T) \
	T(1, 1) T(2, 1) T(3, 1) T(4, 1) T(5, 1) T(6, 1) T(7, 1) T(8, 1) \
	T(1, 2) T(2, 2) T(3, 2) T(4, 2) T(5, 2) T(6, 2) T(7, 2) T(8, 2) \
	T(1, 3) T(2, 3) T(3, 3) T(4, 3) T(5, 3) T(6, 3) T(7, 3) T(8, 3) \
	T(1, 4) T(2, 4) T(3, 4) T(4, 4) T(5, 4) T(6, 4)

#include "kernel/form_body.h"

const struct tmo_kernels tmo_form_avx512 = {
	FORM_TABLE, .name = "avx512",
	.tile_rows = {[1] = 8, [2] = 8, [3] = 8, [4] = 6}, .tile_vectors = 4,
};
#endif
