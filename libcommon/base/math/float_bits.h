/* SPDX-License-Identifier: Apache-2.0 */
/* float_bits.h: floats as their bit patterns and back, without branches, so that loops vectorize. */
#ifndef TMO_FLOAT_BITS_H
#define TMO_FLOAT_BITS_H

#include <stdint.h>
#include <string.h>

static inline uint32_t
tmo_bits_of_f32(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static inline float
tmo_f32_of_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static inline uint64_t
tmo_bits_of_f64(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits;
}

static inline double
tmo_f64_of_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

static inline float
tmo_f32_magnitude(float x)
{
	return tmo_f32_of_bits(tmo_bits_of_f32(x) & 0x7fffffffu);
}

static inline float
tmo_f32_with_sign(float magnitude, float sign)
{
	return tmo_f32_of_bits((tmo_bits_of_f32(magnitude) & 0x7fffffffu) |
		(tmo_bits_of_f32(sign) & 0x80000000u));
}

/*
 * Any NaN becomes 7fc00000: which sign and payload an operation gives one differs between processors,
 * and on one processor with the order of operands that a compiler chose.
 */
static inline float
tmo_f32_one_nan(float x)
{
	return x == x ? x : tmo_f32_of_bits(0x7fc00000u);
}

#endif
