/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

/* ".NAME.XXXXXX" beside file; a long name is cut, so that it fits into a directory entry. */
static char *
temporary_name(const char *file, struct tmo_error *err)
{
	const char *slash = strrchr(file, '/');
	size_t folder = slash != NULL ? (size_t)(slash - file) + 1 : 0;
	size_t size = strlen(file) + sizeof("..XXXXXX");
	char *name = tmo_alloc(size, 1, err);

	if (name != NULL)
		snprintf(name, size, "%.*s.%.200s.XXXXXX", (int)folder, file, file + folder);
	return name;
}

static mode_t
usual_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

int
output_open(struct output *o, const char *name, struct tmo_error *err)
{
	struct stat st;

	*o = (struct output){ .fd = -1 };
	if (name == NULL)
		return 0;
	if (stat(name, &st) == 0 && !S_ISREG(st.st_mode)) {
		o->fd = open(name, O_WRONLY | O_CLOEXEC);
	} else {
		o->file = realpath(name, NULL);	/* what a link points to is replaced, not the link */
		if (o->file == NULL)
			o->file = tmo_copy_string(name, err);
		if (o->file != NULL)
			o->temporary = temporary_name(o->file, err);
		if (o->temporary == NULL) {
			free(o->file);
			return -1;
		}
		o->fd = mkstemp(o->temporary);
		if (o->fd >= 0) {
			(void)fcntl(o->fd, F_SETFD, FD_CLOEXEC);
			(void)fchmod(o->fd, usual_mode());
		}
	}
	if (o->fd >= 0)
		return 0;
	tmo_fail(err, "%s", strerror(errno));
	free(o->file);
	free(o->temporary);
	return tmo_fail_at(err, name);
}

int
output_close(struct output *o, int status, struct tmo_error *err)
{
	bool done = status == 0;

	if (done && o->temporary != NULL && fsync(o->fd) < 0)
		done = false;
	if (o->fd >= 0 && close(o->fd) < 0)
		done = false;
	if (done && o->temporary != NULL && rename(o->temporary, o->file) < 0)
		done = false;
	if (status == 0 && !done) {
		status = tmo_fail(err, "%s", strerror(errno));
		tmo_fail_at(err, o->file != NULL ? o->file : "output");
	}
	if (!done && o->temporary != NULL)
		unlink(o->temporary);
	free(o->file);
	free(o->temporary);
	return status;
}
