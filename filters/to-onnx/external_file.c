/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/path.h"
#include "base/read_write.h"
#include "external_file.h"

static int
fail(const struct external_file *b, struct tmo_error *err)
{
	tmo_fail_system(err, "cannot write");
	return tmo_fail_at(err, b->file.target);
}

/* The folder that path is in, without links; NULL, and errno, if there is none. The caller frees it. */
static char *
real_folder(const char *path)
{
	struct tmo_error ignored = {0};
	char *const folder = tmo_path_folder(path, &ignored);
	char *const real = folder != NULL ? realpath(folder, NULL) : NULL;

	free(folder);
	return real;
}

/* That of the model; NULL if it goes into a pipe or a device. */
static char *
model_folder(const char *model)
{
	struct stat st;
	char *real, *folder;

	if (model != NULL)
		return stat(model, &st) == 0 && !S_ISREG(st.st_mode) ? NULL : real_folder(model);
	real = fstat(STDOUT_FILENO, &st) == 0 && S_ISREG(st.st_mode) ? realpath("/proc/self/fd/1", NULL) : NULL;
	folder = real != NULL ? real_folder(real) : NULL;
	free(real);
	return folder;
}

/* What leads from one folder to another that is it or lies in it, with a slash at its end; NULL: it does not. */
static const char *
way_down(const char *from, const char *to)
{
	const size_t length = strcmp(from, "/") == 0 ? 0 : strlen(from);

	if (strncmp(from, to, length) != 0 || (to[length] != '/' && to[length] != '\0'))
		return NULL;
	return to + length + (to[length] == '/');
}

int
to_onnx_external_location(const char *path, const char *model, char **location, struct tmo_error *err)
{
	const char *const name = tmo_path_name(path);
	char *from = NULL, *to = real_folder(path);
	struct tmo_buffer text = {0};
	const char *way = NULL;
	int status = -1;

	*location = NULL;
	if (name[0] == '\0') {
		tmo_fail_usage(err, "--external %s is no file name", path);
		goto out;
	}
	if (to == NULL) {
		tmo_fail_system(err, "cannot write there");
		tmo_fail_at(err, path);
		goto out;
	}
	from = model_folder(model);
	if (from != NULL)
		way = way_down(from, to);
	else if (name == path)
		way = "";
	if (way != NULL)
		status = tmo_buffer_printf(&text, err, "%s%s%s", way, way[0] != '\0' ? "/" : "", name);
	else if (from == NULL)
		tmo_fail_usage(err, "--external %s: where the model goes, and so how it calls that file, is not "
		               "known; use -o FILE", path);
	else
		tmo_fail_usage(err, "--external %s is outside the model's folder, %s, where no runtime finds it; "
		               "put it there", path, from);
	*location = (char *)text.data;
out:
	free(from);
	free(to);
	return status;
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
