/* SPDX-License-Identifier: Apache-2.0 */
/* One file is read from front to back, so that it may be a pipe; several are read by offset. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/read_write.h"
#include "formats/safetensors/safetensors_folder.h"
#include "formats/safetensors/safetensors_model.h"
#include "formats/safetensors/safetensors_open.h"
#include "formats/safetensors/safetensors_shards.h"

#define READ_BLOCK ((size_t)1 << 20)

/* An index is text: its first bytes as a length would be far beyond what a header may have. */
static bool
is_index(const unsigned char *head)
{
	return (head[0] == '{' || head[0] == ' ' || head[0] == '\n' || head[0] == '\r' ||
	        head[0] == '\t') && head[7] != 0;
}

static int
open_one(struct tmo_st_model *m, const unsigned char *head, struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = -1;

	m->file = tmo_alloc(1, sizeof(*m->file), err);
	if (m->file == NULL)
		return -1;
	m->file_count = 1;
	m->size_known = tmo_st_bytes_left(m->fd) != UINT64_MAX;
	if (tmo_st_model_read_header(m->fd, head, &m->file->header, &text, err) == 0) {
		m->tensor = m->file->header.tensor;
		m->count = m->file->header.count;
		m->metadata = json_incref((json_t *)m->file->header.metadata);
		status = tmo_st_model_keep_header(m, &text, err);
	}
	tmo_buffer_free(&text);
	return status;
}

static int
open_index(struct tmo_st_model *m, const unsigned char *head, const char *dir,
           struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = -1;

	if (tmo_buffer_append(&text, head, TMO_ST_LENGTH, err) == 0 &&
	    tmo_st_read_text(m->fd, TMO_ST_HEADER_MAX + 1, &text, err) == 0) {
		if (text.size > TMO_ST_HEADER_MAX)
			tmo_fail(err, "an index of more than %u bytes; is it one?",
			         TMO_ST_HEADER_MAX);
		else
			status = tmo_st_model_open_shards(m, (const char *)text.data, text.size,
			                                  dir, err);
	}
	tmo_buffer_free(&text);
	return status;
}

int
tmo_st_model_open(struct tmo_st_model *m, int fd, const char *name, const char *dir,
                  struct tmo_error *err)
{
	unsigned char head[TMO_ST_LENGTH];
	struct stat st;
	char *own_dir = NULL;
	size_t got;
	int status = -1;

	*m = (struct tmo_st_model){ .fd = fd, .own_fd = -1 };
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		if (tmo_st_find_model(name, &m->path, err) < 0 ||
		    tmo_st_model_open_file(m->path, &m->own_fd, err) < 0)
			return -1;
		m->fd = m->own_fd;
		name = m->path;
	}
	if (tmo_read_full(m->fd, head, sizeof(head), &got, err) < 0)
		return -1;
	if (got == 0)
		return tmo_fail(err, "empty input; make it again");
	if (got < sizeof(head))
		return tmo_fail(err, "it has only %zu bytes; is it safetensors?", got);
	if (!is_index(head))
		return open_one(m, head, err);
	if (dir == NULL && (dir = own_dir = tmo_path_folder(name, err)) == NULL)
		return -1;
	status = open_index(m, head, dir, err);
	free(own_dir);
	return status;
}

void
tmo_st_model_close(struct tmo_st_model *m)
{
	if (m->tensor != NULL && (m->file_count != 1 || m->tensor != m->file[0].header.tensor))
		free(m->tensor);
	for (size_t i = 0; i < m->file_count; i++) {
		free(m->file[i].path);
		tmo_st_free(&m->file[i].header);
	}
	free(m->file);
	free(m->source);
	free(m->path);
	json_decref(m->metadata);
	tmo_buffer_free(&m->member);
	if (m->own_fd >= 0)
		close(m->own_fd);
}

int
tmo_st_model_read(struct tmo_st_model *m, size_t i,
                  int (*write)(void *arg, const void *data, size_t size, struct tmo_error *err),
                  void *arg, struct tmo_error *err)
{
	const struct tmo_st_source *const source = m->source != NULL ?
	    &m->source[m->tensor[i].place] : NULL;
	uint64_t left = m->tensor[i].end - m->tensor[i].start, at = 0;
	unsigned char *block;
	int status = 0;

	if (source != NULL && tmo_st_model_open_shard(m, source->file, err) < 0)
		return -1;
	block = tmo_alloc(left < READ_BLOCK ? (size_t)left : READ_BLOCK, 1, err);
	if (block == NULL)
		return -1;
	while (status == 0 && left > 0) {
		const size_t n = left < READ_BLOCK ? (size_t)left : READ_BLOCK;
		size_t got;

		status = source != NULL ?
		    tmo_pread_full(m->own_fd, block, n, source->offset + at, &got, err) :
		    tmo_read_full(m->fd, block, n, &got, err);
		if (status == 0 && got < n)
			status = tmo_fail(err, "truncated: %ju bytes of its data are missing; fetch it "
			                  "again", (uintmax_t)(left - got));
		if (status == 0)
			status = write(arg, block, n, err);
		left -= n;
		at += n;
	}
	free(block);
	return status;
}

int
tmo_st_model_end(struct tmo_st_model *m, struct tmo_error *err)
{
	unsigned char byte;
	size_t got = 0;

	if (m->source != NULL || m->size_known)
		return 0;
	if (tmo_read_full(m->fd, &byte, 1, &got, err) < 0)
		return -1;
	return got == 0 ? 0 : tmo_fail(err, "bytes behind the last tensor; write the file again");
}
