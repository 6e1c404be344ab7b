/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a stream item by item. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/source.h"
#include "base/string_map.h"
#include "stream/reader.h"

/* What was used up, to the reader's tee. */
static int
forward(void *reader, const void *data, size_t size, struct tmo_error *err)
{
	struct tmo_reader *const r = reader;

	return r->tee(r->tee_arg, data, size, r->tar != NULL && tmo_tar_ended(r->tar), err);
}

struct tmo_reader *
tmo_reader_open(struct tmo_source *src, const struct tmo_reader_options *options,
                struct tmo_error *err)
{
	static const struct tmo_reader_options defaults;
	const struct tmo_reader_options *const o = options != NULL ? options : &defaults;
	struct tmo_reader *r = tmo_alloc(1, sizeof(*r), err);

	if (r == NULL)
		return NULL;
	r->src = src;
	r->limit = o->limit != 0 ? o->limit : UINT64_MAX;
	r->tee = o->tee;
	r->tee_arg = o->tee_arg;
	if (r->tee != NULL)
		tmo_source_tee(src, forward, r);
	tmo_spool_init(&r->held, o->temporary_dir);
	tmo_spool_init(&r->blob, o->temporary_dir);
	r->names = tmo_string_map_new(err);
	r->seen = tmo_string_map_new(err);
	if (r->names == NULL || r->seen == NULL || tmo_source_fill(src, err) < 0)
		goto fail;
	if (src->left == 0) {
		tmo_fail(err, "empty input; give a tensor stream");
		goto fail;
	}
	if (tmo_source_is_zstd(src)) {
		r->unzipped = tmo_source_zstd(src, err);
		src = r->unzipped;
	}
	if (src == NULL)
		goto fail;
	r->tar = tmo_tar_reader_new(src, err);
	if (r->tar != NULL && tmo_reader_read_head(r, err) == 0)
		return r;
fail:
	tmo_reader_close(r);
	return NULL;
}

void
tmo_reader_close(struct tmo_reader *r)
{
	if (r == NULL)
		return;
	if (r->tee != NULL)
		tmo_source_tee(r->src, NULL, NULL);
	tmo_members_free(&r->parts);
	tmo_members_free(&r->head);
	tmo_spool_free(&r->held);
	tmo_spool_free(&r->blob);
	tmo_packed_free(&r->index);
	tmo_sha256sums_free(&r->sums);
	tmo_yaml_free(r->manifest);
	tmo_string_map_free(r->names);
	tmo_string_map_free(r->seen);
	tmo_tar_reader_free(r->tar);
	tmo_source_close(r->unzipped);
	free(r->held_block);
	free(r->digest);
	free(r->digest_path);
	free(r->path);
	free(r->name);
	free(r);
}

const struct tmo_yaml *
tmo_reader_manifest(const struct tmo_reader *r)
{
	return r->manifest;
}

const struct tmo_member *
tmo_reader_graph(const struct tmo_reader *r)
{
	return r->graph;
}

const struct tmo_members *
tmo_reader_head(const struct tmo_reader *r)
{
	return &r->head;
}

const struct tmo_string_map *
tmo_reader_names(const struct tmo_reader *r)
{
	return r->names;
}

bool
tmo_reader_was_packed(const struct tmo_reader *r)
{
	return r->packed;
}

int
tmo_reader_advance(struct tmo_reader *r, const char **path, uint64_t *size, struct tmo_error *err)
{
	if (!r->pending && tmo_tar_next(r->tar, &r->pending_path, &r->pending_size, err) < 0)
		return -1;
	r->pending = false;
	*path = r->pending_path;
	*size = r->pending_size;
	return 0;
}

/* Everything of the current item that was not asked for. */
static int
drop_item(struct tmo_reader *r, struct tmo_error *err)
{
	const void *data;
	size_t size = 1;

	r->head_left_bytes = 0;
	if (r->streaming && r->packed)
		while (size > 0)
			if (tmo_reader_some(r, &data, &size, err) < 0)
				return -1;
	if (r->streaming && r->packed && tmo_reader_digest_end(r, err) < 0)
		return -1;
	r->streaming = false;
	r->held_item = NULL;
	r->held_at = 0;
	tmo_members_free(&r->parts);
	return 0;
}

static int
set_path(struct tmo_reader *r, const char *path, size_t length, struct tmo_error *err)
{
	free(r->path);
	r->path = tmo_copy_string(path, err);
	if (r->path != NULL)
		r->path[length] = '\0';
	return r->path == NULL ? -1 : 0;
}

/* A member that is no tensor. Its data is read as it is asked for, but names.yaml's is taken in. */
static int
other_item(struct tmo_reader *r, struct tmo_item *item, const char *path, uint64_t size,
           struct tmo_error *err)
{
	struct tmo_member *part;

	item->kind = TMO_ITEM_OTHER;
	item->path = r->path;
	item->bytes = size;
	r->streaming = true;
	if (r->packed)
		return tmo_reader_digest_begin(r, path, err);
	if (strcmp(path, "model.yaml") == 0 || strcmp(path, "graph.onnx") == 0)
		return tmo_fail(err, "it comes after a tensor; make the archive with tar --sort=name");
	if (strcmp(path, "names.yaml") != 0 || size > TMO_SPOOL_IN_MEMORY)
		return 0;
	part = tmo_members_add(&r->parts, path, err);
	if (part == NULL || tmo_reader_take(r, size, &part->data, err) < 0)
		return -1;
	part->bytes = (size_t)size;
	r->streaming = false;
	return tmo_reader_names_member(r, part->data, part->bytes, err);
}

static int
next_plain(struct tmo_reader *r, struct tmo_item *item, const char *path, uint64_t size,
           struct tmo_error *err)
{
	const size_t length = strlen(path);
	const char *const slash = strncmp(path, "tensors/", 8) == 0 ? strchr(path + 8, '/') : NULL;
	struct tmo_member *part;

	if (set_path(r, path, slash != NULL ? (size_t)(slash - path) : length, err) < 0)
		return -1;
	if (slash != NULL && !r->packed)
		return tmo_reader_take_folder(r, path, err) < 0 ? -1 : tmo_reader_tensor_item(r, item, err);
	if (r->packed || length < 5 || strcmp(path + length - 4, ".npy") != 0)
		return other_item(r, item, path, size, err);
	part = tmo_members_add(&r->parts, path, err);
	if (part == NULL || tmo_reader_take_npy_head(r, part, err) < 0)
		return -1;
	r->streaming = true;
	return tmo_reader_tensor_item(r, item, err);
}

int
tmo_reader_next(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const char *path;
	uint64_t size;

	*item = (struct tmo_item){.kind = TMO_ITEM_END};
	if (drop_item(r, err) < 0)
		return -1;
	if (r->held_next < r->held.count) {
		r->held_item = &r->held.member[r->held_next++];
		r->held_at = 0;
		item->kind = TMO_ITEM_OTHER;
		item->path = r->held_item->path;
		item->bytes = r->held_item->size;
		return 0;
	}
	if (r->entry < r->index.count)
		return tmo_reader_next_packed(r, item, err);
	if (tmo_reader_end_blob(r, err) < 0 || tmo_reader_advance(r, &path, &size, err) < 0)
		return -1;
	if (path == NULL) {
		r->pending = true;
		if (r->packed && tmo_sha256sums_complete(&r->sums, err) < 0)
			return -1;
		return r->tee != NULL ? tmo_source_tee_rest(r->src, err) : 0;
	}
	if (next_plain(r, item, path, size, err) < 0)
		return tmo_fail_at(err, r->path);
	return 0;
}
