/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "stream/reader.h"

int
tmo_cursor_next(struct tmo_cursor *c, const char **path, uint64_t *size, struct tmo_error *err)
{
	if (!c->again && tmo_tar_next(c->tar, &c->path, &c->size, err) < 0)
		return -1;
	c->again = false;
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
