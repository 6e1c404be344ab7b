/* SPDX-License-Identifier: Apache-2.0 */
/* pipe_peek.h: what comes through a pipe, looked at without taking it away. */
#ifndef TMO_PIPE_PEEK_H
#define TMO_PIPE_PEEK_H

#include "tmo.h"

/*
 * Up to size bytes at the front of the pipe fd; waits until they are there or the writer is gone.
 * *got is 0 where nothing can be seen: fd is no pipe, or its writer never wrote.
 */
int tmo_pipe_peek(int fd, unsigned char *head, size_t size, size_t *got, struct tmo_error *err);

#endif
