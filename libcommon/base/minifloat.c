/* SPDX-License-Identifier: Apache-2.0 */
#include "base/minifloat.h"

#include <assert.h>
#include <string.h>

/*
 * A small format is described by its mantissa bits m and its exponent bias b. Its subnormal step is
 * 2^(1-b-m). All conversions work on bit patterns but one step: a result below the normal range
 * is rounded by adding the power of two whose own last bit is worth that step.
 */

static inline uint32_t
bits_of(float x)
{
	uint32_t u;

	memcpy(&u, &x, sizeof u);
	return u;
}

static inline float
float_of(uint32_t u)
{
	float x;

	memcpy(&x, &u, sizeof x);
	return x;
}

static inline uint64_t
bits_of_double(double x)
{
	uint64_t u;

	memcpy(&u, &x, sizeof u);
	return u;
}

static inline double
double_of(uint64_t u)
{
	double x;

	memcpy(&x, &u, sizeof x);
	return x;
}

/* |x| to the magnitude bits of a format whose first pattern past the finite ones is `top`. */
static inline uint32_t
narrow(uint32_t a, unsigned m, unsigned b, uint32_t top)
{
	const unsigned shift = 23 - m;
	const uint32_t magic = (151 - b - m) << 23, least = (128 - b) << 23;
	/* both ways are computed and one is taken, so that loops over this need no branch */
	const uint32_t subnormal = bits_of(float_of(a) + float_of(magic)) - magic;
	const uint32_t exact = a - ((127 - b) << 23);
	const uint32_t normal = (exact + (1u << (shift - 1)) - 1 + (exact >> shift & 1)) >> shift;

	return a < least ? subnormal : normal < top ? normal : top;
}

static inline uint32_t
narrow_double(uint64_t a, unsigned m, unsigned b, uint32_t top)
{
	const unsigned shift = 52 - m;
	const uint64_t magic = (uint64_t)(1076 - b - m) << 52, least = (uint64_t)(1024 - b) << 52;
	const uint64_t subnormal = bits_of_double(double_of(a) + double_of(magic)) - magic;
	const uint64_t exact = a - ((uint64_t)(1023 - b) << 52);
	const uint64_t normal = (exact + ((uint64_t)1 << (shift - 1)) - 1 + (exact >> shift & 1)) >> shift;

	return (uint32_t)(a < least ? subnormal : normal < top ? normal : top);
}

/* The magnitude bits r of a format with infinities (m, b as above) as an f32, sign aside. */
static inline uint32_t
widen(uint32_t r, unsigned m, unsigned b, uint32_t infinity)
{
	const unsigned shift = 23 - m;
	const uint32_t special = (r - infinity) << shift | 0x7f800000;
	const uint32_t normal = (r << shift) + ((127 - b) << 23);
	/* r steps of 2^(1-b-m), exact in f32 */
	const uint32_t subnormal = bits_of((float)(int32_t)r * float_of((128 - b - m) << 23));

	return r >= infinity ? special : r >> m != 0 ? normal : subnormal;
}

float
tmo_f16_to_f32(uint16_t h)
{
	return float_of((uint32_t)(h & 0x8000) << 16 | widen(h & 0x7fff, 10, 15, 0x7c00));
}

float
tmo_bf16_to_f32(uint16_t h)
{
	return float_of((uint32_t)h << 16);
}

float
tmo_f8e4m3_to_f32(uint8_t x)
{
	const uint32_t sign = (uint32_t)(x & 0x80) << 24, r = x & 0x7f;

	if (r == 0x7f)
		return float_of(sign | 0x7fc00000);
	return float_of(sign | widen(r, 3, 7, 0x80));
}

float
tmo_f8e5m2_to_f32(uint8_t x)
{
	return float_of((uint32_t)(x & 0x80) << 24 | widen(x & 0x7f, 2, 15, 0x7c));
}

uint16_t
tmo_f32_to_f16(float x)
{
	const uint32_t u = bits_of(x), a = u & 0x7fffffff;
	const uint32_t r = a > 0x7f800000 ? 0x7e00 | (a >> 13 & 0x3ff) : narrow(a, 10, 15, 0x7c00);

	return (uint16_t)((u >> 16 & 0x8000) | r);
}

uint16_t
tmo_f32_to_bf16(float x)
{
	const uint32_t u = bits_of(x);

	if ((u & 0x7fffffff) > 0x7f800000)
		return (uint16_t)(u >> 16 | 0x40);
	/* the same exponents as f32: cutting 16 bits rounds subnormals rightly too */
	return (uint16_t)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

uint16_t
tmo_f64_to_f16(double x)
{
	const uint64_t u = bits_of_double(x), a = u & INT64_MAX;
	const uint32_t sign = (uint32_t)(u >> 48 & 0x8000);

	if (a > (uint64_t)0x7ff << 52)
		return (uint16_t)(sign | 0x7e00 | (a >> 42 & 0x3ff));
	return (uint16_t)(sign | narrow_double(a, 10, 15, 0x7c00));
}

uint16_t
tmo_f64_to_bf16(double x)
{
	const uint64_t u = bits_of_double(x), a = u & INT64_MAX;
	const uint32_t sign = (uint32_t)(u >> 48 & 0x8000);

	if (a > (uint64_t)0x7ff << 52)
		return (uint16_t)(sign | 0x7fc0 | (a >> 45 & 0x7f));
	return (uint16_t)(sign | narrow_double(a, 7, 127, 0x7f80));
}

uint8_t
tmo_f32_to_f8e4m3(float x)
{
	const uint32_t u = bits_of(x), a = u & 0x7fffffff;
	const uint32_t r = a > 0x7f800000 ? 0x7f : narrow(a, 3, 7, 0x7f);

	return (uint8_t)((u >> 24 & 0x80) | r);
}

uint8_t
tmo_f32_to_f8e5m2(float x)
{
	const uint32_t u = bits_of(x), a = u & 0x7fffffff;
	const uint32_t r = a > 0x7f800000 ? 0x7e | (a >> 21 & 3) : narrow(a, 2, 15, 0x7c);

	return (uint8_t)((u >> 24 & 0x80) | r);
}

uint8_t
tmo_f64_to_f8e4m3(double x)
{
	const uint64_t u = bits_of_double(x), a = u & INT64_MAX;
	const uint32_t r = a > (uint64_t)0x7ff << 52 ? 0x7f : narrow_double(a, 3, 7, 0x7f);

	return (uint8_t)((u >> 56 & 0x80) | r);
}

uint8_t
tmo_f64_to_f8e5m2(double x)
{
	const uint64_t u = bits_of_double(x), a = u & INT64_MAX;
	const uint32_t nan = (uint32_t)(0x7e | (a >> 50 & 3));
	const uint32_t r = a > (uint64_t)0x7ff << 52 ? nan : narrow_double(a, 2, 15, 0x7c);

	return (uint8_t)((u >> 56 & 0x80) | r);
}

double
tmo_type_max(enum tmo_type type)
{
	switch (type) {
	case TMO_F64:
		return 0x1.fffffffffffffp1023;
	case TMO_F32:
		return 0x1.fffffep127;
	case TMO_BF16:
		return 0x1.fep127;
	case TMO_F16:
		return 65504;
	case TMO_F8E5M2:
		return 57344;
	case TMO_F8E4M3:
		return 448;
	default:
		return 0;
	}
}

#define EACH(in_type, expression) \
	do { \
		const in_type *v = in; \
		for (size_t i = 0; i < n; i++) \
			out[i] = (expression); \
	} while (0)

void
tmo_to_f32(float *out, enum tmo_type type, const void *in, size_t n)
{
	assert(tmo_type_is_float(type) && type != TMO_F64);
	switch (type) {
	case TMO_F16:
		EACH(uint16_t, tmo_f16_to_f32(v[i]));
		break;
	case TMO_BF16:
		EACH(uint16_t, tmo_bf16_to_f32(v[i]));
		break;
	case TMO_F8E4M3:
		EACH(uint8_t, tmo_f8e4m3_to_f32(v[i]));
		break;
	case TMO_F8E5M2:
		EACH(uint8_t, tmo_f8e5m2_to_f32(v[i]));
		break;
	default:
		if (n > 0)
			memmove(out, in, n * sizeof *out);
	}
}

void
tmo_to_f64(double *out, enum tmo_type type, const void *in, size_t n)
{
	assert(type != TMO_NONE);
	switch (type) {
	case TMO_BOOL:
		EACH(uint8_t, v[i] != 0);
		break;
	case TMO_U8:
		EACH(uint8_t, v[i]);
		break;
	case TMO_U16:
		EACH(uint16_t, v[i]);
		break;
	case TMO_U32:
		EACH(uint32_t, v[i]);
		break;
	case TMO_U64:
		EACH(uint64_t, (double)v[i]);
		break;
	case TMO_I8:
		EACH(int8_t, v[i]);
		break;
	case TMO_I16:
		EACH(int16_t, v[i]);
		break;
	case TMO_I32:
		EACH(int32_t, v[i]);
		break;
	case TMO_I64:
		EACH(int64_t, (double)v[i]);
		break;
	case TMO_F16:
		EACH(uint16_t, (double)tmo_f16_to_f32(v[i]));
		break;
	case TMO_BF16:
		EACH(uint16_t, (double)tmo_bf16_to_f32(v[i]));
		break;
	case TMO_F8E4M3:
		EACH(uint8_t, (double)tmo_f8e4m3_to_f32(v[i]));
		break;
	case TMO_F8E5M2:
		EACH(uint8_t, (double)tmo_f8e5m2_to_f32(v[i]));
		break;
	case TMO_F32:
		EACH(float, (double)v[i]);
		break;
	case TMO_F64:
		if (n > 0)
			memmove(out, in, n * sizeof *out);
		break;
	case TMO_NONE:
		break;
	}
}

#define EACH_TO(out_type, convert) \
	do { \
		out_type *v = out; \
		for (size_t i = 0; i < n; i++) \
			v[i] = convert(in[i]); \
	} while (0)

void
tmo_from_f32(void *out, enum tmo_type type, const float *in, size_t n)
{
	assert(tmo_type_is_float(type));
	switch (type) {
	case TMO_F16:
		EACH_TO(uint16_t, tmo_f32_to_f16);
		break;
	case TMO_BF16:
		EACH_TO(uint16_t, tmo_f32_to_bf16);
		break;
	case TMO_F8E4M3:
		EACH_TO(uint8_t, tmo_f32_to_f8e4m3);
		break;
	case TMO_F8E5M2:
		EACH_TO(uint8_t, tmo_f32_to_f8e5m2);
		break;
	case TMO_F64:
		EACH_TO(double, (double));
		break;
	default:
		if (n > 0)
			memmove(out, in, n * sizeof *in);
	}
}

void
tmo_from_f64(void *out, enum tmo_type type, const double *in, size_t n)
{
	assert(tmo_type_is_float(type));
	switch (type) {
	case TMO_F16:
		EACH_TO(uint16_t, tmo_f64_to_f16);
		break;
	case TMO_BF16:
		EACH_TO(uint16_t, tmo_f64_to_bf16);
		break;
	case TMO_F8E4M3:
		EACH_TO(uint8_t, tmo_f64_to_f8e4m3);
		break;
	case TMO_F8E5M2:
		EACH_TO(uint8_t, tmo_f64_to_f8e5m2);
		break;
	case TMO_F32:
		EACH_TO(float, (float));
		break;
	default:
		if (n > 0)
			memmove(out, in, n * sizeof *in);
	}
}
