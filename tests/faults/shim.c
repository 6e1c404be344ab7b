/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shim.c: for LD_PRELOAD: one call of one function in one program fails, once.
 *
 *	TMO_FAULT=PROGRAM:FUNCTION:N:HOW	the N-th call, from 1; HOW is an errno's name or `short`, or
 *						`SIGTERM`, which comes when mkstemp has worked
 *	TMO_FAULT_HIT=FILE			is made when it has
 *	TMO_FAULT_COUNT=FILE			none fails; at its end each program appends its counts
 *
 * PROGRAM that is asked to --describe itself is called PROGRAM--describe: as a stage it is another.
 * FUNCTION is one of the names in `names`; calls that the C library makes itself are not seen.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum function {
	READ, WRITE, OPEN, MMAP, FSYNC, RENAME, FORK, SPAWN, PIPE, SEEK, TRUNCATE, TEMPORARY, THREAD,
	MALLOC, FUNCTIONS
};
static const char *const names[FUNCTIONS] = {
	"read", "write", "open", "mmap", "fsync", "rename", "fork", "spawn", "pipe", "seek",
	"truncate", "mkstemp", "thread", "malloc",
};
static const struct { const char *name; int number; } errors[] = {
	{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"EINTR", EINTR}, {"ENOMEM", ENOMEM}, {"EAGAIN", EAGAIN},
	{"EMFILE", EMFILE}, {"short", 0}, {"SIGTERM", -SIGTERM},
};

static atomic_ulong counts[FUNCTIONS];
static enum function failing = FUNCTIONS;
static unsigned long failing_call;
static int failing_error;
static bool ready;
static char own[64];	/* the program's name */

static void
write_counts(void)
{
	const char *const file = getenv("TMO_FAULT_COUNT");
	char line[128];
	int fd;

	ready = false;
	if (file == NULL || (fd = open(file, O_WRONLY | O_APPEND | O_CREAT, 0666)) < 0)
		return;
	for (int i = 0; i < FUNCTIONS; i++) {
		const int n = snprintf(line, sizeof(line), "%s %s %lu\n", own, names[i],
		                       atomic_load(&counts[i]));

		if (write(fd, line, (size_t)n) != n)
			break;
	}
	close(fd);
}

/* glibc gives constructors what main gets. */
__attribute__((constructor)) static void
set_up(int argc, char **argv)
{
	const char *text = getenv("TMO_FAULT");
	char name[32], how[32];
	size_t length;

	snprintf(own, sizeof(own), "%s%s", program_invocation_short_name,
	         argc > 1 && strcmp(argv[1], "--describe") == 0 ? argv[1] : "");
	length = strlen(own);
	atexit(write_counts);
	for (int i = 0; i < FUNCTIONS; i++)
		atomic_store(&counts[i], 0);
	ready = true;
	if (text == NULL || strncmp(text, own, length) != 0 || text[length] != ':' ||
	    sscanf(text + length + 1, "%31[^:]:%lu:%31s", name, &failing_call, how) != 3)
		return;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (strcmp(how, errors[i].name) == 0)
			failing_error = errors[i].number;
	for (int i = 0; i < FUNCTIONS; i++)
		if (strcmp(name, names[i]) == 0)
			failing = (enum function)i;
}

/* Whether this call is the one; errno is set. A short count has no errno. */
static bool
fails(enum function f)
{
	const char *hit;

	if (!ready || atomic_fetch_add(&counts[f], 1) + 1 != failing_call || f != failing)
		return false;
	hit = getenv("TMO_FAULT_HIT");
	if (hit != NULL)
		close(creat(hit, 0666));
	errno = failing_error;
	return true;
}

/* The real function of that name. ISO C has no way from void * to a function pointer. */
#define REAL(type_, name_) \
	static __typeof__(type_) *real; \
	if (real == NULL) \
		*(void **)&real = dlsym(RTLD_NEXT, name_)

typedef ssize_t reader(int, void *, size_t);
typedef ssize_t reader_at(int, void *, size_t, off_t);
typedef ssize_t writer(int, const void *, size_t);
typedef ssize_t writer_at(int, const void *, size_t, off_t);
typedef int opener(const char *, int, ...);

ssize_t
read(int fd, void *data, size_t size)
{
	REAL(reader, "read");
	if (!fails(READ))
		return real(fd, data, size);
	return failing_error == 0 ? real(fd, data, size > 1 ? 1 : size) : -1;
}

ssize_t
pread64(int fd, void *data, size_t size, off_t at)
{
	REAL(reader_at, "pread64");
	if (!fails(READ))
		return real(fd, data, size, at);
	return failing_error == 0 ? real(fd, data, size > 1 ? 1 : size, at) : -1;
}

ssize_t
tee(int from, int to, size_t size, unsigned flags)
{
	REAL(ssize_t(int, int, size_t, unsigned), "tee");
	if (!fails(READ))
		return real(from, to, size, flags);
	return failing_error == 0 ? real(from, to, size > 1 ? 1 : size, flags) : -1;
}

ssize_t
write(int fd, const void *data, size_t size)
{
	REAL(writer, "write");
	if (!fails(WRITE))
		return real(fd, data, size);
	return failing_error == 0 ? real(fd, data, size > 1 ? 1 : size) : -1;
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off_t at)
{
	REAL(writer_at, "pwrite64");
	if (!fails(WRITE))
		return real(fd, data, size, at);
	return failing_error == 0 ? real(fd, data, size > 1 ? 1 : size, at) : -1;
}

int
open64(const char *path, int flags, ...)
{
	va_list args;
	int mode;

	REAL(opener, "open64");
	va_start(args, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(args, int) : 0;
	va_end(args);
	return fails(OPEN) ? -1 : real(path, flags, mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
	REAL(FILE *(const char *, const char *), "fopen64");
	return fails(OPEN) ? NULL : real(path, mode);
}

DIR *
opendir(const char *path)
{
	REAL(DIR *(const char *), "opendir");
	return fails(OPEN) ? NULL : real(path);
}

void *
mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	REAL(void *(void *, size_t, int, int, int, off_t), "mmap64");
	return fails(MMAP) ? MAP_FAILED : real(at, size, protection, flags, fd, offset);
}

int
fsync(int fd)
{
	REAL(int(int), "fsync");
	return fails(FSYNC) ? -1 : real(fd);
}

int
rename(const char *from, const char *to)
{
	REAL(int(const char *, const char *), "rename");
	return fails(RENAME) ? -1 : real(from, to);
}

pid_t
fork(void)
{
	REAL(pid_t(void), "fork");
	return fails(FORK) ? -1 : real();
}

int
posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
            const posix_spawnattr_t *attributes, char *const argv[], char *const envp[])
{
	REAL(int(pid_t *, const char *, const posix_spawn_file_actions_t *, const posix_spawnattr_t *,
	         char *const[], char *const[]), "posix_spawn");
	return fails(SPAWN) ? failing_error : real(pid, path, actions, attributes, argv, envp);
}

int
pipe(int ends[2])
{
	REAL(int(int *), "pipe");
	return fails(PIPE) ? -1 : real(ends);
}

int
pipe2(int ends[2], int flags)
{
	REAL(int(int *, int), "pipe2");
	return fails(PIPE) ? -1 : real(ends, flags);
}

off_t
lseek64(int fd, off_t at, int whence)
{
	REAL(off_t(int, off_t, int), "lseek64");
	return fails(SEEK) ? -1 : real(fd, at, whence);
}

int
ftruncate64(int fd, off_t size)
{
	REAL(int(int, off_t), "ftruncate64");
	return fails(TRUNCATE) ? -1 : real(fd, size);
}

int
mkstemp64(char *template)
{
	REAL(int(char *), "mkstemp64");
	const bool hit = fails(TEMPORARY);
	const int fd = hit && failing_error >= 0 ? -1 : real(template);

	if (hit && failing_error < 0)
		kill(getpid(), -failing_error);
	return fd;
}

int
pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *arg)
{
	REAL(int(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *), "pthread_create");
	return fails(THREAD) ? failing_error : real(thread, attributes, start, arg);
}

/* glibc's own names: dlsym allocates, and may be called before there is anything to allocate with. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *data, size_t size);

void *
malloc(size_t size)
{
	return fails(MALLOC) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return fails(MALLOC) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *data, size_t size)
{
	return fails(MALLOC) ? NULL : __libc_realloc(data, size);
}
