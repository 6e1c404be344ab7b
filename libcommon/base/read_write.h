/* SPDX-License-Identifier: Apache-2.0 */
/* read_write.h: descriptors: whole reads and writes, temporary files, pipes. */
#ifndef TMO_READ_WRITE_H
#define TMO_READ_WRITE_H

#include <stdint.h>
#include "tmo.h"

#define TMO_IO_BLOCK ((size_t)1 << 18)	/* what one read(2) asks for */

/* read(2)/write(2)/pread(2) of all the bytes, EINTR and short counts handled. *got < size: the end. */
int tmo_read_full(int fd, void *data, size_t size, size_t *got, struct tmo_error *err);
int tmo_pread_full(int fd, void *data, size_t size, uint64_t offset, size_t *got,
                   struct tmo_error *err);
int tmo_write_full(int fd, const void *data, size_t size, struct tmo_error *err);

/* An unlinked temporary file in dir (NULL: /tmp), open for reading and writing; -1 on failure. */
int tmo_temporary(const char *dir, struct tmo_error *err);
/* tmo_write_full into one; dir is where it was made, for the message. */
int tmo_write_temporary(int fd, const char *dir, const void *data, size_t size, struct tmo_error *err);
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

#endif
