/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "beside.h"

static int
fail(const struct beside *b, struct tmo_error *err)
{
	tmo_fail(err, "%s", strerror(errno));
	return tmo_fail_at(err, b->path);
}

const char *
beside_name(const char *path)
{
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;

	return slash != NULL ? slash + 1 : path;
}

int
beside_open(struct beside *b, const char *path, uint64_t bytes, struct tmo_error *err)
{
	struct tmo_buffer name = {0};
	struct stat st;
	mode_t mask;

	if (beside_name(path)[0] == '\0')
		return tmo_fail_usage(err, "--external %s is no file name", path);
	b->fd = -1;
	b->path = tmo_copy_string(path, err);
	if (b->path == NULL || tmo_buffer_printf(&name, err, "%s.XXXXXX", path) < 0)
		return -1;
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		tmo_buffer_free(&name);
		return tmo_fail_usage(err, "--external %s is no regular file", path);
	}
	b->fd = mkstemp((char *)name.data);
	if (b->fd < 0) {
		tmo_buffer_free(&name);
		return fail(b, err);
	}
	b->temporary = (char *)name.data;
	mask = umask(0);
	umask(mask);
	if (fchmod(b->fd, 0666 & ~mask) < 0 || ftruncate(b->fd, (off_t)bytes) < 0)
		return fail(b, err);
	return 0;
}

int
beside_write(struct beside *b, const void *data, size_t bytes, uint64_t offset,
             struct tmo_error *err)
{
	if (lseek(b->fd, (off_t)offset, SEEK_SET) < 0)
		return fail(b, err);
	if (tmo_write_full(b->fd, data, bytes, err) < 0)
		return tmo_fail_at(err, b->path);
	return 0;
}

int
beside_finish(struct beside *b, struct tmo_error *err)
{
	if (b->path == NULL)
		return 0;
	if (fsync(b->fd) < 0 || rename(b->temporary, b->path) < 0)
		return fail(b, err);
	free(b->temporary);
	b->temporary = NULL;
	return 0;
}

void
beside_close(struct beside *b)
{
	if (b->temporary != NULL)
		unlink(b->temporary);
	if (b->path != NULL && b->fd >= 0)
		close(b->fd);
	free(b->path);
	free(b->temporary);
	*b = (struct beside){0};
}
