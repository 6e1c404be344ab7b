/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minifloat.h: conversions between float types, IEEE 754 and OCP 8-bit (OFP8) formats; round to
 * nearest, ties to even.
 */
#ifndef TMO_MINIFLOAT_H
#define TMO_MINIFLOAT_H

#include "tmo.h"

float tmo_f16_to_f32(uint16_t h);
float tmo_bf16_to_f32(uint16_t h);
float tmo_f8e4m3_to_f32(uint8_t x);
float tmo_f8e5m2_to_f32(uint8_t x);
/* Values beyond the largest finite one become infinity, NaN stays NaN (quiet, sign kept). */
uint16_t tmo_f32_to_f16(float x);
uint16_t tmo_f32_to_bf16(float x);
/* From double directly: one rounding, not two. The 8-bit types as from f32, below. */
uint16_t tmo_f64_to_f16(double x);
uint16_t tmo_f64_to_bf16(double x);
uint8_t tmo_f64_to_f8e4m3(double x);
uint8_t tmo_f64_to_f8e5m2(double x);
/* E4M3 has no infinity: beyond 448 (after rounding) becomes NaN here; the caller clips first. */
uint8_t tmo_f32_to_f8e4m3(float x);
uint8_t tmo_f32_to_f8e5m2(float x);

double tmo_type_max(enum tmo_type type);	/* largest finite value of a float type */

/* n elements of a float type (f16 bf16 f8e4m3 f8e5m2 f32) as f32. */
void tmo_to_f32(float *out, enum tmo_type type, const void *in, size_t n);
/* n elements of any type but TMO_NONE as f64. */
void tmo_to_f64(double *out, enum tmo_type type, const void *in, size_t n);
/* n f32 values rounded to a float type (out may not overlap unless type is f32 and out == in). */
void tmo_from_f32(void *out, enum tmo_type type, const float *in, size_t n);
/* n f64 values rounded to a float type, in one step. */
void tmo_from_f64(void *out, enum tmo_type type, const double *in, size_t n);

#endif
