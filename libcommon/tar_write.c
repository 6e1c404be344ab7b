/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing tar: header blocks by libtar, sizes by us, since its macros are 32-bit. Owner, group and
 * time are always 0 (th_set_user would look up a name on this machine).
 */
#include <libtar.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar.h"

#define LONG_LINK "././@LongLink"
#define OCTAL_SIZE_MAX ((uint64_t)1 << 33)	/* 11 octal digits */

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

/* Where to cut a path into ustar's prefix and name; NULL: it does not fit. */
static const char *
split(const char *path)
{
	const size_t length = strlen(path);
	const char *slash = length > T_NAMELEN ? path + length - T_NAMELEN - 1 : path;

	slash = strchr(slash, '/');
	if (slash == NULL || slash == path || slash - path > T_PREFIXLEN || slash[1] == '\0')
		return NULL;
	return slash;
}

static void
set_size(struct tar_header *h, uint64_t size)
{
	char text[24];

	if (size < OCTAL_SIZE_MAX) {
		snprintf(text, sizeof(text), "%011jo", (uintmax_t)size);
		memcpy(h->size, text, sizeof(h->size));
		return;
	}
	memset(h->size, 0, sizeof(h->size));
	for (int i = 11; i > 3; i--, size >>= 8)
		h->size[i] = (char)(unsigned char)(size & 0xff);
	h->size[0] = (char)(unsigned char)0x80;
}

static int
write_header(struct tmo_tar_writer *w, char type, const char *path, uint64_t size,
             struct tmo_error *err)
{
	struct tar_header *const h = &w->tar.th_buf;
	const char *const slash = strlen(path) > T_NAMELEN ? split(path) : NULL;

	memset(h, 0, sizeof(*h));
	th_set_type(&w->tar, S_IFREG);
	h->typeflag = type;
	if (slash != NULL) {
		memcpy(h->prefix, path, (size_t)(slash - path));
		memcpy(h->name, slash + 1, strlen(slash + 1));
	} else {
		memcpy(h->name, path, strlen(path) < T_NAMELEN ? strlen(path) : T_NAMELEN);
	}
	th_set_mode(&w->tar, 0644);
	int_to_oct(0, h->uid, 8);
	int_to_oct(0, h->gid, 8);
	th_set_mtime(&w->tar, 0);
	set_size(h, size);
	th_finish(&w->tar);
	w->left = size;
	w->padding = (T_BLOCKSIZE - size % T_BLOCKSIZE) % T_BLOCKSIZE;
	return tmo_sink_write(w->sink, h, T_BLOCKSIZE, err);
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
	if (length > T_NAMELEN && split(path) == NULL &&
	    (write_header(w, GNU_LONGNAME_TYPE, LONG_LINK, length + 1, err) < 0 ||
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

	if (length > T_NAMELEN && split(path) == NULL)
		bytes += T_BLOCKSIZE + (length + 1 + T_BLOCKSIZE - 1) / T_BLOCKSIZE * T_BLOCKSIZE;
	return bytes;
}
