/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An index (tensors.yaml) that is read can be written, reads back, is written the same; and every
 * entry makes members out of any bytes of its blob, or says why not. SHA256SUMS likewise.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/sha256.h"
#include "stream/packed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BLOB_MAX (1 << 16)	/* entries with more bytes are not restored: time, not errors */

/* Restores an entry from bytes that are all `value`, under the digest that they have. */
static void
restore(struct tmo_packed_tensor *t, int value)
{
	unsigned char *blob, digest[TMO_SHA256_BYTES];
	struct tmo_members parts = {0};
	struct tmo_error err = {0};

	if (t->bytes > BLOB_MAX || (blob = malloc(t->bytes > 0 ? t->bytes : 1)) == NULL)
		return;
	memset(blob, value, t->bytes);
	tmo_sha256_of(blob, t->bytes, digest);
	memcpy(t->digest, digest, sizeof t->digest);
	if (tmo_packed_restore(t, blob, t->bytes, &parts, &err) < 0 && err.kind == TMO_ERROR_NONE)
		abort();
	tmo_members_free(&parts);
	free(blob);
}

static void
check_index(const uint8_t *data, size_t size)
{
	struct tmo_packed_index index = {0}, again = {0};
	struct tmo_buffer first = {0}, second = {0};
	struct tmo_error err = {0};

	if (tmo_packed_parse(data, size, &index, &err) < 0) {
		if (err.kind == TMO_ERROR_NONE)
			abort();
		return;
	}
	/* a tensor.yaml that no writer would put there may be refused, see tmo_packed_yaml_fits */
	if (tmo_packed_emit(&index, &first, &err) == 0
	    && (tmo_packed_parse(first.data, first.size, &again, &err) < 0
	        || tmo_packed_emit(&again, &second, &err) < 0
	        || first.size != second.size || memcmp(first.data, second.data, first.size) != 0))
		abort();
	for (size_t i = 0; i < index.count; i++) {
		restore(&index.tensor[i], 0);
		restore(&index.tensor[i], 0xa5);
	}
	tmo_packed_free(&index);
	tmo_packed_free(&again);
	tmo_buffer_free(&first);
	tmo_buffer_free(&second);
}

static void
check_sums(const uint8_t *data, size_t size)
{
	struct tmo_sha256sums sums = {0}, again = {0};
	struct tmo_buffer first = {0};
	struct tmo_error err = {0};

	if (tmo_sha256sums_parse(data, size, &sums, &err) == 0
	    && (tmo_sha256sums_emit(&sums, &first, &err) < 0
	        || tmo_sha256sums_parse(first.data, first.size, &again, &err) < 0
	        || again.count != sums.count))
		abort();
	tmo_sha256sums_free(&sums);
	tmo_sha256sums_free(&again);
	tmo_buffer_free(&first);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	check_index(data, size);
	check_sums(data, size);
	return 0;
}
