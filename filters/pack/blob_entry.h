/* SPDX-License-Identifier: Apache-2.0 */
/* blob_entry.h: the parts of one tensor as they follow each other in tensors.bin. */
#ifndef PACK_BLOB_ENTRY_H
#define PACK_BLOB_ENTRY_H

#include "archive.h"
#include "base/buffer.h"

/* Where the blob goes, one of the two: the file that becomes tensors.bin, or memory for a trial. */
struct blob_output {
	struct digested_file *file;
	struct tmo_buffer *memory;
};

/*
 * Appends the parts of entry number `entry` of a->index, which still are as they came, in a->raw.
 * part[], which has room for all of them, becomes what they are in the blob: coding, offset, length.
 * Borrowed pointers (paths) are copied as they are. In a file the entry's digest begins with its first
 * part, behind what aligns that.
 */
int pack_blob_entry(const struct archive *a, size_t entry, const struct preference *preference,
                    struct blob_output *to, struct tmo_packed_part *part, struct tmo_error *err);

#endif
