/* SPDX-License-Identifier: Apache-2.0 */
/* process.h: starting one process. */
#ifndef PROCESS_H
#define PROCESS_H

#include <sys/types.h>
#include "tmo.h"

#define TMO_PROCESS_DESCRIPTORS 5	/* 0 to 2, the copy of the input, where progress is told */
#define TMO_PROCESS_PROGRESS 4

/*
 * Starts the program at path with default signals and nothing blocked. fd[i], if not -1, becomes
 * its descriptor i; no other descriptor of ours is handed down (they are all close-on-exec). group
 * is the process group that it joins, 0: one of its own.
 */
int tmo_process_start(const char *path, char *const *argv, const int fd[TMO_PROCESS_DESCRIPTORS],
                      pid_t group,
                      pid_t *pid, struct tmo_error *err);

int tmo_pipe_open(int fd[2],
                  struct tmo_error *err);	/* close-on-exec, 1 MiB if that is allowed */
int tmo_null_open(int flags, struct tmo_error *err);	/* /dev/null, close-on-exec */
double tmo_seconds(void);					/* seconds of a clock that only goes forward */

/* "exit 1", "killed by SIGSEGV": what a status of waitpid(2) says. Returns out. */
const char *tmo_process_status(int status, char *out, size_t size);

#endif
