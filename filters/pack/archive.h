/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: a packed stream as it grows, in temporary files and an index. */
#ifndef PACK_ARCHIVE_H
#define PACK_ARCHIVE_H

#include "base/sink.h"
#include "base/string_map.h"
#include "choose_coding.h"
#include "spool.h"
#include "stream/packed.h"

/* A member that is no tensor: its bytes in the spool of the others. */
struct other {
	char *path;
	uint64_t offset, size;
	unsigned char digest[TMO_SHA256_BYTES];
};

struct others {
	size_t count, room;
	struct other *other;
};

/* What is known of a tensor's codes before it is decided how they are written. */
struct codes {
	bool any;
	size_t part;			/* which of its parts they are */
	struct candidates candidates;
};

struct archive {
	/* Until archive_lay_out, offsets and lengths are those in `raw`, where nothing is coded. */
	struct tmo_packed_index index;
	struct codes *codes;		/* one for each entry */
	size_t room, codes_room;	/* entries that there is room for */
	struct spool raw, blob;		/* the parts as they came; tensors.bin */
	unsigned char blob_digest[TMO_SHA256_BYTES];
	struct spool spooled;		/* the others' bytes */
	struct tmo_string_map *paths;	/* members that the packed stream has already */
	struct others before, waiting;	/* the tensors; for the next tensor, or the end */
	const struct tmo_members *head;	/* borrowed: model.yaml, graph.onnx */
};

int archive_open(struct archive *a, const struct tmo_members *head, const char *temporary_dir,
                 struct tmo_error *err);
void archive_close(struct archive *a);

/* The next entry of the index; valid until the one after it. Others that wait go before it. */
struct tmo_packed_tensor *archive_tensor(struct archive *a, const char *path,
                                         struct tmo_error *err);
/* The codes of the entry at hand, to be filled. */
struct codes *archive_codes(struct archive *a);
/* After the last item: others that cannot be members of the packed stream become entries. */
int archive_settle(struct archive *a, struct tmo_error *err);
/* The next member that is no tensor; its data is to be written to a->spooled after that. */
int archive_begin_other(struct archive *a, const char *path, struct tmo_error *err);
void archive_end_other(struct archive *a);

/*
 * Few codes are not worth threads: the candidates of such parts are measured here, together, after
 * archive_settle.
 */
bool is_measured_later(const struct tmo_packed_part *part);
int archive_measure_small(struct archive *a, int level, int threads, struct tmo_error *err);

/*
 * Decides how all codes are written and writes the blob: see blob_layout.c. Nothing may be added after it.
 */
int archive_lay_out(struct archive *a, int level, int threads, struct tmo_error *err);

/* The whole packed stream, laid out, to sink; in one zstd frame unless level is 0. */
int archive_write(const struct archive *a, struct tmo_sink *sink, int level, int threads,
                  struct tmo_error *err);

#endif
