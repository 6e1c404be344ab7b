/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/read_write.h"
#include "external_file.h"

static int
fail(const struct external_file *b, struct tmo_error *err)
{
	tmo_fail_system(err, "cannot write");
	return tmo_fail_at(err, b->file.target);
}

const char *
to_onnx_external_name(const char *path)
{
	return path != NULL ? tmo_path_name(path) : NULL;
}

/* The folder that the path is in; false: there is none. */
static bool
stat_folder(const char *path, struct stat *st)
{
	struct tmo_error ignored = {0};
	char *folder = tmo_path_folder(path, &ignored);
	const bool known = folder != NULL && stat(folder, st) == 0;

	free(folder);
	return known;
}

bool
to_onnx_external_is_model(const char *path, const char *model)
{
	struct stat a, b;

	if (stat(path, &a) == 0)
		return (model != NULL ? stat(model, &b) : fstat(STDOUT_FILENO, &b)) == 0 &&
		       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
	return model != NULL && strcmp(tmo_path_name(path), tmo_path_name(model)) == 0 &&
	       stat_folder(path, &a) && stat_folder(model, &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

int
to_onnx_external_open(struct external_file *b, const char *path, uint64_t bytes,
                      struct tmo_error *err)
{
	struct stat st;

	if (to_onnx_external_name(path)[0] == '\0')
		return tmo_fail_usage(err, "--external %s is no file name", path);
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))	/* data go to offsets in it */
		return tmo_fail_usage(err, "--external %s is no regular file", path);
	if (tmo_replace_open(&b->file, path, err) < 0)
		return -1;
	return ftruncate(b->file.fd, (off_t)bytes) < 0 ? fail(b, err) : 0;
}

int
to_onnx_external_write(struct external_file *b, const void *data, size_t bytes, uint64_t offset,
                       struct tmo_error *err)
{
	if (lseek(b->file.fd, (off_t)offset, SEEK_SET) < 0)
		return fail(b, err);
	if (tmo_write_full(b->file.fd, data, bytes, err) < 0)
		return tmo_fail_at(err, b->file.target);
	return 0;
}

int
to_onnx_external_finish(struct external_file *b, struct tmo_error *err)
{
	return b->file.target != NULL ? tmo_replace_commit(&b->file, err) : 0;
}

void
to_onnx_external_close(struct external_file *b)
{
	tmo_replace_discard(&b->file);
}
