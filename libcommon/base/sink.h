/* SPDX-License-Identifier: Apache-2.0 */
/* sink.h: where bytes go: a descriptor, memory, or either of them compressed. */
#ifndef TMO_SINK_H
#define TMO_SINK_H

#include <stdint.h>
#include "base/buffer.h"

/* A place where bytes go. */
struct tmo_sink;
struct tmo_sink *tmo_sink_fd(int fd, struct tmo_error *err);		/* fd stays the caller's */
/* What a failure to write to the descriptor is about: "out.tar". Borrowed. */
void tmo_sink_call(struct tmo_sink *s, const char *name);
struct tmo_sink *tmo_sink_memory(struct tmo_buffer *b, struct tmo_error *err);	/* borrowed */
/*
 * Compresses into `to` (borrowed): one frame, checksum on, nbWorkers = max(1, threads), the size
 * pledged. Exactly `size` bytes must be written. The bytes do not depend on threads.
 */
struct tmo_sink *tmo_sink_zstd(struct tmo_sink *to, int level, int threads, uint64_t size,
                               struct tmo_error *err);
/*
 * Has step(arg, compressed) called now and then with how many of the bytes that were written are compressed;
 * most of them when all are written. Not called, if this libzstd does not tell. NULL: no longer.
 */
void tmo_sink_on_step(struct tmo_sink *zstd, void (*step)(void *arg, uint64_t compressed), void *arg);
int tmo_sink_write(struct tmo_sink *s, const void *data, size_t size, struct tmo_error *err);
/* Everything out: flush, and for zstd the end of the frame. Call it once, last. */
int tmo_sink_finish(struct tmo_sink *s, struct tmo_error *err);
uint64_t tmo_sink_count(const struct tmo_sink *s);	/* bytes written into it so far */
void tmo_sink_close(struct tmo_sink *s);		/* frees; discards what is unflushed */

#endif
