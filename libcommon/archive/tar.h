/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tmo tar.h: POSIX tar archives, one member after the other. libtar encodes and checks
 * the header blocks; blocks, 64-bit sizes, pax records and the end are ours (see tmo-stream(5)).
 */
#ifndef TMO_TAR_H
#define TMO_TAR_H

#include "base/sink.h"
#include "base/source.h"


#define TMO_TAR_BLOCK 512
#define TMO_TAR_PATH_MAX 32768		/* longer member names are refused */

struct tmo_tar_reader;

/* Reads ustar, GNU (long names, base-256 sizes) and pax (path, size). src is borrowed. */
struct tmo_tar_reader *tmo_tar_reader_new(struct tmo_source *src, struct tmo_error *err);
void tmo_tar_reader_free(struct tmo_tar_reader *r);

/*
 * The next regular member: *path (a leading ./ stripped, borrowed until the next call) and size.
 * What was left of the one before is skipped, as are directories. At the end of the archive *path
 * is NULL and the input was read to its end, where only zeros may follow the two zero blocks.
 * Links, devices, absolute paths and ".." are refused, an archive that stops short is an error.
 */
int tmo_tar_next(struct tmo_tar_reader *r, const char **path, uint64_t *size,
                 struct tmo_error *err);
/* Reads exactly size bytes of the member's data; asking for more than is left is an error. */
int tmo_tar_read(struct tmo_tar_reader *r, void *data, size_t size, struct tmo_error *err);
/* Some of the member's data in place: *data has *size bytes, 0 at its end; valid until the next. */
int tmo_tar_read_some(struct tmo_tar_reader *r, const void **data, size_t *size,
                      struct tmo_error *err);
/* What the next tmo_tar_read_some will give, or the front of it: none of it is used up. */
int tmo_tar_peek(struct tmo_tar_reader *r, const void **data, size_t *size, struct tmo_error *err);
uint64_t tmo_tar_left(const struct tmo_tar_reader *r);
/* Whether one header was right: what has none is no archive. */
bool tmo_tar_begun(const struct tmo_tar_reader *r);
/* Whether the first of the two zero blocks was seen; true before anything behind it is read. */
bool tmo_tar_ended(const struct tmo_tar_reader *r);
/*
 * From now on what no digest covers must be right: what fills a member's last block is zeros, and
 * all headers, from the first on, are byte for byte what tmo_tar_begin writes, or none is.
 */
void tmo_tar_be_strict(struct tmo_tar_reader *r);

/* Writes ustar, with GNU long names and base-256 sizes where that cannot; 0644, mtime 0, ids 0. */
struct tmo_tar_writer;
struct tmo_tar_writer *tmo_tar_writer_new(struct tmo_sink *sink, struct tmo_error *err);
void tmo_tar_writer_free(struct tmo_tar_writer *w);
int tmo_tar_begin(struct tmo_tar_writer *w, const char *path, uint64_t size,
                  struct tmo_error *err);
int tmo_tar_write(struct tmo_tar_writer *w, const void *data, size_t size, struct tmo_error *err);
/* The two zero blocks. Exactly the announced bytes of every member must have been written. */
int tmo_tar_finish(struct tmo_tar_writer *w, struct tmo_error *err);
/* Bytes that a member takes in the archive, its header blocks and padding with it. */
uint64_t tmo_tar_member_bytes(const char *path, uint64_t size);

#endif
