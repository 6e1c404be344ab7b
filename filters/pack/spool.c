/* SPDX-License-Identifier: Apache-2.0 */
/* spool.c: see spool.h. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "spool.h"

int
spool_open(struct spool *s, const char *temporary_dir, struct tmo_error *err)
{
	s->fd = tmo_temporary(temporary_dir, err);
	s->size = 0;
	tmo_sha256_begin(&s->all);
	return s->fd < 0 ? -1 : 0;
}

void
spool_close(struct spool *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

int
spool_write(struct spool *s, const void *data, size_t size, struct tmo_error *err)
{
	tmo_sha256_add(&s->all, data, size);
	tmo_sha256_add(&s->entry, data, size);
	s->size += size;
	return tmo_write_full(s->fd, data, size, err);
}

void
spool_mark(struct spool *s)
{
	tmo_sha256_begin(&s->entry);
}

void
spool_digest_entry(struct spool *s, unsigned char digest[TMO_SHA256_BYTES])
{
	tmo_sha256_end(&s->entry, digest);
}

void
spool_digest_all(struct spool *s, unsigned char digest[TMO_SHA256_BYTES])
{
	tmo_sha256_end(&s->all, digest);
}

static int
read_at(const struct spool *s, uint64_t offset, size_t size, void *data, struct tmo_error *err)
{
	size_t got;

	if (tmo_pread_full(s->fd, data, size, offset, &got, err) < 0)
		return -1;
	return got < size ? tmo_fail(err, "a temporary file is cut; leave $TMPDIR alone") : 0;
}

int
spool_read(const struct spool *s, uint64_t offset, size_t size, void **data,
           struct tmo_error *err)
{
	*data = tmo_alloc(size, 1, err);
	return *data == NULL ? -1 : read_at(s, offset, size, *data, err);
}

/* Reads blocks and gives each to one of the two. */
static int
copy(const struct spool *s, uint64_t offset, uint64_t size, struct spool *spool,
     struct tmo_tar_writer *tar, struct tmo_error *err)
{
	unsigned char *block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	int status = block == NULL ? -1 : 0;

	while (size > 0 && status == 0) {
		const size_t want = size < TMO_IO_BLOCK ? (size_t)size : TMO_IO_BLOCK;

		status = read_at(s, offset, want, block, err);
		if (status == 0)
			status = spool != NULL ? spool_write(spool, block, want, err)
			                       : tmo_tar_write(tar, block, want, err);
		offset += want;
		size -= want;
	}
	free(block);
	return status;
}

int
spool_copy(const struct spool *s, uint64_t offset, uint64_t size, struct spool *to,
           struct tmo_error *err)
{
	return copy(s, offset, size, to, NULL, err);
}

int
spool_to_tar(const struct spool *s, uint64_t offset, uint64_t size, struct tmo_tar_writer *to,
             struct tmo_error *err)
{
	return copy(s, offset, size, NULL, to, err);
}
