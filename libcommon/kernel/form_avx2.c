/* SPDX-License-Identifier: Apache-2.0 */
/* form_avx2.c: the kernels for x86 with AVX2 and FMA: 16 registers of 8 floats. */
#include "config.h"
#ifdef HAVE_AVX2
#include <immintrin.h>

#include "kernel/forms.h"

#define VECTOR 8
typedef __m256 vector;
#define vector_all(x) _mm256_set1_ps(x)
#define vector_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
/* The instructions give b where one is NaN or both are 0, as the comparisons do. */
#define vector_larger(a, b) _mm256_max_ps(a, b)
#define vector_smaller(a, b) _mm256_min_ps(a, b)

static inline vector
vector_one_nan(vector a)
{
	return _mm256_blendv_ps(a, _mm256_set1_ps(__builtin_nanf("")), _mm256_cmp_ps(a, a, _CMP_UNORD_Q));
}

static inline __m256i
first_floats(size_t n)
{
	return _mm256_cmpgt_epi32(_mm256_set1_epi32((int)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

static inline vector
vector_load_part(const float *p, size_t n)
{
	return _mm256_maskload_ps(p, first_floats(n));
}

static inline void
vector_store_part(float *p, vector a, size_t n)
{
	_mm256_maskstore_ps(p, first_floats(n), a);
}

#define TILES(T) \
	T(1, 1) T(2, 1) T(3, 1) T(4, 1) T(5, 1) T(6, 1) T(7, 1) T(8, 1) \
	T(1, 2) T(2, 2) T(3, 2) T(4, 2) T(5, 2) T(6, 2) T(1, 4) T(2, 4) T(3, 4) T(1, 8)

#include "kernel/form_body.h"

const struct tmo_kernels tmo_form_avx2 = {
	FORM_TABLE, .name = "avx2",
	.tile_rows = {[1] = 8, [2] = 6, [4] = 3, [8] = 1}, .tile_vectors = 2,
};
#endif
