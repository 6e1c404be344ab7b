/* SPDX-License-Identifier: Apache-2.0 */
/* sha256.c: SHA-256 against the examples of FIPS 180-2, in one piece and in several. */
#include <string.h>

#include "base/sha256.h"
#include "tests/unit/check.h"

static void
expect(const char *text, const unsigned char *got, const char *wanted)
{
	char shown[2 * TMO_SHA256_BYTES + 1];

	for (int i = 0; i < TMO_SHA256_BYTES; i++)
		snprintf(shown + 2 * i, 3, "%02x", got[i]);
	CHECK(strcmp(shown, wanted) == 0, "\"%s\": %s, not %s", text, shown, wanted);
}

int
main(void)
{
	static const char *const vectors[][2] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};
	struct tmo_sha256 sha;
	unsigned char digest[TMO_SHA256_BYTES];

	tmo_sha256_begin(&sha);
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const char *const text = vectors[i][0];
		const size_t size = strlen(text), half = size / 2;

		tmo_sha256_of(text, size, digest);
		expect(text, digest, vectors[i][1]);
		tmo_sha256_add(&sha, text, half);
		tmo_sha256_add(&sha, text + half, size - half);
		tmo_sha256_end(&sha, digest);	/* and begins anew */
		expect(text, digest, vectors[i][1]);
	}
	return check_status();
}
