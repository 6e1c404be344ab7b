/* SPDX-License-Identifier: Apache-2.0 */
/* Writing a stream item by item. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/sink.h"
#include "base/string_map.h"
#include "stream/member_name.h"
#include "stream/stream.h"
#include "tensor/encoding.h"

#define NAMES_BYTES ((size_t)64 << 10)	/* that a names.yaml repeats, at most */

struct tmo_writer {
	struct tmo_tar_writer *tar;
	const struct tmo_string_map *known;
	struct tmo_string_map *added;	/* names that names.yaml members of ours have mapped */
	struct tmo_buffer last;		/* the last of them */
};

struct tmo_writer *
tmo_writer_open(struct tmo_sink *sink, const struct tmo_string_map *known, struct tmo_error *err)
{
	struct tmo_writer *w = tmo_alloc(1, sizeof(*w), err);

	if (w == NULL)
		return NULL;
	w->known = known;
	w->tar = tmo_tar_writer_new(sink, err);
	w->added = tmo_string_map_new(err);
	if (w->tar == NULL || w->added == NULL) {
		tmo_writer_close(w);
		return NULL;
	}
	return w;
}

void
tmo_writer_close(struct tmo_writer *w)
{
	if (w == NULL)
		return;
	tmo_tar_writer_free(w->tar);
	tmo_string_map_free(w->added);
	tmo_buffer_free(&w->last);
	free(w);
}

int
tmo_writer_begin(struct tmo_writer *w, const char *path, uint64_t size, struct tmo_error *err)
{
	return tmo_tar_begin(w->tar, path, size, err);
}

int
tmo_writer_data(struct tmo_writer *w, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_tar_write(w->tar, data, size, err);
}

int
tmo_writer_member(struct tmo_writer *w, const char *path, const void *data, size_t size,
                  struct tmo_error *err)
{
	if (tmo_tar_begin(w->tar, path, size, err) < 0)
		return -1;
	return tmo_tar_write(w->tar, data, size, err);
}

int
tmo_writer_members(struct tmo_writer *w, const struct tmo_members *members, struct tmo_error *err)
{
	for (size_t i = 0; i < members->count; i++) {
		const struct tmo_member *p = &members->member[i];

		if (tmo_tar_begin(w->tar, p->path, (uint64_t)p->head_bytes + p->bytes, err) < 0 ||
		    tmo_tar_write(w->tar, p->head, p->head_bytes, err) < 0 ||
		    tmo_tar_write(w->tar, p->data, p->bytes, err) < 0)
			return -1;
	}
	return 0;
}

/* An "other" or a plain tensor, piece by piece. */
static int
copy_pieces(struct tmo_writer *w, struct tmo_reader *r, const char *path, uint64_t bytes,
            struct tmo_error *err)
{
	const void *data;
	size_t size;

	if (tmo_tar_begin(w->tar, path, bytes, err) < 0)
		return -1;
	do {
		if (tmo_reader_some(r, &data, &size, err) < 0 ||
		    (size > 0 && tmo_tar_write(w->tar, data, size, err) < 0))
			return -1;
	} while (size > 0);
	return 0;
}

int
tmo_writer_copy(struct tmo_writer *w, struct tmo_reader *r, const struct tmo_item *item,
                struct tmo_error *err)
{
	struct tmo_members members = {0};
	int status;

	/* (A packed tensor is in memory already, and item->bytes is what it takes in the blob.) */
	if (item->kind == TMO_ITEM_OTHER || (!item->encoded && !tmo_reader_was_packed(r)))
		return copy_pieces(w, r, item->path, item->bytes, err);
	status = tmo_reader_members(r, &members, err);
	if (status == 0)
		status = tmo_writer_members(w, &members, err);
	tmo_members_free(&members);
	return status;
}

/*
 * A names.yaml that maps one name more than the last did: unpacked, it takes the other's place. No
 * more than NAMES_BYTES are repeated, lest thousands of names take millions of lines.
 */
static int
write_names(struct tmo_writer *w, const char *stem, const char *whole, struct tmo_error *err)
{
	struct tmo_yaml *const line = tmo_yaml_new_map();
	int status = -1;

	if (w->last.size > NAMES_BYTES)
		w->last.size = 0;
	if (line == NULL || tmo_yaml_add_text(line, stem, whole) == NULL)
		tmo_fail_memory(err, 0);
	else if (tmo_yaml_emit(line, &w->last, err) == 0)	/* behind the others: still one map */
		status = tmo_writer_member(w, "names.yaml", w->last.data, w->last.size, err);
	tmo_yaml_free(line);
	return status;
}

/* If the tensor's member name is cut and nobody said so yet: a names.yaml in front of it. */
static int
announce_name(struct tmo_writer *w, const char *name, struct tmo_error *err)
{
	char *whole = NULL, *stem;
	bool cut;
	int status = 0;

	stem = tmo_name_encode(name, &cut, err);
	if (stem == NULL)
		return -1;
	if (cut && (w->known == NULL || !tmo_string_map_has(w->known, stem)) &&
	    !tmo_string_map_has(w->added, stem)) {
		whole = tmo_name_encode_whole(name, err);
		if (whole == NULL || tmo_string_map_add(w->added, stem, whole, &cut, err) < 0 ||
		    write_names(w, stem, whole, err) < 0)
			status = -1;
	}
	free(whole);
	free(stem);
	return status;
}

int
tmo_writer_tensor(struct tmo_writer *w, struct tmo_tensor *t, const char *path,
                  struct tmo_error *err)
{
	const bool elsewhere = path != NULL && tmo_member_in_tensors(path) == NULL;
	struct tmo_members members = {0};
	int status = -1;

	if (tmo_tensor_to_members(t, elsewhere ? path : NULL, &members, err) == 0 &&
	    ((elsewhere && members.count == 1) || announce_name(w, t->name, err) == 0))
		status = tmo_writer_members(w, &members, err);
	tmo_members_free(&members);
	return status;
}

int
tmo_writer_finish(struct tmo_writer *w, struct tmo_error *err)
{
	return tmo_tar_finish(w->tar, err);
}
