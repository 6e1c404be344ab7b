/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/read_write.h"
#include "stream/reader.h"

/* Whether the member at hand is macOS's own, which its tar puts beside those that people meant. */
static int
is_of_macos(struct tmo_cursor *c, bool *yes, struct tmo_error *err)
{
	const void *head;
	size_t size;

	*yes = false;
	if (c->path == NULL || (strstr(c->path, "._") == NULL && strstr(c->path, "__MACOSX/") == NULL))
		return 0;
	if (tmo_tar_peek(c->tar, &head, &size, err) < 0)
		return tmo_fail_at(err, c->path);
	*yes = tmo_is_of_macos(c->path, head, size);
	if (*yes && c->skipped != NULL)
		c->skipped(c->skipped_arg, c->path);
	return 0;
}

int
tmo_cursor_next(struct tmo_cursor *c, const char **path, uint64_t *size, struct tmo_error *err)
{
	bool skip = !c->again;

	c->again = false;
	while (skip)
		if (tmo_tar_next(c->tar, &c->path, &c->size, err) < 0 || is_of_macos(c, &skip, err) < 0)
			return -1;
	*path = c->path;
	*size = c->size;
	return 0;
}

void
tmo_cursor_back(struct tmo_cursor *c)
{
	c->again = true;
}

static int
read_tar(void *tar, void *data, size_t size, struct tmo_error *err)
{
	return tmo_tar_read(tar, data, size, err);
}

int
tmo_cursor_take(struct tmo_cursor *c, uint64_t size, void **data, struct tmo_error *err)
{
	*data = NULL;
	if (tmo_allow(size, c->limit, err) < 0)
		return -1;
	return tmo_take(size, read_tar, c->tar, data, err);
}

int
tmo_cursor_take_npy_head(struct tmo_cursor *c, struct tmo_member *m, struct tmo_error *err)
{
	unsigned char prefix[TMO_NPY_PREFIX] = {0};
	size_t n = sizeof(prefix), bytes;

	if (tmo_tar_left(c->tar) < n)
		n = (size_t)tmo_tar_left(c->tar);
	if (tmo_tar_read(c->tar, prefix, n, err) < 0 ||
	    tmo_npy_header_bytes(prefix, n, &bytes, err) < 0)
		return -1;
	if (bytes < n || bytes - n > tmo_tar_left(c->tar))
		return tmo_fail(err, "bad .npy header; save it again with numpy.save");
	m->head = tmo_alloc(bytes, 1, err);
	if (m->head == NULL)
		return -1;
	memcpy(m->head, prefix, n);
	m->head_bytes = bytes;
	return tmo_tar_read(c->tar, m->head + n, bytes - n, err);
}
