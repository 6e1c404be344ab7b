/* SPDX-License-Identifier: Apache-2.0 */
/*
 * form_neon.c: the kernels for 64-bit ARM: 32 registers of 4 floats. (32-bit ARM's vectors know no
 * denormals, and cannot take part.)
 */
#ifdef __aarch64__
#include <arm_neon.h>

#include "kernel/forms.h"

#define VECTOR 4
typedef float32x4_t vector;
#define vector_all(x) vdupq_n_f32(x)
#define vector_fma(a, b, c) vfmaq_f32(c, a, b)
/* Not vmaxq and vminq, which give NaN where one is, and +0 for +0 and -0. */
#define vector_larger(a, b) vbslq_f32(vcgtq_f32(a, b), a, b)
#define vector_smaller(a, b) vbslq_f32(vcltq_f32(a, b), a, b)
#define vector_one_nan(a) vbslq_f32(vceqq_f32(a, a), a, vdupq_n_f32(__builtin_nanf("")))

static inline vector
vector_load_part(const float *p, size_t n)
{
	float part[VECTOR] = {0};

	for (size_t i = 0; i < n; i++)
		part[i] = p[i];
	return vld1q_f32(part);
}

static inline void
vector_store_part(float *p, vector a, size_t n)
{
	float part[VECTOR];

	vst1q_f32(part, a);
	for (size_t i = 0; i < n; i++)
		p[i] = part[i];
}

#define TILES(T) \
	T(1, 1) T(2, 1) T(3, 1) T(4, 1) T(5, 1) T(6, 1) T(7, 1) T(8, 1) \
	T(1, 2) T(2, 2) T(3, 2) T(4, 2) T(5, 2) T(6, 2) T(7, 2) T(8, 2) \
	T(1, 4) T(2, 4) T(3, 4) T(4, 4) T(5, 4) T(6, 4) T(1, 8) T(2, 8) T(1, 16)

#include "kernel/form_body.h"

const struct tmo_kernels tmo_form_neon = {
	FORM_TABLE, .name = "neon",
	.tile_rows = {[1] = 8, [2] = 8, [4] = 6, [8] = 2, [16] = 1}, .tile_vectors = 4,
};
#endif
