/* SPDX-License-Identifier: Apache-2.0 */
/* archive.h: a packed stream as it grows, in temporary files and an index. */
#ifndef PACK_ARCHIVE_H
#define PACK_ARCHIVE_H

#include "base/sink.h"
#include "base/string_map.h"
#include "choose_coding.h"
#include "digested_file.h"
#include "expense.h"
#include "stream/packed.h"

/*
 * The order of calls: pack_archive_open; for each item of the stream pack_archive_tensor, or
 * pack_archive_begin_other and _end_other; then pack_archive_end, pack_archive_measure,
 * pack_archive_lay_out, pack_archive_write; pack_archive_close at any time.
 */

/* A member that is no tensor; its bytes are in archive.other_bytes. */
struct other {
	char *path;			/* owned */
	uint64_t offset, size;
	unsigned char digest[TMO_SHA256_BYTES];
};

struct others {
	size_t count, room;
	struct other *other;		/* owned */
};

/* What is known of a tensor's codes before it is decided how they are written. */
struct codes {
	bool any;			/* it has codes that can be written in several ways */
	size_t part;			/* which of its parts they are */
	struct candidates candidates;
};

/* An entry is what the index has one of: a tensor, or another member that goes into the blob. */
struct archive {
	/* Until pack_archive_lay_out offsets and lengths are those in `raw`, nothing is coded. */
	struct tmo_packed_index index;
	struct codes *codes;		/* one for each entry */
	size_t room, codes_room;	/* entries that there is room for */
	struct digested_file raw;	/* the parts of all entries as they came */
	struct digested_file blob;	/* what becomes tensors.bin */
	unsigned char blob_digest[TMO_SHA256_BYTES];
	struct digested_file other_bytes;	/* of `before` and `waiting`, one after the other */
	struct tmo_string_map *paths;	/* of members that the packed stream has already */
	struct others before;		/* those that stay members, before tensors.yaml */
	struct others waiting;		/* entries if a tensor follows, else members behind the blob */
	const struct tmo_members *head;	/* borrowed: model.yaml, graph.onnx */
	struct expense expense;		/* of what was added so far; for the progress bar */
};

/*
 * head must live as long as the archive, which is packed for this run. It is to be compressed at `level`
 * if `compresses`, else codings are measured at that. pack_archive_close may follow a failure too.
 */
int pack_archive_open(struct archive *a, const struct tmo_members *head, struct tmo_run *run, int level,
                      bool compresses, struct tmo_error *err);
void pack_archive_close(struct archive *a);

/*
 * A new entry, with no parts yet, or NULL: the caller fills it, and appends the parts' bytes to a->raw.
 * It is valid until the next call. Others that wait become entries before it.
 */
struct tmo_packed_tensor *pack_archive_tensor(struct archive *a, const char *path,
                                              struct tmo_error *err);
/* What is known of the codes of the entry that was added last, for the caller to fill. */
struct codes *pack_archive_codes(struct archive *a);

/* A member that is no tensor: between the two its data is appended to a->other_bytes. */
int pack_archive_begin_other(struct archive *a, const char *path, struct tmo_error *err);
void pack_archive_end_other(struct archive *a);

/* After the last item: others whose name a member of the packed stream has become entries. */
int pack_archive_end(struct archive *a, struct tmo_error *err);

/*
 * Whether a part has so few codes that they are not worth threads of their own: the candidates of such
 * parts are left empty, and pack_archive_measure measures all of them together.
 */
bool pack_measured_later(const struct tmo_packed_part *part);
int pack_archive_measure(struct archive *a, struct tmo_error *err);

/*
 * Decides how all codes are written, so that zstd makes least of them, and writes the
 * blob. The index then says where each part is in it. No entry may be added after that.
 */
int pack_archive_lay_out(struct archive *a, struct tmo_error *err);

/* Writes the whole packed stream to sink, which is not finished; in one zstd frame if it compresses. */
int pack_archive_write(const struct archive *a, struct tmo_sink *sink, struct tmo_error *err);

#endif
