/* SPDX-License-Identifier: Apache-2.0 */
/* random.c: Philox against the numbers of its paper's code (Random123's known answers) and of TensorFlow. */
#include "base/random.h"
#include "tests/unit/check.h"

#include <stdio.h>
#include <string.h>

static void
expect(const char *what, struct tmo_rng *r, const uint32_t *wanted, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t got = tmo_rng_u32(r);

		CHECK(got == wanted[i], "%s: number %zu is %08x, not %08x", what, i, got, wanted[i]);
	}
}

int
main(void)
{
	/* Seed 9 is TensorFlow's k-means++: as published with tfmot's test numbers. */
	static const uint32_t nine[] = {0xd78a41b0, 0x88c2fd8c, 0xecbd10b2, 0xc5e4054d,
	                                0x6dede2aa, 0x7e80ce68, 0xe08cfb3f, 0x735404a2};
	/* Random123, kat_vectors: philox4x32 10. */
	static const uint32_t zeros[] = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
	static const uint32_t ones[] = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
	struct tmo_rng r;
	uint64_t counts[7] = {0};

	tmo_rng_start(&r, 9, 0);
	expect("seed 9", &r, nine, 8);
	tmo_rng_start(&r, 0, 0);
	expect("seed 0", &r, zeros, 4);
	tmo_rng_start(&r, UINT64_MAX, UINT64_MAX);
	memset(r.counter, 0xff, sizeof(r.counter));
	expect("all bits", &r, ones, 4);
	for (int i = 0; i < 70000; i++)
		counts[tmo_rng_below(&r, 7)]++;
	for (int i = 0; i < 7; i++)
		CHECK(counts[i] >= 9600 && counts[i] <= 10400, "%d of 7 came %ju times of 70000", i,
		      (uintmax_t)counts[i]);
	for (int i = 0; i < 1000; i++) {
		const float x = tmo_rng_float(&r);

		CHECK(x >= 0 && x < 1, "%g is not in [0, 1)", (double)x);
	}
	return check_status();
}
