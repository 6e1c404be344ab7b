/* SPDX-License-Identifier: Apache-2.0 */
/* blob_layout.h: the parts of the tensors as they follow each other in the blob. */
#ifndef PACK_BLOB_LAYOUT_H
#define PACK_BLOB_LAYOUT_H

#include "archive.h"
#include "base/buffer.h"

/* Where the blob goes: a file, or memory for a trial. */
struct place {
	struct spool *file;
	struct tmo_buffer *memory;
};

/* One entry to the end of `to`; part[] becomes what its parts are there. */
int layout_entry(const struct archive *a, size_t entry, const struct leaning *leaning,
                 struct place *to, struct tmo_packed_part *part, struct tmo_error *err);

/* Whether an entry is small enough for what stands around it to matter: see coding_preference.c. */
bool trial_covers(const struct archive *a, size_t entry);
/* The leaning that makes the smallest archive, for those entries. */
int trial_leaning(const struct archive *a, int level, int threads, struct leaning *leaning,
                  struct tmo_error *err);

#endif
