/* SPDX-License-Identifier: Apache-2.0 */
/* reader.h: what reader.c (plain streams) and reader_packed.c share. Private to the reader. */
#ifndef TMO_READER_H
#define TMO_READER_H

#include "base/sha256.h"
#include "base/source.h"
#include "base/string_map.h"
#include "stream/packed.h"
#include "stream/spool.h"
#include "stream/stream.h"
#include "yaml/yaml.h"

struct tmo_reader {
	struct tmo_source *src, *unzipped;	/* borrowed; owned, NULL if src is no zstd */
	tmo_reader_tee *tee;
	void *tee_arg;
	struct tmo_tar_reader *tar;
	uint64_t limit;				/* bytes of one member, or tensor, in memory */
	struct tmo_string_map *names;		/* member stem -> whole encoded name */
	struct tmo_string_map *seen;			/* tensor names so far */

	struct tmo_yaml *manifest;
	struct tmo_member *graph;
	struct tmo_members head;			/* model.yaml and graph.onnx, as they came */
	struct tmo_spool held;			/* others before the first tensor */
	size_t held_next;

	bool pending;				/* the member after the current item is at hand */
	const char *pending_path;		/* borrowed from tar */
	uint64_t pending_size;

	/* the current item */
	char *path, *name;
	struct tmo_members parts;
	bool streaming;				/* its data is still in tar */
	const unsigned char *head_left;		/* of an "other": a .npy header still to give */
	size_t head_left_bytes;
	const struct tmo_spool_member *held_item;
	uint64_t held_at;
	unsigned char *held_block;

	/* packed streams */
	bool packed;
	bool summed;				/* SHA256SUMS was the first member */
	struct tmo_sha256sums sums;
	struct tmo_error sums_error;		/* a mismatch in the head; counts if it is packed */
	struct tmo_packed_index index;
	size_t entry;				/* the next one */
	uint64_t blob_at;
	struct tmo_spool blob;			/* tensors.bin, if it came before tensors.yaml */
	struct tmo_sha256 *digest;		/* of the member that comes from tar */
	char *digest_path;			/* whose it is; NULL: none */
};

/* Moves on to the next member of the archive, or to the one that is pending. */
int tmo_reader_advance(struct tmo_reader *r, const char **path, uint64_t *size,
                      struct tmo_error *err);
/* Whether so many bytes may be taken into memory; the error says what to do. */
int tmo_reader_allows(const struct tmo_reader *r, uint64_t bytes, struct tmo_error *err);
/* A whole member into memory; in chunks, so that a header that lies takes no memory. */
int tmo_reader_take(struct tmo_reader *r, uint64_t size, void **data, struct tmo_error *err);
/* Fills item from r->parts, a tensor's; name is taken from the path. */
int tmo_reader_tensor_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err);
/* All members of the folder r->path, the first of which (path) is at hand. */
int tmo_reader_take_folder(struct tmo_reader *r, const char *path, struct tmo_error *err);
/* The header of a .npy into part; the data is next in tar. */
int tmo_reader_take_npy_head(struct tmo_reader *r, struct tmo_member *part, struct tmo_error *err);
/* Takes in what a names.yaml member maps. */
int tmo_reader_names_member(struct tmo_reader *r, const void *data, size_t size,
                            struct tmo_error *err);

/* The head: everything before the first tensor; leaves the member after it pending. */
int tmo_reader_read_head(struct tmo_reader *r, struct tmo_error *err);

/* At tensors.yaml or tensors.bin, which is pending: everything up to the first entry. */
int tmo_reader_begin_packed(struct tmo_reader *r, struct tmo_error *err);
/* The next entry as parts; only while r->entry < r->index.count. */
int tmo_reader_next_packed(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err);
/* After the last entry: the rest of the blob, its digest. Harmless if done already. */
int tmo_reader_end_blob(struct tmo_reader *r, struct tmo_error *err);

/* SHA-256 of what comes from tar: begin a member, see its bytes, end it (compares). */
int tmo_reader_digest_begin(struct tmo_reader *r, const char *path, struct tmo_error *err);
void tmo_reader_digest_see(void *reader, const void *data, size_t size);
int tmo_reader_digest_end(struct tmo_reader *r, struct tmo_error *err);

#endif
