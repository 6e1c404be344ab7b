/* SPDX-License-Identifier: Apache-2.0 */
/* process.h: starting one process, and what became of it. */
#ifndef TMO_PROCESS_H
#define TMO_PROCESS_H

#include <sys/types.h>
#include "tmo.h"

/*
 * Starts the program at path with default signals and nothing blocked. fd[i], of `count`, becomes its
 * descriptor i unless it is -1; no other descriptor of ours is handed down, as long as all are
 * close-on-exec. group is the process group that it joins, 0: one of its own.
 */
int tmo_process_start(const char *path, char *const *argv, const int *fd, int count, pid_t group,
                      pid_t *pid, struct tmo_error *err);

/*
 * Set for a stage that another one writes to: it says nothing of an input that ends too early, which is
 * that one's failure, and has been said, but exits with this status, for `tmo run` to tell which it is.
 */
#define TMO_STAGE_VARIABLE "TMO_STAGE"
#define TMO_EXIT_CUT_OFF 3

/* "exit 1", "killed by SIGSEGV": what a status of waitpid(2) says. Returns out. */
const char *tmo_process_status(int status, char *out, size_t size);

/* What a process is given, close-on-exec: a pipe as wide as is allowed; /dev/null, -1 on failure. */
int tmo_pipe_open(int fd[2], struct tmo_error *err);
int tmo_null_open(int flags, struct tmo_error *err);

#endif
