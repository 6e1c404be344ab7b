/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE	/* pipe2 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/read_write.h"
#include "run/process.h"

extern char **environ;

int
tmo_process_start(const char *path, char *const *argv, const int *fd, int count, pid_t group,
                  pid_t *pid, struct tmo_error *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int failed;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
	                         POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attributes, group);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	failed = posix_spawn_file_actions_init(&actions);
	for (int i = 0; i < count && failed == 0; i++)
		if (fd[i] >= 0)
			failed = posix_spawn_file_actions_adddup2(&actions, fd[i], i);
	if (failed == 0)
		failed = posix_spawn(pid, path, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (failed != 0) {
		errno = failed;
		return tmo_fail_system(err, "cannot run %s", path);
	}
	/*
	 * Where posix_spawn returns before the child has begun (under qemu-user), the child would not
	 * find a group whose first process has already come and gone; it fails if that was in time.
	 */
	(void)setpgid(*pid, group);
	return 0;
}

/* A pipe that the programs that are started do not get. */
static int
open_pipe(int fd[2])
{
#ifdef HAVE_PIPE2
	return pipe2(fd, O_CLOEXEC);
#else
	if (pipe(fd) < 0)
		return -1;
	(void)fcntl(fd[0], F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd[1], F_SETFD, FD_CLOEXEC);
	return 0;
#endif
}

int
tmo_pipe_open(int fd[2], struct tmo_error *err)
{
	if (open_pipe(fd) < 0)
		return tmo_fail_system(err, "no pipe");
	tmo_pipe_widen(fd[1]);
	return 0;
}

int
tmo_null_open(int flags, struct tmo_error *err)
{
	int fd = open("/dev/null", flags | O_CLOEXEC);

	return fd < 0 ? tmo_fail_system(err, "/dev/null") : fd;
}

const char *
tmo_process_status(int status, char *out, size_t size)
{
	const char *name;

	if (WIFEXITED(status)) {
		snprintf(out, size, "exit %d", WEXITSTATUS(status));
		return out;
	}
	name = sigabbrev_np(WTERMSIG(status));
	if (name != NULL)
		snprintf(out, size, "killed by SIG%s", name);
	else
		snprintf(out, size, "killed by signal %d", WTERMSIG(status));
	return out;
}
