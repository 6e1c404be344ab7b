/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a stream item by item. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/source.h"
#include "base/string_map.h"
#include "stream/reader.h"
#include "stream/recognize.h"

/* What was used up, to the reader's tee. */
static int
forward(void *reader, const void *data, size_t size, struct tmo_error *err)
{
	struct tmo_reader *const r = reader;

	return r->tee(r->tee_arg, data, size, r->cursor.tar != NULL &&
	              tmo_tar_ended(r->cursor.tar), err);
}

/* What the archive would begin with, for saying what it is if it is none. */
struct front {
	unsigned char bytes[TMO_RECOGNIZE_HEAD];
	size_t size;
};

static int
see_front(struct tmo_source *src, struct front *front, struct tmo_error *err)
{
	if (tmo_source_fill(src, err) < 0)
		return -1;
	front->size = src->left < sizeof(front->bytes) ? src->left : sizeof(front->bytes);
	if (front->size > 0)
		memcpy(front->bytes, src->next, front->size);
	return 0;
}

/* The archive's reader, and the head; what has no single header that is right is none. */
static int
read_head(struct tmo_reader *r, struct tmo_source *src, struct tmo_error *err)
{
	struct front front;

	if (see_front(src, &front, err) < 0 || (r->cursor.tar = tmo_tar_reader_new(src, err)) == NULL)
		return -1;
	if (tmo_reader_read_head(r, err) == 0)
		return 0;
	if ((err->kind == TMO_ERROR_DATA || err->kind == TMO_ERROR_TRUNCATED) && !tmo_tar_begun(r->cursor.tar))
		tmo_recognize_other(front.bytes, front.size, r->unzipped != NULL, TMO_FORMAT_STREAM, err);
	return -1;
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
	r->cursor.limit = o->limit != 0 ? o->limit : UINT64_MAX;
	r->cursor.skipped = o->skipped;
	r->cursor.skipped_arg = o->skipped_arg;
	r->tee = o->tee;
	r->tee_arg = o->tee_arg;
	if (r->tee != NULL)
		tmo_source_tee(src, forward, r);
	tmo_spool_init(&r->held, o->temporary_dir);
	r->names = tmo_string_map_new(err);
	r->seen = tmo_string_map_new(err);
	if (r->names == NULL || r->seen == NULL || tmo_source_fill(src, err) < 0)
		goto fail;
	if (src->left == 0) {
		tmo_fail(err, "empty input; give a tensor stream");
		err->kind = TMO_ERROR_TRUNCATED;
		goto fail;
	}
	if (tmo_source_is_zstd(src)) {
		r->unzipped = tmo_source_zstd(src, err);
		src = r->unzipped;
	}
	if (src != NULL && read_head(r, src, err) == 0)
		return r;
fail:
	tmo_reader_close(r);
	return NULL;
}

static void
free_found(struct tmo_found *f)
{
	tmo_members_free(&f->members);
	free(f->path);
	*f = (struct tmo_found){0};
}

void
tmo_reader_close(struct tmo_reader *r)
{
	if (r == NULL)
		return;
	if (r->tee != NULL)
		tmo_source_tee(r->src, NULL, NULL);
	for (size_t i = 0; i < TMO_SOURCES; i++)
		if (r->source[i] != NULL)
			r->source[i]->close(r->source[i]);
	free_found(&r->found);
	tmo_members_free(&r->head);
	tmo_spool_free(&r->held);
	tmo_check_free(&r->check);
	tmo_yaml_free(r->manifest);
	tmo_string_map_free(r->names);
	tmo_string_map_free(r->seen);
	tmo_tar_reader_free(r->cursor.tar);
	tmo_source_close(r->unzipped);
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
tmo_reader_next(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	*item = (struct tmo_item){.kind = TMO_ITEM_END};
	free_found(&r->found);
	r->head_left_bytes = 0;
	r->given = false;
	for (;;) {
		struct tmo_member_source *const s = r->source[r->current];

		if (s->next(s, &r->found, err) < 0)
			return -1;
		if (r->found.path != NULL)
			return tmo_reader_item(r, item, err) < 0 ? tmo_fail_at(err, r->found.path) : 0;
		if (r->current + 1 == TMO_SOURCES)
			return r->tee != NULL ? tmo_source_tee_rest(r->src, err) : 0;
		r->current++;
	}
}
