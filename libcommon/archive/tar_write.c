/* SPDX-License-Identifier: Apache-2.0 */
/* Writing tar: header blocks, data, and what fills the last block of a member. */
#include <libtar.h>
#include <stdlib.h>
#include <string.h>

#include "archive/tar.h"
#include "archive/tar_header.h"
#include "base/memory.h"
#include "base/sink.h"

struct tmo_tar_writer {
	struct tmo_sink *sink;
	TAR tar;
	uint64_t left, padding;
};

struct tmo_tar_writer *
tmo_tar_writer_new(struct tmo_sink *sink, struct tmo_error *err)
{
	struct tmo_tar_writer *w = tmo_alloc(1, sizeof(*w), err);

	if (w != NULL)
		w->sink = sink;
	return w;
}

void
tmo_tar_writer_free(struct tmo_tar_writer *w)
{
	free(w);
}

static int
write_header(struct tmo_tar_writer *w, char type, const char *path, uint64_t size,
             struct tmo_error *err)
{
	tmo_tar_header(&w->tar, type, path, size);
	w->left = size;
	w->padding = (T_BLOCKSIZE - size % T_BLOCKSIZE) % T_BLOCKSIZE;
	return tmo_sink_write(w->sink, &w->tar.th_buf, T_BLOCKSIZE, err);
}

/* The zeros behind the member's data, once all of it is there. */
static int
close_member(struct tmo_tar_writer *w, struct tmo_error *err)
{
	static const char zeros[T_BLOCKSIZE];
	const size_t padding = (size_t)w->padding;

	if (w->left != 0)
		return tmo_fail(err, "%ju bytes of a member were not written; report this as a bug",
		                (uintmax_t)w->left);
	w->padding = 0;
	return padding == 0 ? 0 : tmo_sink_write(w->sink, zeros, padding, err);
}

int
tmo_tar_begin(struct tmo_tar_writer *w, const char *path, uint64_t size, struct tmo_error *err)
{
	const size_t length = strlen(path);

	if (close_member(w, err) < 0)
		return -1;
	if (tmo_tar_needs_long_name(path) &&
	    (write_header(w, GNU_LONGNAME_TYPE, TMO_TAR_LONG_LINK, length + 1, err) < 0 ||
	     tmo_tar_write(w, path, length + 1, err) < 0 || close_member(w, err) < 0))
		return -1;
	return write_header(w, REGTYPE, path, size, err);
}

int
tmo_tar_write(struct tmo_tar_writer *w, const void *data, size_t size, struct tmo_error *err)
{
	if (size > w->left)
		return tmo_fail(err, "a member is longer than announced; report this as a bug");
	w->left -= size;
	return tmo_sink_write(w->sink, data, size, err);
}

int
tmo_tar_finish(struct tmo_tar_writer *w, struct tmo_error *err)
{
	static const char zeros[2 * T_BLOCKSIZE];

	if (close_member(w, err) < 0)
		return -1;
	return tmo_sink_write(w->sink, zeros, sizeof(zeros), err);
}

uint64_t
tmo_tar_member_bytes(const char *path, uint64_t size)
{
	const size_t length = strlen(path);
	uint64_t bytes = T_BLOCKSIZE + (size + T_BLOCKSIZE - 1) / T_BLOCKSIZE * T_BLOCKSIZE;

	if (tmo_tar_needs_long_name(path))
		bytes += T_BLOCKSIZE + (length + 1 + T_BLOCKSIZE - 1) / T_BLOCKSIZE * T_BLOCKSIZE;
	return bytes;
}
