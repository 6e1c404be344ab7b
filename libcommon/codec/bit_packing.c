/* SPDX-License-Identifier: Apache-2.0 */
/* bit_packing.c: integer codes in as many bits as they need. Codes of one byte go eight at a time. */
#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "codec/bit_packing.h"

/* Bytes as little-endian words, on any machine; compilers make one load or store of each. */
static uint64_t
load64(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 | (uint64_t)p[3] << 24 |
	    (uint64_t)p[4] << 32 | (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 | (uint64_t)p[7] << 56;
}

static void
store64(unsigned char *p, uint64_t x)
{
	p[0] = (unsigned char)x;
	p[1] = (unsigned char)(x >> 8);
	p[2] = (unsigned char)(x >> 16);
	p[3] = (unsigned char)(x >> 24);
	p[4] = (unsigned char)(x >> 32);
	p[5] = (unsigned char)(x >> 40);
	p[6] = (unsigned char)(x >> 48);
	p[7] = (unsigned char)(x >> 56);
}

static uint64_t
low_mask(int bits)
{
	return bits >= 64 ? UINT64_MAX : ((uint64_t)1 << bits) - 1;
}

/* The same byte in all eight. */
static uint64_t
bytes_of(unsigned byte)
{
	return (uint64_t)byte * 0x0101010101010101u;
}

/* A code by its index, widened as C widens it. */
#define DEFINE_ACCESS(name, type) \
	static inline uint64_t \
	get_##name(const void *codes, size_t i) \
	{ \
		return (uint64_t)((const type *)codes)[i]; \
	} \
	static inline void \
	put_##name(void *codes, size_t i, uint64_t v) \
	{ \
		((type *)codes)[i] = (type)v; \
	}
DEFINE_ACCESS(u8, uint8_t)
DEFINE_ACCESS(u16, uint16_t)
DEFINE_ACCESS(u32, uint32_t)
DEFINE_ACCESS(u64, uint64_t)
DEFINE_ACCESS(i8, int8_t)
DEFINE_ACCESS(i16, int16_t)
DEFINE_ACCESS(i32, int32_t)
DEFINE_ACCESS(i64, int64_t)

/* Calls work(NAME, …) for the type; the accessors are inlined into each copy of the loop. */
#define FOR_TYPE(type, work) \
	switch (type) { \
	case TMO_U8: work(u8); break; \
	case TMO_U16: work(u16); break; \
	case TMO_U32: work(u32); break; \
	case TMO_U64: work(u64); break; \
	case TMO_I8: work(i8); break; \
	case TMO_I16: work(i16); break; \
	case TMO_I32: work(i32); break; \
	default: work(i64); break; \
	}

int
tmo_bits_width(const void *codes, enum tmo_type type, size_t n)
{
	const bool is_signed = tmo_type_is_signed(type);
	uint64_t any = 0;
	int width = 0;

	/* A negative code needs the bits of its complement, and both signs one for the sign. */
#define COLLECT(t) \
	for (size_t i = 0; i < n; i++) { \
		const uint64_t v = get_##t(codes, i); \
		any |= v ^ (is_signed ? (uint64_t)0 - (v >> 63) : 0); \
	}
	FOR_TYPE(type, COLLECT)
#undef COLLECT
	while (width < 64 && any >> width != 0)
		width++;
	width += is_signed;
	return width > 0 ? width : 1;
}

size_t
tmo_bits_bytes(size_t n, int bits)
{
	const size_t b = (size_t)bits;

	return n / 8 * b + (n % 8 * b + 7) / 8;		/* n * bits may not fit into a size_t */
}

/* Codes as words that are filled from their lowest bit on. */
struct bit_writer {
	unsigned char *out;
	uint64_t word;
	int fill;			/* bits of word that are used, at most 63 */
};

static inline void
write_bits(struct bit_writer *w, uint64_t v, int bits)
{
	w->word |= v << w->fill;
	w->fill += bits;
	if (w->fill >= 64) {
		store64(w->out, w->word);
		w->out += 8;
		w->fill -= 64;
		w->word = w->fill > 0 ? v >> (bits - w->fill) : 0;
	}
}

/* Eight codes of one byte each, of which the low `bits` (at most 7) count, as 8 * bits bits. */
static inline uint64_t
squeeze8(uint64_t x, int bits)
{
	const uint64_t m8 = 0x00ff00ff00ff00ffu, m16 = 0x0000ffff0000ffffu, m32 = 0xffffffffu;

	x &= bytes_of((1u << bits) - 1);
	x = (x & m8) | (x >> 8 & m8) << bits;
	x = (x & m16) | (x >> 16 & m16) << 2 * bits;
	return (x & m32) | x >> 32 << 4 * bits;
}

static inline uint64_t
spread8(uint64_t x, int bits)
{
	const uint64_t m1 = low_mask(bits) * 0x0001000100010001u;
	const uint64_t m2 = low_mask(2 * bits) * 0x0000000100000001u;
	const uint64_t m4 = low_mask(4 * bits);

	x = (x & m4) | (x >> 4 * bits & m4) << 32;
	x = (x & m2) | (x >> 2 * bits & m2) << 16;
	return (x & m1) | (x >> bits & m1) << 8;
}

/* Packs whole groups of eight one-byte codes while there is room for a whole word; how many. */
static size_t
pack_bytes(const unsigned char *codes, size_t n, int bits, unsigned char *out, size_t room)
{
	size_t i = 0;

	for (; n - i >= 8 && room >= 8; i += 8, out += bits, room -= (size_t)bits)
		store64(out, squeeze8(load64(codes + i), bits));
	return i;
}

void
tmo_bits_pack(const void *codes, enum tmo_type type, size_t n, int bits, unsigned char *out)
{
	const uint64_t mask = low_mask(bits);
	struct bit_writer w = {.out = out};
	size_t done = 0;

	assert(tmo_bits_is_width(bits, type));
	if (tmo_type_size(type) == 1 && bits == 8) {
		memcpy(out, codes, n);
		return;
	}
	if (tmo_type_size(type) == 1)
		done = pack_bytes(codes, n, bits, out, tmo_bits_bytes(n, bits));
	w.out += done / 8 * (size_t)bits;
#define PACK(t) \
	for (size_t i = done; i < n; i++) \
		write_bits(&w, get_##t(codes, i) & mask, bits)
	FOR_TYPE(type, PACK)
#undef PACK
	for (; w.fill > 0; w.fill -= 8, w.word >>= 8)
		*w.out++ = (unsigned char)w.word;
}

struct bit_reader {
	const unsigned char *in;
	size_t left;
	uint64_t word;			/* of which the low `have` bits are still to be read */
	int have;
};

static inline uint64_t
read_bits(struct bit_reader *r, int bits, uint64_t mask)
{
	uint64_t v = r->word, next = 0;
	int used;

	if (r->have >= bits) {
		r->word = bits < 64 ? v >> bits : 0;
		r->have -= bits;
		return v & mask;
	}
	if (r->left >= 8) {
		next = load64(r->in);
		r->in += 8;
		r->left -= 8;
	} else {
		for (int i = 0; r->left > 0; i += 8, r->left--)
			next |= (uint64_t)*r->in++ << i;
	}
	v |= next << r->have;
	used = bits - r->have;
	r->word = used < 64 ? next >> used : 0;
	r->have = 64 - used;
	return v & mask;
}

static size_t
unpack_bytes(const unsigned char *in, size_t bytes, unsigned char *codes, size_t n, int bits,
             bool is_signed)
{
	const uint64_t sign = bytes_of(1u << (bits - 1));
	const uint64_t high = is_signed ? 0xffu & ~((1u << bits) - 1) : 0;
	size_t i = 0;

	for (; n - i >= 8 && bytes >= 8; i += 8, in += bits, bytes -= (size_t)bits) {
		uint64_t x = spread8(load64(in), bits);

		x |= ((x & sign) >> (bits - 1)) * high;
		store64(codes + i, x);
	}
	return i;
}

int
tmo_bits_unpack(const unsigned char *in, size_t bytes, void *codes, enum tmo_type type,
                size_t n, int bits, struct tmo_error *err)
{
	const uint64_t mask = low_mask(bits);
	const bool is_signed = tmo_type_is_signed(type);
	const uint64_t sign = is_signed ? (uint64_t)1 << (bits - 1) : 0;
	const unsigned rest = (unsigned)(n % 8 * (size_t)bits % 8);
	size_t done = 0;

	assert(tmo_bits_is_width(bits, type));
	if (bytes != tmo_bits_bytes(n, bits))
		return tmo_fail(err, "%zu bytes hold no %zu codes of %d bits; the stream is damaged",
		                bytes, n, bits);
	if (rest > 0 && in[bytes - 1] >> rest != 0)
		return tmo_fail(err, "bits behind the last code are set; the stream is damaged");
	if (tmo_type_size(type) == 1 && bits == 8) {
		memcpy(codes, in, n);
		return 0;
	}
	if (tmo_type_size(type) == 1)
		done = unpack_bytes(in, bytes, codes, n, bits, is_signed);
	struct bit_reader r = {.in = in + done / 8 * (size_t)bits,
	                       .left = bytes - done / 8 * (size_t)bits};
#define UNPACK(t) \
	for (size_t i = done; i < n; i++) \
		put_##t(codes, i, (read_bits(&r, bits, mask) ^ sign) - sign)
	FOR_TYPE(type, UNPACK)
#undef UNPACK
	return 0;
}
