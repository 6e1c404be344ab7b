/* SPDX-License-Identifier: Apache-2.0 */
/* mask.c: codes apart from their most frequent one, and a bitmask that says where they stood. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "codec/bit_packing.h"

/*
 * The loops compare bit patterns, so that one for each size does for both signs: `common` cut to
 * the size is the pattern.
 */
#define DEFINE_MASK(type) \
	static size_t \
	split_##type(const type *codes, size_t n, type common, unsigned char *mask, type *others) \
	{ \
		size_t count = 0; \
		for (size_t i = 0; i < n; i++) { \
			const unsigned differs = codes[i] != common; \
			others[count] = codes[i];	/* overwritten unless it counts */ \
			count += differs; \
			mask[i / 8] = (unsigned char)(mask[i / 8] | differs << i % 8); \
		} \
		return count; \
	} \
	static void \
	merge_##type(const unsigned char *mask, const type *others, size_t n, type common, \
	             type *codes) \
	{ \
		for (size_t i = 0; i < n; i++) \
			codes[i] = mask[i / 8] >> i % 8 & 1 ? *others++ : common; \
	}
DEFINE_MASK(uint8_t)
DEFINE_MASK(uint16_t)
DEFINE_MASK(uint32_t)
DEFINE_MASK(uint64_t)

size_t
tmo_mask_split(const void *codes, enum tmo_type type, size_t n, uint64_t common,
               unsigned char *mask, void *others)
{
	assert(tmo_type_is_integer(type));
	memset(mask, 0, (n + 7) / 8);
	switch (tmo_type_size(type)) {
	case 1: return split_uint8_t(codes, n, (uint8_t)common, mask, others);
	case 2: return split_uint16_t(codes, n, (uint16_t)common, mask, others);
	case 4: return split_uint32_t(codes, n, (uint32_t)common, mask, others);
	default: return split_uint64_t(codes, n, common, mask, others);
	}
}

size_t
tmo_mask_count(const unsigned char *mask, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n / 8; i++) {
		unsigned x = mask[i];

		x -= x >> 1 & 0x55;
		x = (x & 0x33) + (x >> 2 & 0x33);
		count += (x + (x >> 4)) & 0x0f;
	}
	for (size_t i = n / 8 * 8; i < n; i++)
		count += mask[i / 8] >> i % 8 & 1;
	return count;
}

void
tmo_mask_merge(const unsigned char *mask, const void *others, enum tmo_type type, size_t n,
               uint64_t common, void *codes)
{
	assert(tmo_type_is_integer(type));
	switch (tmo_type_size(type)) {
	case 1: merge_uint8_t(mask, others, n, (uint8_t)common, codes); break;
	case 2: merge_uint16_t(mask, others, n, (uint16_t)common, codes); break;
	case 4: merge_uint32_t(mask, others, n, (uint32_t)common, codes); break;
	default: merge_uint64_t(mask, others, n, common, codes); break;
	}
}

int
tmo_bits_common(const void *codes, enum tmo_type type, size_t n, uint64_t *common,
                struct tmo_error *err)
{
	const size_t size = tmo_type_size(type), kinds = size == 1 ? 256 : 65536;
	size_t best = 0, *count;

	assert(tmo_type_is_integer(type));
	*common = 0;
	if (size > 2)
		return 0;
	if ((count = tmo_alloc(kinds, sizeof(*count), err)) == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		count[size == 1 ? ((const uint8_t *)codes)[i] : ((const uint16_t *)codes)[i]]++;
	for (size_t i = 1; i < kinds; i++)
		if (count[i] > count[best])
			best = i;
	*common = best;
	if (tmo_type_is_signed(type) && best >= kinds / 2)
		*common -= kinds;
	free(count);
	return 0;
}
