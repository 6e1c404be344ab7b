/* SPDX-License-Identifier: Apache-2.0 */
/* source.h: where bytes come from: a descriptor, memory, or either of them decompressed. */
#ifndef TMO_SOURCE_H
#define TMO_SOURCE_H

#include <stdint.h>
#include "tmo.h"

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
/* Frees; NULL is fine. Descriptors, memory and sources below stay the caller's. */
void tmo_source_close(struct tmo_source *s);

/*
 * Has every block that is used up handed to fn, before the next is read: what a pass-through
 * forwards. The last one only tmo_source_tee_rest hands over. NULL: no longer.
 */
void tmo_source_tee(struct tmo_source *fd_source,
                    int (*fn)(void *arg, const void *data, size_t size, struct tmo_error *err),
                    void *arg);
/* Hands the block at hand to the tee, if there is one: for the caller that has seen the end. */
int tmo_source_tee_rest(struct tmo_source *fd_source, struct tmo_error *err);

/*
 * Has wait(arg, true) called before anything is read from the descriptor, which may take as long as
 * whoever writes there wants, and wait(arg, false) after it. NULL: no longer.
 */
void tmo_source_on_wait(struct tmo_source *fd_source, void (*wait)(void *arg, bool waits), void *arg);

#endif
