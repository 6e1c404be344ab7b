/* SPDX-License-Identifier: Apache-2.0 */
/*
 * packed.h: the packed form (tmo-stream(5), PACKED FORM): its index tensors.yaml, the codings of
 * parts in its blob tensors.bin, and SHA256SUMS.
 *
 * Members of a packed stream: SHA256SUMS, model.yaml, graph.onnx, others that stood before the
 * first tensor, tensors.yaml, tensors.bin, others that stood behind the last tensor. Others that
 * stood between two tensors are entries of the index, and their bytes are in the blob, so that a
 * reader of a pipe meets everything in its place. A second member of one path (names.yaml comes as
 * often as it is needed) is such an entry too, also behind the last tensor.
 *
 * A coding turns the bytes of one part into bytes of the blob and back, given the array's type and
 * shape; all but `file` leave the .npy header out, which is the one that tmo writes:
 *
 *	plain     the data as it is
 *	bitsB     integer codes of B bits each, as in bit_packing.h
 *	maskB:C   ceil(n / 8) bytes that say which codes are not C, then those as in bitsB
 *	file      the member's bytes verbatim, .npy header and all if there is one
 */
#ifndef TMO_PACKED_H
#define TMO_PACKED_H

#include "base/buffer.h"
#include "codec/bit_packing.h"
#include "stream/stream.h"

#define TMO_PACKED_SUMS "SHA256SUMS"
#define TMO_PACKED_INDEX "tensors.yaml"
#define TMO_PACKED_BLOB "tensors.bin"

enum tmo_coding { TMO_CODING_PLAIN, TMO_CODING_BITS, TMO_CODING_MASK, TMO_CODING_FILE };

/* One part of a tensor in the blob. */
struct tmo_packed_part {
	char *path;		/* the member's whole name in the plain stream; owned */
	enum tmo_coding coding;
	int bits;		/* of codings bits and mask */
	uint64_t common;	/* of coding mask, as in tmo_mask_split */
	enum tmo_type type;	/* of the array; TMO_NONE for coding file */
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;		/* product of shape */
	uint64_t offset, length;	/* in the blob */
};

/* One tensor, or a member that stood between tensors: `other`, with one part of coding file. */
struct tmo_packed_tensor {
	bool other, encoded;
	char *path;		/* tensors/NAME.npy, or the folder tensors/NAME; owned */
	char *yaml;		/* tensor.yaml's text, owned; NULL: plain, or it is a part */
	size_t yaml_place;	/* how many parts stand before tensor.yaml */
	size_t part_count;	/* in the order of the stream; tensor.yaml is no part but `yaml` */
	struct tmo_packed_part *part;
	uint64_t offset, bytes;	/* in the blob: from its first part's start to its last one's end */
	unsigned char digest[16];	/* first 128 bits of the SHA-256 of those bytes */
};

struct tmo_packed_index {
	size_t count;
	struct tmo_packed_tensor *tensor;
	uint64_t bytes;		/* how long tensors.bin is */
};

/* tensors.yaml's text. `yaml` that is not made of plain words fails: see tmo_packed_yaml_fits. */
int tmo_packed_emit(const struct tmo_packed_index *index, struct tmo_buffer *out,
                    struct tmo_error *err);
/* Whether text (a tensor.yaml) can stand in the index; else it must be a part of coding file. */
bool tmo_packed_yaml_fits(const char *text, size_t size);

/*
 * Parses tensors.yaml into an empty index. Checks that offsets ascend, that parts do not overlap
 * and that lengths fit codings, types and shapes. The caller compares index->bytes with the size
 * of tensors.bin. Entries are in the order of the stream and of the blob; bytes of the blob
 * between two entries (padding, fewer than 8) are to be skipped. The caller frees the index; after a
 * failure it is empty.
 */
int tmo_packed_parse(const void *text, size_t size, struct tmo_packed_index *index,
                     struct tmo_error *err);
void tmo_packed_free(struct tmo_packed_index *index);

/*
 * The members of one entry, as they stood in the plain stream, from its `bytes` bytes of the blob,
 * which begin at its `offset`; checks the digest first. members must be empty.
 */
int tmo_packed_restore(const struct tmo_packed_tensor *t, const unsigned char *bytes, size_t size,
                       struct tmo_members *members, struct tmo_error *err);

/* SHA256SUMS: which digest each member has, in the order of the archive. */
struct tmo_sha256sums {
	size_t count, room, cursor;
	struct tmo_sha256sum {
		char *path;
		unsigned char digest[32];
		bool seen;		/* for the reader: the member was there */
	} *sum;
};
int tmo_sha256sums_add(struct tmo_sha256sums *sums, const char *path, const unsigned char digest[32],
                 struct tmo_error *err);
/* As sha256sum(1) writes and checks it. */
int tmo_sha256sums_emit(const struct tmo_sha256sums *sums, struct tmo_buffer *out, struct tmo_error *err);
int tmo_sha256sums_parse(const void *text, size_t size, struct tmo_sha256sums *sums, struct tmo_error *err);
/*
 * Compares a member's digest with the listed one and marks it seen. Fails if it differs, if the
 * member is not listed, or was seen before. tmo_sha256sums_complete fails if a listed one was not seen.
 */
int tmo_sha256sums_check(struct tmo_sha256sums *sums, const char *path, const unsigned char digest[32],
                   struct tmo_error *err);
int tmo_sha256sums_complete(const struct tmo_sha256sums *sums, struct tmo_error *err);
void tmo_sha256sums_free(struct tmo_sha256sums *sums);

#endif
