/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE	/* F_SETPIPE_SZ */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"

#define TAKE_STEP ((uint64_t)64 << 20)	/* memory for what is only a claim so far */
#define PIPE_BYTES (1 << 20)	/* what Linux allows anybody; four blocks */

int
tmo_read_full(int fd, void *data, size_t size, size_t *got, struct tmo_error *err)
{
	*got = 0;
	while (*got < size) {
		const ssize_t n = read(fd, (char *)data + *got, size - *got);

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return tmo_fail_system(err, "cannot read");
		if (n > 0)
			*got += (size_t)n;
	}
	return 0;
}

int
tmo_take(uint64_t size, int (*read)(void *arg, void *data, size_t size, struct tmo_error *err),
         void *arg, void **data, struct tmo_error *err)
{
	uint64_t room = size < TAKE_STEP ? size : TAKE_STEP, at = 0;
	unsigned char *bytes = NULL;

	*data = NULL;
	if (size > SIZE_MAX / 4)
		return tmo_fail(err, "%ju bytes are too many for this machine", (uintmax_t)size);
	for (;;) {
		unsigned char *const grown = realloc(bytes, (size_t)room + 1);

		if (grown == NULL) {
			free(bytes);
			return tmo_fail_memory(err, (size_t)room);
		}
		bytes = grown;
		if (read(arg, bytes + at, (size_t)(room - at), err) < 0) {
			free(bytes);
			return -1;
		}
		if (room == size)
			break;
		at = room;
		room = size - room < room ? size : 2 * room;
	}
	*data = bytes;
	return 0;
}

int
tmo_pread_full(int fd, void *data, size_t size, uint64_t offset, size_t *got,
               struct tmo_error *err)
{
	*got = 0;
	if (offset > INT64_MAX || size > (uint64_t)INT64_MAX - offset)
		return tmo_fail(err, "offset %ju is too large; the data must be damaged",
		                (uintmax_t)offset);
	while (*got < size) {
		const ssize_t n = pread(fd, (char *)data + *got, size - *got, (off_t)(offset + *got));

		if (n == 0)
			break;
		if (n < 0 && errno != EINTR)
			return tmo_fail_system(err, "cannot read");
		if (n > 0)
			*got += (size_t)n;
	}
	return 0;
}

int
tmo_write_full(int fd, const void *data, size_t size, struct tmo_error *err)
{
	const char *p = data;

	while (size > 0) {
		const ssize_t n = write(fd, p, size);

		if (n < 0 && errno != EINTR)
			return tmo_fail_system(err, "cannot write");
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	return 0;
}

/* Where temporary files go that are to go to dir. */
static const char *
temporary_folder(const char *dir)
{
	return dir == NULL || dir[0] == '\0' ? "/tmp" : dir;
}

/*
 * mkstemp and unlink; no signal that ends the program comes between the two, or the file would stay: `tmo`
 * ends its stages so. Threads that run meanwhile have signals blocked (ticker.c, team.c).
 */
static int
make_unlinked(char *path)
{
	sigset_t all, before;
	int fd, failure;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	fd = mkstemp(path);
	failure = errno;
	if (fd >= 0)
		unlink(path);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = failure;
	return fd;
}

int
tmo_temporary(const char *dir, struct tmo_error *err)
{
	struct tmo_buffer path = {0};
	int fd = -1;

	dir = temporary_folder(dir);
	if (tmo_buffer_printf(&path, err, "%s/tmo-XXXXXX", dir) < 0)
		return -1;
	fd = make_unlinked((char *)path.data);
	if (fd < 0) {
		tmo_fail(err, "cannot make a temporary file in %s: %s; set TMPDIR", dir,
		         strerror(errno));
		err->kind = TMO_ERROR_SYSTEM;
	} else {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	tmo_buffer_free(&path);
	return fd;
}

int
tmo_write_temporary(int fd, const char *dir, const void *data, size_t size, struct tmo_error *err)
{
	if (tmo_write_full(fd, data, size, err) == 0)
		return 0;
	tmo_fail(err, "cannot write a temporary file in %s: %s; set TMPDIR to a folder with room",
	         temporary_folder(dir), strerror(errno));
	err->kind = TMO_ERROR_SYSTEM;
	return -1;
}

int
tmo_copy_to_temporary(int fd, const char *dir, struct tmo_error *err)
{
	void *const block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	const int copy = block != NULL ? tmo_temporary(dir, err) : -1;
	int status = copy < 0 ? -1 : 0;
	size_t got = 1;

	while (status == 0 && got > 0) {
		status = tmo_read_full(fd, block, TMO_IO_BLOCK, &got, err);
		if (status == 0)
			status = tmo_write_temporary(copy, dir, block, got, err);
	}
	if (status == 0 && lseek(copy, 0, SEEK_SET) != 0)
		status = tmo_fail_system(err, "cannot go back in a temporary file");
	free(block);
	if (status == 0)
		return copy;
	if (copy >= 0)
		close(copy);
	return -1;
}

void
tmo_pipe_widen(int fd)
{
#ifdef HAVE_PIPE_SIZE
	const int bytes = fcntl(fd, F_GETPIPE_SZ);	/* -1 if it is no pipe */

	if (bytes >= 0 && bytes < PIPE_BYTES)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);	/* refused where a user has many: no matter */
#else
	(void)fd;
#endif
}
