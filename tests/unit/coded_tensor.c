/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of 2, 4 and 8 bits out of bytes, against arithmetic on the whole row as one number. */
#include <stdio.h>

#include "formats/onnx/dequantize/coded_tensor.h"
#include "tests/unit/check.h"

int
main(void)
{
	static const struct {
		int bits;
		unsigned flip, less;
		int low;		/* the least code */
	} cases[] = {
		{ 2, 0, 0, 0 }, { 2, 2, 2, -2 }, { 4, 0, 0, 0 }, { 4, 8, 8, -8 }, { 4, 0, 8, -8 },
		{ 8, 0, 0, 0 }, { 8, 0, 128, -128 },
	};
	const uint64_t row = UINT64_C(0xfedc0f8713a56b29);
	unsigned char bytes[8], codes[32];

	for (int i = 0; i < 8; i++)
		bytes[i] = (unsigned char)(row >> 8 * i);
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		const int bits = cases[c].bits, n = 64 / bits;

		for (int first = 0; first < n; first++) {
			tmo_onnx_unpack_codes(bytes, (size_t)first, (size_t)(n - first), bits,
			                      cases[c].flip, cases[c].less, codes);
			for (int i = first; i < n; i++) {
				const int stored = (int)(row >> (i * bits) & ((UINT64_C(1) << bits) - 1));
				/* two's complement, or counted from the least code */
				const int half = 1 << (bits - 1);
				const int wanted = cases[c].flip != 0 ?
					(stored < half ? stored : stored - 2 * half) :
					stored + cases[c].low;
				const int got = cases[c].low < 0 ? (signed char)codes[i - first] :
				                                   codes[i - first];

				CHECK(got == wanted, "case %zu, code %d from %d on: %d, wanted %d", c, i, first,
				      got, wanted);
			}
		}
	}
	return check_status();
}
