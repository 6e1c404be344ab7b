/* SPDX-License-Identifier: Apache-2.0 */
/* io.h: bytes in and out, over descriptors, memory and zstd. Layer 0: knows only errors. */
#ifndef TMO_IO_H
#define TMO_IO_H

#include <stdint.h>
#include <sys/types.h>
#include "tmo.h"

#define TMO_IO_BLOCK ((size_t)1 << 18)	/* what one read(2) asks for */

/* A growing byte string. {0} is empty; data is owned, freed by tmo_buffer_free. */
struct tmo_buffer {
	unsigned char *data;
	size_t size, room;
};
int tmo_buffer_append(struct tmo_buffer *b, const void *data, size_t size, struct tmo_error *err);
int tmo_buffer_reserve(struct tmo_buffer *b, size_t more, struct tmo_error *err);
int tmo_buffer_printf(struct tmo_buffer *b, struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void tmo_buffer_free(struct tmo_buffer *b);

/* *out = a * b, a + b; fails with "too large" on overflow. */
int tmo_mul_size(size_t a, size_t b, size_t *out, struct tmo_error *err);
int tmo_add_size(size_t a, size_t b, size_t *out, struct tmo_error *err);
/* calloc and strdup with a message; never NULL for a size of 0. */
void *tmo_alloc(size_t count, size_t size, struct tmo_error *err);
char *tmo_copy_string(const char *text, struct tmo_error *err);
/*
 * Room for one element of `size` bytes after the first `count` of an array that doubles. array points
 * to the pointer to it, which is NULL while *room is 0; a failure leaves both as they were.
 */
int tmo_grow(void *array, size_t count, size_t *room, size_t size, struct tmo_error *err);

/* read(2)/write(2)/pread(2) of all the bytes, EINTR and short counts handled. *got < size: the end. */
int tmo_read_full(int fd, void *data, size_t size, size_t *got, struct tmo_error *err);
int tmo_pread_full(int fd, void *data, size_t size, uint64_t offset, size_t *got,
                   struct tmo_error *err);
int tmo_write_full(int fd, const void *data, size_t size, struct tmo_error *err);

/* An unlinked temporary file in dir (NULL: /tmp), open for reading and writing; -1 on failure. */
int tmo_temporary(const char *dir, struct tmo_error *err);
/* One with all that is left to read from fd, at its start; fd stays the caller's. -1 on failure. */
int tmo_copy_to_temporary(int fd, const char *dir, struct tmo_error *err);

/*
 * size bytes, of which nobody knows yet whether they are there: memory grows as they come, from
 * 64 MiB on, so that a false size costs no more than the file has. read gets the next bytes, in
 * order, all of them or it fails; it may write one byte more, to find that there is none. *data is
 * the caller's, from malloc; NULL on failure.
 */
int tmo_take(uint64_t size, int (*read)(void *arg, void *data, size_t size, struct tmo_error *err),
             void *arg, void **data, struct tmo_error *err);

/*
 * If fd is a pipe, it holds as much as there can be: its two programs then wait for each other less
 * often (measured: three programs on 100 MB of weights took half as long again with 64 KiB).
 */
void tmo_pipe_widen(int fd);

/*
 * A source of bytes. The bytes [next, next + left) are at hand; tmo_source_fill gets more once
 * left is 0, and leaves left at 0 only at the end.
 */
struct tmo_source {
	const unsigned char *next;
	size_t left;
	int (*fill)(struct tmo_source *s, struct tmo_error *err);
	void (*close)(struct tmo_source *s);
	uint64_t consumed;		/* bytes taken so far */
	struct tmo_source *under;	/* what a zstd source reads from; borrowed */
	bool at_end;			/* the archive's first zero block was seen: what a tee gets from
					   now on can complete the stream, so a gate holds it back */
};
/* fd stays the caller's. */
struct tmo_source *tmo_source_fd(int fd, struct tmo_error *err);
struct tmo_source *tmo_source_memory(const void *data, size_t size, struct tmo_error *err);
/* The decompressed bytes of `packed` (zstd frames, one or more), which is borrowed. */
struct tmo_source *tmo_source_zstd(struct tmo_source *packed, struct tmo_error *err);
bool tmo_source_is_zstd(const struct tmo_source *s);	/* by the first four bytes at hand */
int tmo_source_fill(struct tmo_source *s, struct tmo_error *err);
void tmo_source_take(struct tmo_source *s, size_t n);	/* n of the bytes at hand are used up */
/* Reads exactly size bytes, or up to the end: *got says how many. */
int tmo_source_read(struct tmo_source *s, void *data, size_t size, size_t *got,
                    struct tmo_error *err);
void tmo_source_close(struct tmo_source *s);
void tmo_source_set_at_end(struct tmo_source *s);	/* and of those under it */

/*
 * Has every block that is used up handed to fn, before the next is read: what a pass-through
 * forwards. fn never sees the last block before tmo_source_close, so that it can hold it back.
 */
void tmo_source_tee(struct tmo_source *fd_source,
                    int (*fn)(void *arg, const void *data, size_t size, struct tmo_error *err),
                    void *arg);
/* Hands the block at hand to the tee: for the caller that has seen the end. */
int tmo_source_tee_rest(struct tmo_source *fd_source, struct tmo_error *err);

/* A place where bytes go. */
struct tmo_sink;
struct tmo_sink *tmo_sink_fd(int fd, struct tmo_error *err);		/* fd stays the caller's */
struct tmo_sink *tmo_sink_memory(struct tmo_buffer *b, struct tmo_error *err);	/* borrowed */
/*
 * Compresses into `to` (borrowed): one frame, checksum on, nbWorkers = max(1, threads), the size
 * pledged. Exactly `size` bytes must be written. The bytes do not depend on threads.
 */
struct tmo_sink *tmo_sink_zstd(struct tmo_sink *to, int level, int threads, uint64_t size,
                               struct tmo_error *err);
int tmo_sink_write(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err);
/* Everything out: flush, and for zstd the end of the frame. Call it once, last. */
int tmo_sink_finish(struct tmo_sink *s, struct tmo_error *err);
uint64_t tmo_sink_count(const struct tmo_sink *s);	/* bytes written into it so far */
void tmo_sink_close(struct tmo_sink *s);		/* frees; discards what is unflushed */

#endif
