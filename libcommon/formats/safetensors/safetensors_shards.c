/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tensors of all files in the order that the library gives to one file of all of them; what the
 * index says of sizes is not needed.
 */
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/read_write.h"
#include "base/text.h"
#include "formats/safetensors/safetensors_open.h"
#include "formats/safetensors/safetensors_shards.h"

int
tmo_st_model_open_shard(struct tmo_st_model *m, size_t i, struct tmo_error *err)
{
	if (m->own_fd >= 0 && m->open_file == i)
		return 0;
	if (m->own_fd >= 0)
		close(m->own_fd);
	m->open_file = i;
	return tmo_st_model_open_file(m->file[i].path, &m->own_fd, err);
}

static int
read_shard(struct tmo_st_model *m, size_t i, struct tmo_error *err)
{
	unsigned char head[TMO_ST_LENGTH];
	struct tmo_buffer text = {0};
	size_t got;
	int status = -1;

	if (tmo_st_model_open_shard(m, i, err) < 0)
		return -1;
	if (tmo_read_full(m->own_fd, head, sizeof(head), &got, err) == 0) {
		if (got < sizeof(head))
			tmo_fail(err, "it has only %zu bytes; is it safetensors?", got);
		else
			status = tmo_st_model_read_header(m->own_fd, head, &m->file[i].header,
			                                  &text, err);
	}
	tmo_buffer_free(&text);
	return status < 0 ? tmo_fail_at(err, m->file[i].path) : 0;
}

/* Which of the files (sorted) has this name. */
static size_t
file_number(const struct tmo_st_index *ix, const char *file)
{
	size_t low = 0, high = ix->count;

	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;

		if (strcmp(ix->file[middle], file) <= 0)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* A tensor of file i, whose data start at this offset. */
static int
add_tensor(struct tmo_st_model *m, size_t i, const struct tmo_st_tensor *t, uint64_t data,
           struct tmo_error *err)
{
	const size_t n = m->count;

	if (tmo_grow(&m->tensor, n, &m->tensor_room, sizeof(*m->tensor), err) < 0 ||
	    tmo_grow(&m->source, n, &m->source_room, sizeof(*m->source), err) < 0)
		return -1;
	m->tensor[n] = *t;
	m->tensor[n].place = n;
	m->source[n] = (struct tmo_st_source){ .file = i, .offset = data + t->start };
	m->count++;
	return 0;
}

/* The tensors of a file, but for those that the index has elsewhere. */
static int
take_tensors(struct tmo_st_model *m, size_t i, const struct tmo_st_index *ix, json_t *taken,
             struct tmo_error *err)
{
	const struct tmo_st_header *const h = &m->file[i].header;
	const off_t data = lseek(m->own_fd, 0, SEEK_CUR);	/* just behind the header */
	char shown[100];

	for (size_t k = 0; k < h->count; k++) {
		const char *const file = tmo_st_index_file(ix, h->tensor[k].name);

		if (file != NULL && file_number(ix, file) != i)
			continue;
		if (json_object_get(taken, h->tensor[k].name) != NULL) {
			tmo_fail(err, "tensor \"%s\" is in another file too, and the index does not say "
			         "which counts; correct it",
			         tmo_printable(h->tensor[k].name, shown, sizeof(shown)));
			return tmo_fail_at(err, m->file[i].path);
		}
		if (json_object_set_new(taken, h->tensor[k].name, json_true()) < 0)
			return tmo_fail_memory(err, 0);
		if (add_tensor(m, i, &h->tensor[k], (uint64_t)data, err) < 0)
			return -1;
	}
	return 0;
}

/* Every tensor of the index must have been where it says. */
static int
check_all_there(const struct tmo_st_index *ix, const json_t *taken, struct tmo_error *err)
{
	char name[100], file[100];

	for (void *at = json_object_iter(ix->map); at != NULL;
	     at = json_object_iter_next(ix->map, at)) {
		const char *const key = json_object_iter_key(at);

		if (json_object_get(taken, key) == NULL)
			return tmo_fail(err, "the index has tensor \"%s\" in %s, which lacks it; fetch "
			                "the model again", tmo_printable(key, name, sizeof(name)),
			                tmo_printable(tmo_st_index_file(ix, key), file,
			                              sizeof(file)));
	}
	return 0;
}

/* Metadata of all files; where two differ, the first counts. */
static int
merge_metadata(struct tmo_st_model *m, size_t i, struct tmo_error *err)
{
	const json_t *const more = m->file[i].header.metadata;

	if (more == NULL)
		return 0;
	if (m->metadata == NULL)
		m->metadata = json_object();
	if (m->metadata == NULL || json_object_update_missing(m->metadata, (json_t *)more) < 0)
		return tmo_fail_memory(err, 0);
	return 0;
}

static int
read_all(struct tmo_st_model *m, const struct tmo_st_index *ix, const char *dir, json_t *taken,
         struct tmo_error *err)
{
	struct tmo_buffer path = {0};

	m->file = tmo_alloc(ix->count, sizeof(*m->file), err);
	if (m->file == NULL)
		return -1;
	for (size_t i = 0; i < ix->count; i++) {
		path = (struct tmo_buffer){0};
		if (tmo_buffer_printf(&path, err, "%s/%s", dir, ix->file[i]) < 0)
			return -1;
		m->file[i].path = (char *)path.data;
		m->file_count++;
		if (read_shard(m, i, err) < 0 || merge_metadata(m, i, err) < 0)
			return -1;
		if (take_tensors(m, i, ix, taken, err) < 0)
			return -1;
	}
	return check_all_there(ix, taken, err);
}

int
tmo_st_model_open_shards(struct tmo_st_model *m, const char *index, size_t bytes, const char *dir,
                         struct tmo_error *err)
{
	struct tmo_st_index ix = {0};
	json_t *taken;
	int status = -1;

	if (tmo_st_index_parse(index, bytes, &ix, err) < 0)
		return -1;
	if (m->own_fd >= 0) {		/* the index itself, from a folder */
		close(m->own_fd);
		m->own_fd = -1;
	}
	taken = json_object();
	if (taken == NULL)
		tmo_fail_memory(err, 0);
	else
		status = read_all(m, &ix, dir, taken, err);
	json_decref(taken);
	tmo_st_index_free(&ix);
	if (status < 0)
		return -1;
	tmo_st_arrange(m->tensor, m->count);
	return tmo_st_model_keep_header(m, NULL, err);
}
