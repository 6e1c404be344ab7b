/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sha256.h"

void
tmo_sha256_begin(struct tmo_sha256 *sha)
{
	sha256_init(&sha->state);
}

void
tmo_sha256_add(struct tmo_sha256 *sha, const void *data, size_t size)
{
	sha256_update(&sha->state, size, data);
}

void
tmo_sha256_end(struct tmo_sha256 *sha, unsigned char digest[TMO_SHA256_BYTES])
{
	sha256_digest(&sha->state, TMO_SHA256_BYTES, digest);
}

void
tmo_sha256_of(const void *data, size_t size, unsigned char digest[TMO_SHA256_BYTES])
{
	struct tmo_sha256 sha;

	tmo_sha256_begin(&sha);
	tmo_sha256_add(&sha, data, size);
	tmo_sha256_end(&sha, digest);
}
