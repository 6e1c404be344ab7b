/* SPDX-License-Identifier: Apache-2.0 */
/* blob_layout.c: tensors.bin as a whole: all entries, each in the codings that suit it. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "blob_entry.h"
#include "coding_preference.h"

int
pack_archive_lay_out(struct archive *a, struct tmo_error *err)
{
	struct blob_output to = {.file = &a->blob};
	unsigned char digest[TMO_SHA256_BYTES];
	const struct preference none = NO_PREFERENCE;
	struct preference preference;
	struct tmo_packed_part *part;

	if (pack_find_preference(a, &preference, err) < 0)
		return -1;
	for (size_t i = 0; i < a->index.count; i++) {
		struct tmo_packed_tensor *t = &a->index.tensor[i];

		if ((part = tmo_alloc(t->part_count, sizeof(*part), err)) == NULL)
			return -1;
		if (pack_blob_entry(a, i, pack_preference_covers(a, i) ? &preference : &none, &to,
		                    part, err) < 0) {
			free(part);
			return -1;
		}
		free(t->part);
		t->part = part;
		pack_file_digest_entry(&a->blob, digest);
		memcpy(t->digest, digest, sizeof(t->digest));
	}
	pack_file_digest_all(&a->blob, a->blob_digest);
	return 0;
}
