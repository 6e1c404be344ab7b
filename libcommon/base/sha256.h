/* SPDX-License-Identifier: Apache-2.0 */
/* sha256.h: SHA-256 (FIPS 180-4), of bytes at hand or as they come. */
#ifndef TMO_SHA256_H
#define TMO_SHA256_H

#include <nettle/sha2.h>
#include <stddef.h>

#define TMO_SHA256_BYTES 32

struct tmo_sha256 {
	struct sha256_ctx state;
};

void tmo_sha256_begin(struct tmo_sha256 *sha);
void tmo_sha256_add(struct tmo_sha256 *sha, const void *data, size_t size);
/* The digest of all that was added; what is added from now on counts from the start. */
void tmo_sha256_end(struct tmo_sha256 *sha, unsigned char digest[TMO_SHA256_BYTES]);

/* All three, of one piece. */
void tmo_sha256_of(const void *data, size_t size, unsigned char digest[TMO_SHA256_BYTES]);

#endif
