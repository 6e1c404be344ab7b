/* SPDX-License-Identifier: Apache-2.0 */
/* sort.h: numbers as keys that sort as the numbers do, and radix sorts of them. */
#ifndef TMO_SORT_H
#define TMO_SORT_H

#include <string.h>
#include "tmo.h"

/*
 * A float's bit pattern as an unsigned integer of the same order (−0 just below +0, NaNs at the
 * ends by sign), and back: both are their own few instructions, without branches.
 */
static inline uint32_t
tmo_key_f32(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits ^ ((0u - (bits >> 31)) | 0x80000000u);
}

static inline float
tmo_f32_of_key(uint32_t key)
{
	float x;

	key ^= ((key >> 31) - 1u) | 0x80000000u;
	memcpy(&x, &key, sizeof(x));
	return x;
}

static inline uint64_t
tmo_key_f64(double x)
{
	uint64_t bits;

	memcpy(&bits, &x, sizeof(bits));
	return bits ^ ((UINT64_C(0) - (bits >> 63)) | UINT64_C(0x8000000000000000));
}

static inline double
tmo_f64_of_key(uint64_t key)
{
	double x;

	key ^= ((key >> 63) - UINT64_C(1)) | UINT64_C(0x8000000000000000);
	memcpy(&x, &key, sizeof(x));
	return x;
}

/*
 * Sort *keys, n of them, upwards; *spare is room for as many. The sorted ones are in *keys
 * afterwards: the two pointers may have been exchanged. Stable, and the same for any number of
 * threads. To sort things by 32-bit keys, sort (uint64_t)key << 32 | index.
 */
int tmo_sort_u32(uint32_t **keys, uint32_t **spare, size_t n, int threads, struct tmo_error *err);
int tmo_sort_u64(uint64_t **keys, uint64_t **spare, size_t n, int threads, struct tmo_error *err);

#endif
