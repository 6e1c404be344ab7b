/* SPDX-License-Identifier: Apache-2.0 */
/* external.c: external data files, none of them outside their folder or that of the model's file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/read_write.h"
#include "base/text.h"
#include "formats/onnx/tensor_data.h"
#include "stream/recognize.h"

void
tmo_onnx_files_close(struct tmo_onnx_files *files)
{
	if (files->open_location != NULL)
		close(files->open_fd);
	free(files->open_location);
	free(files->root);
	tmo_wire_free(&files->table);
	*files = (struct tmo_onnx_files){ .fd = -1 };
}

static bool
lies_in(const char *path, const char *folder)
{
	const size_t length = strlen(folder);

	return strncmp(path, folder, length) == 0 &&
	       (strcmp(folder, "/") == 0 || path[length] == '/' || path[length] == '\0');
}

/*
 * Whether it is in the folder of the model's file itself, which may be called by a link: in the cache of a hub
 * the model and its data are links, from where their names are to where the files are. Only systems that tell
 * which file a descriptor is know it.
 */
static bool
lies_beside(const char *path, int model)
{
	char name[40], *real, *slash;
	bool beside;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", model);
	real = realpath(name, NULL);
	slash = real != NULL ? strrchr(real, '/') : NULL;
	if (slash != NULL)
		slash[slash == real] = '\0';
	beside = slash != NULL && lies_in(path, real);
	free(real);
	return beside;
}

/* Opens dir/location; symbolic links may not lead outside either, but to beside the model's own file. */
static int
open_inside(struct tmo_onnx_files *files, const char *location, int *fd, struct tmo_error *err)
{
	struct tmo_buffer path = {0};
	char shown[128], *real = NULL;
	int status = -1;

	*fd = -1;
	tmo_printable(location, shown, sizeof(shown));
	if (tmo_path_fault(location) != TMO_PATH_INSIDE)
		return tmo_fail(err, "external data in \"%s\", outside the model's folder; use a "
		                "relative path without ..", shown);
	if (files->dir == NULL)
		return tmo_fail(err, "external data in \"%s\", which has no folder", shown);
	if (files->root == NULL && (files->root = realpath(files->dir, NULL)) == NULL)
		return tmo_fail_system(err, "folder %s for external data", files->dir);
	if (tmo_buffer_printf(&path, err, "%s/%s", files->root, location) < 0)
		goto out;
	real = realpath((const char *)path.data, NULL);
	if (real == NULL) {
		tmo_fail(err, "external data in \"%s\": %s; give its folder with --dir", shown,
		         strerror(errno));
		err->kind = TMO_ERROR_SYSTEM;
		goto out;
	}
	if (!lies_in(real, files->root) && !lies_beside(real, files->fd)) {
		tmo_fail(err, "external data in \"%s\", a link that leads outside the model's "
		         "folder; copy the file there", shown);
		goto out;
	}
	*fd = open(real, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		tmo_fail_system(err, "external data in \"%s\"", shown);
	else
		status = 0;
out:
	free(real);
	tmo_buffer_free(&path);
	return status;
}

/* A file of the right name that is only a pointer to the data, or a page about them. */
static int
check_stand_in(int fd, const char *shown, struct tmo_error *err)
{
	unsigned char head[256];
	const struct tmo_content *content;
	size_t got;

	if (tmo_pread_full(fd, head, sizeof(head), 0, &got, err) < 0)
		return -1;
	content = tmo_recognize_stand_in(head, got);
	return content == NULL ? 0 : tmo_fail(err, "external data in \"%s\": %s; %s", shown,
	                                      content->what, content->remedy);
}

int
tmo_onnx_open_external(struct tmo_onnx_files *files, const char *location, uint64_t offset,
                       uint64_t *left, struct tmo_error *err)
{
	struct stat st;
	char shown[128];
	int fd;

	tmo_printable(location, shown, sizeof(shown));
	if (files->open_location == NULL || strcmp(files->open_location, location) != 0) {
		if (open_inside(files, location, &fd, err) < 0)
			return -1;
		if (files->open_location != NULL)
			close(files->open_fd);
		free(files->open_location);
		files->open_fd = fd;
		files->open_location = tmo_copy_string(location, err);
		if (files->open_location == NULL) {
			close(fd);
			return -1;
		}
	}
	if (fstat(files->open_fd, &st) < 0 || !S_ISREG(st.st_mode))
		return tmo_fail(err, "external data in \"%s\", which is no regular file", shown);
	if (check_stand_in(files->open_fd, shown, err) < 0)
		return -1;
	if (offset > (uint64_t)st.st_size)
		return tmo_fail(err, "external data from byte %ju of \"%s\" on, which has only "
		                "%ju; is it whole?", (uintmax_t)offset, shown,
		                (uintmax_t)st.st_size);
	*left = (uint64_t)st.st_size - offset;
	return 0;
}
