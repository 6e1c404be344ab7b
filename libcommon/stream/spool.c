/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "stream/spool.h"

void
tmo_spool_init(struct tmo_spool *h, const char *temporary_dir)
{
	*h = (struct tmo_spool){.temporary_dir = temporary_dir, .fd = -1};
}

void
tmo_spool_free(struct tmo_spool *h)
{
	for (size_t i = 0; i < h->count; i++) {
		free(h->member[i].path);
		free(h->member[i].data);
	}
	free(h->member);
	if (h->fd >= 0)
		close(h->fd);
	tmo_spool_init(h, h->temporary_dir);
}

static struct tmo_spool_member *
add(struct tmo_spool *h, const char *path, uint64_t size, struct tmo_error *err)
{
	char *copy;

	if (tmo_grow(&h->member, h->count, &h->room, sizeof(*h->member), err) < 0 ||
	    (copy = tmo_copy_string(path, err)) == NULL)
		return NULL;
	h->member[h->count] = (struct tmo_spool_member){.path = copy, .size = size};
	return &h->member[h->count++];
}

int
tmo_spool_take(struct tmo_spool *h, struct tmo_tar_reader *tar, const char *path, uint64_t size,
              void (*see)(void *arg, const void *data, size_t size), void *arg,
              struct tmo_error *err)
{
	const bool small = size <= TMO_SPOOL_IN_MEMORY &&
	                   h->memory_size + size <= 64 * TMO_SPOOL_IN_MEMORY;
	struct tmo_spool_member *m = add(h, path, size, err);
	uint64_t at = 0;
	const void *data;
	size_t n;

	if (m == NULL)
		return -1;
	if (small)
		m->data = tmo_alloc((size_t)size, 1, err);
	else if (h->fd < 0)
		h->fd = tmo_temporary(h->temporary_dir, err);
	if (small ? m->data == NULL : h->fd < 0)
		return -1;
	m->offset = h->file_size;
	while (at < size) {
		if (tmo_tar_read_some(tar, &data, &n, err) < 0)
			return -1;
		if (see != NULL)
			see(arg, data, n);
		if (m->data != NULL)
			memcpy(m->data + at, data, n);
		else if (tmo_write_temporary(h->fd, h->temporary_dir, data, n, err) < 0)
			return -1;
		at += n;
	}
	if (small)
		h->memory_size += size;
	else
		h->file_size += size;
	return 0;
}

int
tmo_spool_read(const struct tmo_spool *h, const struct tmo_spool_member *m, uint64_t offset,
              void *data, size_t size, struct tmo_error *err)
{
	size_t got;

	if (offset > m->size || size > m->size - offset)
		return tmo_fail(err, "%zu bytes at %ju are beyond the member's end; make it again",
		                size, (uintmax_t)offset);
	if (m->data != NULL) {
		memcpy(data, m->data + offset, size);
		return 0;
	}
	if (tmo_pread_full(h->fd, data, size, m->offset + offset, &got, err) < 0)
		return -1;
	return got < size ? tmo_fail(err, "the temporary file is too short; set TMPDIR") : 0;
}
