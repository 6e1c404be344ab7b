/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


static int
fail(const char *what, const char *path, struct tmo_error *err)
{
	tmo_fail_system(err, "cannot %s", what);
	return tmo_fail_at(err, path);
}

/* ".NAME.XXXXXX" beside path; a long name is cut, so that it fits into a directory entry. */
static char *
temporary_name(const char *path, struct tmo_error *err)
{
	const char *const slash = strrchr(path, '/');
	const size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	const size_t size = strlen(path) + sizeof("..XXXXXX");
	char *const name = tmo_alloc(size, 1, err);

	if (name != NULL)
		snprintf(name, size, "%.*s.%.200s.XXXXXX", (int)folder, path, path + folder);
	return name;
}

/* With the mode that a new file gets; mkstemp gives its own. */
static int
open_beside(struct tmo_replace *r, struct tmo_error *err)
{
	const mode_t mask = umask(0);
	int fd;

	umask(mask);
	r->temporary = temporary_name(r->target, err);
	if (r->temporary == NULL)
		return -1;
	fd = mkstemp(r->temporary);
	if (fd < 0) {
		fail("write there", r->target, err);
		free(r->temporary);
		r->temporary = NULL;
		return -1;
	}
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fchmod(fd, 0666 & ~mask);
	return fd;
}

int
tmo_replace_open(struct tmo_replace *r, const char *path, struct tmo_error *err)
{
	struct stat st;

	*r = (struct tmo_replace){.fd = -1};
	if (path[0] == '\0')
		return tmo_fail_usage(err, "--output is empty; it must name a file");
	r->target = realpath(path, NULL);
	if (r->target == NULL)
		r->target = tmo_copy_string(path, err);
	if (r->target == NULL)
		return -1;
	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		r->fd = open_beside(r, err);
	else if ((r->fd = open(path, O_WRONLY | O_CLOEXEC)) < 0)
		fail("write there", path, err);
	if (r->fd >= 0)
		return 0;
	tmo_replace_discard(r);
	return -1;
}

int
tmo_replace_commit(struct tmo_replace *r, struct tmo_error *err)
{
	const int fd = r->fd;
	int status = 0;

	/* Not every file system can: then there is nothing to wait for. */
	if (r->temporary != NULL && fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		status = fail("write", r->target, err);
	r->fd = -1;
	if (close(fd) < 0 && errno != EINTR && status == 0)
		status = fail("write", r->target, err);
	if (status == 0 && r->temporary != NULL && rename(r->temporary, r->target) < 0)
		status = fail("rename to it", r->target, err);
	if (status == 0) {
		free(r->temporary);
		r->temporary = NULL;
	}
	tmo_replace_discard(r);
	return status;
}

void
tmo_replace_discard(struct tmo_replace *r)
{
	if (r->target != NULL && r->fd >= 0)
		close(r->fd);
	if (r->temporary != NULL)
		unlink(r->temporary);
	free(r->temporary);
	free(r->target);
	*r = (struct tmo_replace){.fd = -1};
}
