/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bit_packing.h: arrays of integer codes in as many bits as they need, and bitmasks. Types are
 * u8 … u64 and i8 … i64, bits 1 to 8 * the type's size.
 *
 * Packed codes are one string of bits, code i in bits [i * bits, (i + 1) * bits), its lowest bit
 * first; bit k of the string is bit k % 8 of byte k / 8. Signed codes are two's complement. What
 * is left of the last byte is 0.
 */
#ifndef TMO_BIT_PACKING_H
#define TMO_BIT_PACKING_H

#include "base/element_type.h"

/* Whether codes of this type can be of that many bits. */
static inline bool
tmo_bits_is_width(int bits, enum tmo_type type)
{
	return tmo_type_is_integer(type) && bits >= 1 && bits <= 8 * (int)tmo_type_size(type);
}

/* The fewest bits that hold each of n codes; 1 if there are none. */
int tmo_bits_width(const void *codes, enum tmo_type type, size_t n);

/* How many bytes n codes take: n * bits / 8, rounded up. */
size_t tmo_bits_bytes(size_t n, int bits);

/* Packs n codes, each of which fits into bits, into tmo_bits_bytes(n, bits) bytes of out. */
void tmo_bits_pack(const void *codes, enum tmo_type type, size_t n, int bits, unsigned char *out);

/* The reverse. Fails if `bytes` is not tmo_bits_bytes(n, bits), or a bit beyond the last is 1. */
int tmo_bits_unpack(const unsigned char *in, size_t bytes, void *codes, enum tmo_type type,
                    size_t n, int bits, struct tmo_error *err);

/*
 * Copies the codes that differ from `common` to others (room for n), in order, and sets their bits
 * in mask: ceil(n / 8) bytes, code i in bit i % 8 of byte i / 8. Returns how many there are.
 * `common` is a code converted to uint64_t, as C converts it: sign-extended if it is signed.
 */
size_t tmo_mask_split(const void *codes, enum tmo_type type, size_t n, uint64_t common,
                      unsigned char *mask, void *others);
size_t tmo_mask_count(const unsigned char *mask, size_t n);	/* bits set among the first n */
/* The reverse: others holds as many codes as mask has bits set. */
void tmo_mask_merge(const unsigned char *mask, const void *others, enum tmo_type type, size_t n,
                    uint64_t common, void *codes);

/*
 * *common: the most frequent of n codes as tmo_mask_split takes it, of equals the one whose bit
 * pattern is least. Codes of more than 16 bits are not counted: 0.
 */
int tmo_bits_common(const void *codes, enum tmo_type type, size_t n, uint64_t *common,
                    struct tmo_error *err);

#endif
