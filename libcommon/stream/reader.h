/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.h: what the files of the reader share; nobody else includes it.
 *
 * reader_head.c reads what stands before the first tensor and finds out what the archive is. What
 * follows comes from sources of members, one after the other: first what the head had to keep
 * (reader_kept.c), then a plain archive (reader_plain.c) or a packed one (reader_packed.c). reader.c makes
 * items of what they find, and knows none of them.
 */
#ifndef TMO_READER_H
#define TMO_READER_H

#include "base/sha256.h"
#include "base/source.h"
#include "base/string_map.h"
#include "stream/packed.h"
#include "stream/spool.h"
#include "stream/stream.h"
#include "yaml/yaml.h"

/* ---- reader_cursor.c: the archive, a member at a time ---- */

struct tmo_cursor {
	struct tmo_tar_reader *tar;	/* owned by the reader */
	uint64_t limit;			/* bytes of one member, or tensor, in memory */
	tmo_reader_skipped *skipped;	/* NULL: nobody wants to know */
	void *skipped_arg;
	bool again;			/* the member at hand comes once more */
	const char *path;		/* borrowed from tar; NULL: the end */
	uint64_t size;
};

/* Moves on, past what macOS's tar adds of its own; *path is NULL at the end, else borrowed until the next move. */
int tmo_cursor_next(struct tmo_cursor *c, const char **path, uint64_t *size, struct tmo_error *err);
/* The member at hand, of which nothing was read, is what tmo_cursor_next finds next. */
void tmo_cursor_back(struct tmo_cursor *c);
/*
 * `size` bytes of the member at hand into memory that the caller frees; in steps, so that a header that
 * lies takes none. Fails beyond the limit.
 */
int tmo_cursor_take(struct tmo_cursor *c, uint64_t size, void **data, struct tmo_error *err);
/* The header of a .npy into m; the data is next. */
int tmo_cursor_take_npy_head(struct tmo_cursor *c, struct tmo_member *m, struct tmo_error *err);

/* ---- reader_check.c: members against SHA256SUMS ---- */

struct tmo_check {
	bool on;			/* SHA256SUMS was the first member; else these do nothing */
	struct tmo_sha256sums sums;
	struct tmo_sha256 sha;
	char *path;			/* of the member whose bytes are seen; owned; NULL: none */
};

int tmo_check_begin(struct tmo_check *c, const char *path, struct tmo_error *err);
void tmo_check_see(void *check, const void *data, size_t size);
/* Compares; harmless where nothing was begun. */
int tmo_check_end(struct tmo_check *c, struct tmo_error *err);
void tmo_check_free(struct tmo_check *c);

/* ---- sources of members ---- */

/* What a source has found: a tensor or another member. {0} is nothing. */
struct tmo_found {
	char *path;			/* owned; of the folder, of the .npy, of the member; NULL: the end */
	bool tensor;			/* a folder's members, or a .npy */
	struct tmo_members members;	/* what of it is in memory */
	bool streaming;			/* the data of its only member is still to be read: */
	uint64_t left;			/* so many bytes */
	uint64_t bytes;			/* as tmo_item has them */
};

struct tmo_member_source {
	/* Moves on to what is next, into an empty found. Errors say where. */
	int (*next)(struct tmo_member_source *s, struct tmo_found *found, struct tmo_error *err);
	/* Some of what is streaming: *data has *size bytes, 0 at its end; valid until the next call. */
	int (*some)(struct tmo_member_source *s, const void **data, size_t *size,
	            struct tmo_error *err);
	/* All `size` bytes of it, none of which were read, into memory that the caller frees. */
	int (*take)(struct tmo_member_source *s, uint64_t size, void **data, struct tmo_error *err);
	void (*close)(struct tmo_member_source *s);	/* frees s */
};

/* What they are given is borrowed. held: from member number `first` on. */
struct tmo_member_source *tmo_kept_source(const struct tmo_spool *held, size_t first,
                                          struct tmo_error *err);
struct tmo_member_source *tmo_plain_source(struct tmo_cursor *c, struct tmo_error *err);
/*
 * At tensors.yaml or tensors.bin, which comes next. Reads up to the first entry; other members that
 * stand there go to held.
 */
struct tmo_member_source *tmo_packed_source(struct tmo_cursor *c, struct tmo_check *check,
                                            struct tmo_spool *held, struct tmo_error *err);

/* ---- the reader ---- */

enum { TMO_KEPT, TMO_ARCHIVE, TMO_SOURCES };

struct tmo_reader {
	struct tmo_source *src, *unzipped;	/* borrowed; owned, NULL if src is no zstd */
	tmo_reader_tee *tee;
	void *tee_arg;
	struct tmo_cursor cursor;
	struct tmo_check check;
	struct tmo_string_map *names;		/* member stem -> whole encoded name */
	struct tmo_string_map *seen;		/* tensor names so far */

	struct tmo_yaml *manifest;
	struct tmo_member *graph;
	struct tmo_members head;		/* model.yaml and graph.onnx, as they came */
	struct tmo_spool held;			/* others before the first tensor */
	bool packed;

	struct tmo_member_source *source[TMO_SOURCES];
	size_t current;				/* source */
	struct tmo_found found;			/* the current item */
	char *name;				/* its, if it is a tensor */
	const unsigned char *head_left;		/* of an "other": a .npy header still to give */
	size_t head_left_bytes;
	bool given;				/* what is in memory was given piece by piece */
};

/* reader_names.c: takes in a manifest's `names`, or the text of a names.yaml member. */
int tmo_reader_add_names(struct tmo_reader *r, const struct tmo_yaml *map, struct tmo_error *err);
int tmo_reader_names_member(struct tmo_reader *r, const void *data, size_t size,
                            struct tmo_error *err);

/* reader_head.c: everything before the first tensor; makes the sources of the rest. */
int tmo_reader_read_head(struct tmo_reader *r, struct tmo_error *err);

/* reader_item.c: what r->found is, into item, which is empty. */
int tmo_reader_item(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err);

#endif
