/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Codes packed, and split by a mask, come back, and stand where bits.h says; foreign bytes that
 * unpack are what packing gives. Input: type, bits, how many, the common code, then bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/sha256.h"
#include "stream/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 5		/* bytes of the input before the codes */

/* Code i of a packed string, bit by bit. */
static uint64_t
slow_code(const unsigned char *in, size_t i, int bits, bool is_signed)
{
	uint64_t code = 0;

	for (int b = 0; b < bits; b++) {
		const size_t at = i * (size_t)bits + (size_t)b;

		code |= (uint64_t)(in[at / 8] >> at % 8 & 1) << b;
	}
	if (is_signed && bits < 64 && code >> (bits - 1) != 0)
		code |= UINT64_MAX << bits;
	return code;
}

static uint64_t
code_at(const unsigned char *codes, enum tmo_type type, size_t i)
{
	const size_t bytes = tmo_type_size(type);
	uint64_t code = 0;

	memcpy(&code, codes + i * bytes, bytes);	/* as all of our machines are little-endian */
	if (tmo_type_is_signed(type) && bytes < 8 && code >> (8 * bytes - 1) != 0)
		code |= UINT64_MAX << 8 * bytes;
	return code;
}

static void
pack_and_unpack(const unsigned char *codes, enum tmo_type type, size_t n, int extra)
{
	const int width = 8 * (int)tmo_type_size(type), least = tmo_bits_width(codes, type, n);
	const int bits = least + extra % (width - least + 1);
	const size_t bytes = tmo_bits_bytes(n, bits);
	unsigned char *packed = malloc(bytes + 1), *back = malloc(n * 8 + 1);
	struct tmo_error err = {0};

	if (packed == NULL || back == NULL)
		exit(1);
	tmo_bits_pack(codes, type, n, bits, packed);
	for (size_t i = 0; i < n; i++)
		if (slow_code(packed, i, bits, tmo_type_is_signed(type)) != code_at(codes, type, i))
			abort();
	if (tmo_bits_unpack(packed, bytes, back, type, n, bits, &err) < 0 ||
	    memcmp(back, codes, n * tmo_type_size(type)) != 0)
		abort();
	free(packed);
	free(back);
}

static void
split_and_merge(const unsigned char *codes, enum tmo_type type, size_t n, bool frequent,
                uint64_t common)
{
	unsigned char *mask = calloc(n / 8 + 1, 1), *others = malloc(n * 8 + 1), *back = malloc(n * 8 + 1);
	struct tmo_error err = {0};
	size_t left;

	if (mask == NULL || others == NULL || back == NULL)
		exit(1);
	if (frequent && tmo_bits_common(codes, type, n, &common, &err) < 0)
		exit(1);
	left = tmo_mask_split(codes, type, n, common, mask, others);
	if (left != tmo_mask_count(mask, n))
		abort();
	tmo_mask_merge(mask, others, type, n, common, back);
	if (memcmp(back, codes, n * tmo_type_size(type)) != 0)
		abort();
	free(mask);
	free(others);
	free(back);
}

/* The bytes as somebody else's packed codes. */
static void
foreign(const unsigned char *in, size_t bytes, enum tmo_type type, size_t n, int bits)
{
	unsigned char *codes = malloc(n * 8 + 1), *again = malloc(bytes + 1);
	struct tmo_error err = {0};

	if (codes == NULL || again == NULL)
		exit(1);
	if (tmo_bits_unpack(in, bytes, codes, type, n, bits, &err) == 0) {
		if (tmo_bits_bytes(n, bits) != bytes)
			abort();
		tmo_bits_pack(codes, type, n, bits, again);
		if (memcmp(again, in, bytes) != 0)
			abort();
	} else if (err.kind == TMO_ERROR_NONE) {
		abort();
	}
	free(codes);
	free(again);
}

/* The bytes as a part of a blob, under the digest that they have. */
static void
restore(const unsigned char *in, size_t bytes, enum tmo_type type, size_t n, int bits, uint64_t common)
{
	struct tmo_packed_part part = { .path = (char *)"tensors/a/codes.npy", .coding = TMO_CODING_MASK,
		.bits = bits, .common = common, .type = type, .rank = 1, .shape = { n }, .count = n,
		.length = bytes };
	struct tmo_packed_tensor t = { .encoded = true, .path = (char *)"tensors/a", .part_count = 1,
		.part = &part, .bytes = bytes };
	unsigned char digest[TMO_SHA256_BYTES];
	struct tmo_members parts = {0};
	struct tmo_error err = {0};

	if (bytes < n / 8 + (n % 8 != 0))	/* the index's parser refuses it */
		return;
	tmo_sha256_of(in, bytes, digest);
	memcpy(t.digest, digest, sizeof(t.digest));
	if (tmo_packed_restore(&t, in, bytes, &parts, &err) < 0 ? err.kind == TMO_ERROR_NONE
	    : parts.count != 1 || parts.member[0].bytes != n * tmo_type_size(type))
		abort();
	tmo_members_free(&parts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum tmo_type types[] = { TMO_U8, TMO_U16, TMO_U32, TMO_U64, TMO_I8, TMO_I16,
	                                       TMO_I32, TMO_I64 };
	enum tmo_type type;
	int bits;
	unsigned char *codes;
	size_t n, whole;

	if (size < HEAD || (codes = malloc(size)) == NULL)
		return 0;
	type = types[data[0] % 8];
	bits = 1 + data[1] % (8 * (int)tmo_type_size(type));
	n = data[2] | (size_t)data[3] << 8;
	whole = (size - HEAD) / tmo_type_size(type);
	memcpy(codes, data + HEAD, size - HEAD);	/* where an array of any type may stand */
	pack_and_unpack(codes, type, whole, data[1]);
	split_and_merge(codes, type, whole, data[4] % 2 == 0, data[4]);
	free(codes);
	foreign(data + HEAD, size - HEAD, type, n, bits);
	foreign(data + HEAD, size - HEAD, type, (size - HEAD) * 8 / (size_t)bits, bits);
	restore(data + HEAD, size - HEAD, type, n, bits, data[4]);
	return 0;
}
