/* SPDX-License-Identifier: Apache-2.0 */
/* safetensors_open.c: a file is opened, its header read, and what of that a stream has to keep. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "formats/safetensors/safetensors_open.h"
#include "stream/recognize.h"

#define READ_BLOCK ((size_t)1 << 20)

/* One of a model's files may be missing where the others are: fetched as a pointer, or as a page. */
static int
check_front(int fd, struct tmo_error *err)
{
	unsigned char head[TMO_RECOGNIZE_HEAD];
	size_t got;

	if (tmo_pread_full(fd, head, sizeof(head), 0, &got, err) < 0)
		return -1;
	return tmo_recognize_other(head, got, false, "safetensors", err);
}

int
tmo_st_model_open_file(const char *path, int *fd, struct tmo_error *err)
{
	struct stat st;

	*fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0) {
		tmo_fail_system(err, "cannot open");
		return tmo_fail_at(err, path);
	}
	if (fstat(*fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		tmo_fail(err, "is no regular file; name one");
		return tmo_fail_at(err, path);
	}
	return check_front(*fd, err) < 0 ? tmo_fail_at(err, path) : 0;
}

uint64_t
tmo_st_bytes_left(int fd)
{
	const off_t at = lseek(fd, 0, SEEK_CUR);
	struct stat st;

	if (at < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return UINT64_MAX;
	return st.st_size > at ? (uint64_t)(st.st_size - at) : 0;
}

int
tmo_st_read_text(int fd, size_t size, struct tmo_buffer *text, struct tmo_error *err)
{
	while (text->size < size) {
		size_t n = size - text->size < READ_BLOCK ? size - text->size : READ_BLOCK, got;

		if (tmo_buffer_reserve(text, n, err) < 0 ||
		    tmo_read_full(fd, text->data + text->size, n, &got, err) < 0)
			return -1;
		text->size += got;
		if (got < n)
			break;
	}
	return 0;
}

int
tmo_st_model_read_header(int fd, const unsigned char *head, struct tmo_st_header *h,
                         struct tmo_buffer *text, struct tmo_error *err)
{
	size_t bytes;

	if (tmo_st_length(head, &bytes, err) < 0 || tmo_st_read_text(fd, bytes, text, err) < 0)
		return -1;
	if (text->size < bytes)
		return tmo_fail(err, "truncated: a header of %zu bytes is announced, %zu are there; "
		                "fetch it again", bytes, text->size);
	return tmo_st_parse((const char *)text->data, bytes, tmo_st_bytes_left(fd), h, err);
}

/* Whether some tensor is in the stream as bytes, so that its type must be kept elsewhere. */
static bool
has_bytes(const struct tmo_st_model *m)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->tensor[i].dtype == NULL || m->tensor[i].dtype->type == TMO_NONE)
			return true;
	return false;
}

/*
 * What to-safetensors could not know from the tensors: nothing for the header that it would write
 * itself, as the library does; the metadata, if there are some; all of any other header.
 */
int
tmo_st_model_keep_header(struct tmo_st_model *m, const struct tmo_buffer *header,
                         struct tmo_error *err)
{
	const bool usual = tmo_st_is_arranged(m->tensor, m->count) && !has_bytes(m);
	bool same = header == NULL;

	if (tmo_st_text(m->tensor, m->count, m->metadata, &m->member, err) < 0)
		return -1;
	if (!same)
		same = m->member.size == header->size &&
		       memcmp(m->member.data, header->data, header->size) == 0;
	if (same && !usual)
		return 0;
	m->member.size = 0;
	if (!same)
		return tmo_buffer_append(&m->member, header->data, header->size, err);
	return m->metadata == NULL ? 0 : tmo_st_text(NULL, 0, m->metadata, &m->member, err);
}
