/* SPDX-License-Identifier: Apache-2.0 */
/* bit_packing.c and mask.c against a bit-by-bit reading of tmo-stream(5). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/bit_packing.h"
#include "tests/unit/check.h"

#define N_MAX 1031

static void
expect(bool ok, const char *what, enum tmo_type type, int bits, size_t n)
{
	CHECK(ok, "%s: type %s, %d bits, %zu codes", what, tmo_type_name(type), bits, n);
}

static void
put(void *codes, enum tmo_type type, size_t i, uint64_t v)
{
	switch (tmo_type_size(type)) {
	case 1: ((uint8_t *)codes)[i] = (uint8_t)v; break;
	case 2: ((uint16_t *)codes)[i] = (uint16_t)v; break;
	case 4: ((uint32_t *)codes)[i] = (uint32_t)v; break;
	default: ((uint64_t *)codes)[i] = v; break;
	}
}

/* A random value of `bits` bits, sign-extended for a signed type. */
static uint64_t
random_code(enum tmo_type type, int bits)
{
	uint64_t v = random_bits();

	if (bits < 64)
		v &= ((uint64_t)1 << bits) - 1;
	if (tmo_type_is_signed(type) && bits < 64 && v >> (bits - 1) != 0)
		v |= UINT64_MAX << bits;
	return v;
}

/* What the manual page says, one bit at a time. */
static void
pack_slowly(const uint64_t *values, size_t n, int bits, unsigned char *out)
{
	memset(out, 0, (n * (size_t)bits + 7) / 8);
	for (size_t i = 0; i < n; i++)
		for (int b = 0; b < bits; b++) {
			const size_t k = i * (size_t)bits + (size_t)b;

			if (values[i] >> b & 1)
				out[k / 8] = (unsigned char)(out[k / 8] | 1u << k % 8);
		}
}

static void
round_trip(enum tmo_type type, int bits, size_t n)
{
	static uint64_t values[N_MAX], codes[N_MAX], back[N_MAX];
	static unsigned char wanted[N_MAX * 8], got[N_MAX * 8 + 1];
	struct tmo_error err = {0};
	const size_t bytes = tmo_bits_bytes(n, bits), size = tmo_type_size(type);

	for (size_t i = 0; i < n; i++) {
		values[i] = random_code(type, bits);
		put(codes, type, i, values[i]);
	}
	expect(bytes == (n * (size_t)bits + 7) / 8, "length", type, bits, n);
	expect(tmo_bits_width(codes, type, n) <= bits, "width", type, bits, n);
	pack_slowly(values, n, bits, wanted);
	got[bytes] = 0xa5;
	tmo_bits_pack(codes, type, n, bits, got);
	expect(memcmp(got, wanted, bytes) == 0, "packed", type, bits, n);
	expect(got[bytes] == 0xa5, "wrote beyond the end", type, bits, n);
	memset(back, 0x5a, sizeof(back));
	expect(tmo_bits_unpack(got, bytes, back, type, n, bits, &err) == 0, "unpack", type, bits, n);
	expect(memcmp(back, codes, n * size) == 0, "unpacked", type, bits, n);
	expect(((unsigned char *)back)[n * size] == 0x5a, "unpacked too much", type, bits, n);
	expect(tmo_bits_unpack(got, bytes + 1, back, type, n, bits, &err) != 0, "too long", type, bits,
	       n);
	if (n * (size_t)bits % 8 != 0) {
		got[bytes - 1] |= 0x80;
		expect(tmo_bits_unpack(got, bytes, back, type, n, bits, &err) != 0, "trailing bit",
		       type, bits, n);
	}
}

static void
mask_round_trip(enum tmo_type type, size_t n, uint64_t common, unsigned share)
{
	static uint64_t codes[N_MAX], others[N_MAX], back[N_MAX];
	unsigned char mask[N_MAX / 8 + 1];
	const size_t size = tmo_type_size(type);
	size_t wanted = 0, got;

	for (size_t i = 0; i < n; i++) {
		const bool is_common = random_below(100) < share;

		put(codes, type, i, is_common ? common : common + 1 + i % 50);
		wanted += !is_common;
	}
	got = tmo_mask_split(codes, type, n, common, mask, others);
	expect(got == wanted, "codes beside the common one", type, 0, n);
	expect(tmo_mask_count(mask, n) == wanted, "bits of the mask", type, 0, n);
	tmo_mask_merge(mask, others, type, n, common, back);
	expect(memcmp(codes, back, n * size) == 0, "merged", type, 0, n);
}

static void
test_widths(void)
{
	static const struct {
		enum tmo_type type;
		int64_t code;
		int width;
	} table[] = {
		{TMO_U8, 0, 1}, {TMO_U8, 1, 1}, {TMO_U8, 2, 2}, {TMO_U8, 255, 8}, {TMO_I8, 0, 1},
		{TMO_I8, -1, 1}, {TMO_I8, 1, 2}, {TMO_I8, -2, 2}, {TMO_I8, -8, 4}, {TMO_I8, 7, 4},
		{TMO_I8, 8, 5}, {TMO_I8, -128, 8}, {TMO_I16, -32768, 16}, {TMO_I16, 255, 9},
		{TMO_U16, 256, 9}, {TMO_I32, INT32_MIN, 32}, {TMO_I64, INT64_MIN, 64},
		{TMO_I64, INT64_MAX, 64}, {TMO_U64, -1, 64}, {TMO_U32, -1, 32},
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint64_t code[1];

		put(code, table[i].type, 0, (uint64_t)table[i].code);
		expect(tmo_bits_width(code, table[i].type, 1) == table[i].width, "width in the table",
		       table[i].type, table[i].width, i);
	}
}

static void
test_example(void)
{
	/* The example of tmo-stream(5): -3, 2, 0, 1, -4 in three bits, low bits first. */
	static const int8_t codes[] = {-3, 2, 0, 1, -4};
	static const unsigned char packed[] = {0x15, 0x42};
	unsigned char out[2], mask[1];
	int8_t others[5];

	tmo_bits_pack(codes, TMO_I8, 5, 3, out);
	expect(memcmp(out, packed, 2) == 0, "the manual's example", TMO_I8, 3, 5);
	expect(tmo_mask_split(codes, TMO_I8, 5, 0, mask, others) == 4 && mask[0] == 0x1b,
	       "the manual's mask", TMO_I8, 3, 5);
}

static void
test_common(void)
{
	static const int8_t codes[] = {5, -3, 7, -3, 5, -3};
	static const uint16_t wide[] = {9, 700, 700, 9};
	struct tmo_error err = {0};
	uint64_t common;

	expect(tmo_bits_common(codes, TMO_I8, 6, &common, &err) == 0 && common == (uint64_t)-3,
	       "common", TMO_I8, 0, 6);
	expect(tmo_bits_common(wide, TMO_U16, 4, &common, &err) == 0 && common == 9, "common, a tie",
	       TMO_U16, 0, 4);
	expect(tmo_bits_common(codes, TMO_I8, 0, &common, &err) == 0 && common == 0, "common of none",
	       TMO_I8, 0, 0);
}

int
main(void)
{
	static const size_t sizes[] = {0, 1, 2, 7, 8, 9, 15, 16, 63, 64, 65, 127, 500, 1030};

	for (enum tmo_type type = TMO_U8; type <= TMO_I64; type++)
		for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
			for (int bits = 1; bits <= 8 * (int)tmo_type_size(type); bits++)
				round_trip(type, bits, sizes[s]);
			mask_round_trip(type, sizes[s], 0, 50);
			mask_round_trip(type, sizes[s], 113, 90);
			mask_round_trip(type, sizes[s], (uint64_t)-5, 0);
		}
	test_widths();
	test_example();
	test_common();
	return check_status();
}
