/* SPDX-License-Identifier: Apache-2.0 */
/* digested_file.c: see digested_file.h. */
#include <stdlib.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "digested_file.h"

int
pack_file_open(struct digested_file *f, const char *temporary_dir, struct tmo_error *err)
{
	f->fd = tmo_temporary(temporary_dir, err);
	f->temporary_dir = temporary_dir;
	f->size = 0;
	tmo_sha256_begin(&f->all);
	return f->fd < 0 ? -1 : 0;
}

void
pack_file_close(struct digested_file *f)
{
	if (f->fd >= 0)
		close(f->fd);
	f->fd = -1;
}

int
pack_file_write(struct digested_file *f, const void *data, size_t size, struct tmo_error *err)
{
	tmo_sha256_add(&f->all, data, size);
	tmo_sha256_add(&f->entry, data, size);
	f->size += size;
	return tmo_write_temporary(f->fd, f->temporary_dir, data, size, err);
}

void
pack_file_mark(struct digested_file *f)
{
	tmo_sha256_begin(&f->entry);
}

void
pack_file_digest_entry(struct digested_file *f, unsigned char digest[TMO_SHA256_BYTES])
{
	tmo_sha256_end(&f->entry, digest);
}

void
pack_file_digest_all(struct digested_file *f, unsigned char digest[TMO_SHA256_BYTES])
{
	tmo_sha256_end(&f->all, digest);
}

static int
read_at(const struct digested_file *f, uint64_t offset, size_t size, void *data,
        struct tmo_error *err)
{
	size_t got;

	if (tmo_pread_full(f->fd, data, size, offset, &got, err) < 0)
		return -1;
	return got < size ? tmo_fail(err, "a temporary file is cut; leave $TMPDIR alone") : 0;
}

int
pack_file_read(const struct digested_file *f, uint64_t offset, size_t size, void **data,
               struct tmo_error *err)
{
	*data = tmo_alloc(size, 1, err);
	return *data == NULL ? -1 : read_at(f, offset, size, *data, err);
}

/* Reads blocks and gives each to one of the two. */
static int
copy(const struct digested_file *f, uint64_t offset, uint64_t size, struct digested_file *file,
     struct tmo_tar_writer *tar, struct tmo_error *err)
{
	unsigned char *block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	int status = block == NULL ? -1 : 0;

	while (size > 0 && status == 0) {
		const size_t want = size < TMO_IO_BLOCK ? (size_t)size : TMO_IO_BLOCK;

		status = read_at(f, offset, want, block, err);
		if (status == 0)
			status = file != NULL ? pack_file_write(file, block, want, err)
			                       : tmo_tar_write(tar, block, want, err);
		offset += want;
		size -= want;
	}
	free(block);
	return status;
}

int
pack_file_copy(const struct digested_file *f, uint64_t offset, uint64_t size,
               struct digested_file *to, struct tmo_error *err)
{
	return copy(f, offset, size, to, NULL, err);
}

int
pack_file_to_tar(const struct digested_file *f, uint64_t offset, uint64_t size,
                 struct tmo_tar_writer *to, struct tmo_error *err)
{
	return copy(f, offset, size, NULL, to, err);
}
