/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fused.h: a * b + c, rounded once, with the same bits whether the processor has an instruction for it
 * or not. (libm's would do, but is a call of 20 ns without the instruction, and no loop over it vectorizes.)
 */
#ifndef TMO_FUSED_H
#define TMO_FUSED_H

#include "base/math/float_bits.h"

/*
 * By operations of doubles. The product of two floats is exact in a double; the sum is rounded to odd
 * (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding
 * to odd", IEEE Transactions on Computers 57, 2008), after which rounding to float cannot go wrong:
 * a double has more than two bits to spare, also where the float is subnormal. What the sum lost is
 * Knuth's two-sum. If the sum is no number, so is what was lost, and the sum stands.
 */
static inline float
tmo_fma_substitute(float a, float b, float c)
{
	const double product = (double)a * (double)b, addend = c, sum = product + addend;
	const double second = sum - product;
	const double lost = (product - (sum - second)) + (addend - second);
	const uint64_t bits = tmo_bits_of_f64(sum);
	const uint64_t outwards = bits + 1, inwards = bits - 1;
	const uint64_t next = (tmo_bits_of_f64(lost) ^ bits) >> 63 == 0 ? outwards : inwards;
	const double odd = tmo_f64_of_bits(lost != 0 && (bits & 1) == 0 ? next : bits);

	return (float)(sum - sum == 0 ? odd : sum);
}

/*
 * NaNs are as the processor makes them: see tmo_f32_one_nan. A file that is compiled for more instructions
 * than its neighbours gets the instruction here; the bits are the same.
 */
static inline float
tmo_fma(float a, float b, float c)
{
#if defined(__FMA__) || defined(__ARM_FEATURE_FMA)
	return __builtin_fmaf(a, b, c);
#else
	return tmo_fma_substitute(a, b, c);
#endif
}

#endif
