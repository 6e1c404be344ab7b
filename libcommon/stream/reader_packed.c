/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader_packed.c: a packed archive, as the members of the plain one that it stands for; see
 * tmo-stream(5), PACKED FORM.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stream/reader.h"

#define INDEX_MAX ((uint64_t)256 << 20)

struct packed_source {
	struct tmo_member_source base;
	struct tmo_cursor *cursor;
	struct tmo_check *check;
	struct tmo_packed_index index;
	size_t entry;			/* the next one */
	struct tmo_spool blob;		/* tensors.bin, if it came before tensors.yaml */
	bool in_blob;			/* else the archive is in it */
	uint64_t blob_at;
	bool in_other;			/* the archive is in a member behind tensors.bin */
};

/* ---- up to the first entry ---- */

static int
take_index(struct packed_source *p, uint64_t size, struct tmo_error *err)
{
	void *text = NULL;
	int status = -1;

	if (size > INDEX_MAX) {
		tmo_fail(err, "%ju bytes, at most 256 MiB are accepted; pack it again", (uintmax_t)size);
		return tmo_fail_at(err, TMO_PACKED_INDEX);
	}
	if (tmo_check_begin(p->check, TMO_PACKED_INDEX, err) < 0 ||
	    tmo_cursor_take(p->cursor, size, &text, err) < 0)
		return -1;
	tmo_check_see(p->check, text, (size_t)size);
	if (tmo_check_end(p->check, err) == 0)
		status = tmo_packed_parse(text, (size_t)size, &p->index, err);
	free(text);
	return status < 0 ? tmo_fail_at(err, TMO_PACKED_INDEX) : 0;
}

/* A member that stands before, between or (the blob only) in front of the index. */
static int
hold(struct packed_source *p, struct tmo_spool *held, const char *path, uint64_t size,
     struct tmo_error *err)
{
	if (tmo_check_begin(p->check, path, err) < 0 ||
	    tmo_spool_take(held, p->cursor->tar, path, size, tmo_check_see, p->check, err) < 0)
		return -1;
	return tmo_check_end(p->check, err);
}

static int
check_blob_size(const struct packed_source *p, uint64_t size, struct tmo_error *err)
{
	if (size != p->index.bytes) {
		tmo_fail(err, "%ju bytes, tensors.yaml says %ju; pack it again", (uintmax_t)size,
		         (uintmax_t)p->index.bytes);
		return tmo_fail_at(err, TMO_PACKED_BLOB);
	}
	return 0;
}

/* The blob behind the index: it is read entry by entry. */
static int
begin_blob(struct packed_source *p, uint64_t size, struct tmo_error *err)
{
	p->in_blob = true;
	return check_blob_size(p, size, err) < 0 ? -1 : tmo_check_begin(p->check, TMO_PACKED_BLOB, err);
}

static int
read_to_blob(struct packed_source *p, struct tmo_spool *held, struct tmo_error *err)
{
	bool have_index = false, have_blob = false;
	const char *path;
	uint64_t size;
	int status = 0;

	while (status == 0 && (!have_index || !have_blob)) {
		if (tmo_cursor_next(p->cursor, &path, &size, err) < 0)
			return -1;
		if (path == NULL)
			return tmo_fail(err, "a packed stream without %s; pack it again",
			                have_index ? TMO_PACKED_BLOB : TMO_PACKED_INDEX);
		if (strcmp(path, TMO_PACKED_INDEX) == 0 && !have_index) {
			have_index = true;
			status = take_index(p, size, err);
			if (status == 0 && have_blob)
				status = check_blob_size(p, p->blob.member[0].size, err);
		} else if (strcmp(path, TMO_PACKED_BLOB) == 0 && !have_blob) {
			have_blob = true;
			status = have_index ? begin_blob(p, size, err) :
			         hold(p, &p->blob, path, size, err);
		} else {
			status = hold(p, held, path, size, err);
		}
	}
	return status;
}

/* ---- entries ---- */

/* The blob's bytes [p->blob_at, + size) into memory; p->blob_at moves on. */
static int
read_blob(struct packed_source *p, uint64_t size, void **data, struct tmo_error *err)
{
	*data = NULL;
	if (p->in_blob) {
		if (tmo_cursor_take(p->cursor, size, data, err) < 0)
			return -1;
		tmo_check_see(p->check, *data, (size_t)size);
	} else {
		if (tmo_allow(size, p->cursor->limit, err) < 0)
			return -1;
		*data = tmo_alloc((size_t)size, 1, err);
		if (*data == NULL || tmo_spool_read(&p->blob, &p->blob.member[0], p->blob_at, *data,
		                                    (size_t)size, err) < 0)
			return -1;
	}
	p->blob_at += size;
	return 0;
}

static int
skip_blob_to(struct packed_source *p, uint64_t offset, struct tmo_error *err)
{
	void *skipped = NULL;
	int status;

	if (offset <= p->blob_at)
		return 0;
	status = read_blob(p, offset - p->blob_at, &skipped, err);
	free(skipped);
	return status;
}

/* An entry's bytes, and what they become: of codes of one bit 64 times as many. Before it is read. */
static int
check_memory(const struct packed_source *p, const struct tmo_packed_tensor *t,
             struct tmo_error *err)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < t->part_count; i++) {
		const struct tmo_packed_part *const part = &t->part[i];
		const uint64_t more = part->coding == TMO_CODING_FILE ? part->length :
		                      (uint64_t)part->count * tmo_type_size(part->type);

		bytes = more > UINT64_MAX - bytes ? UINT64_MAX : bytes + more;
	}
	return tmo_allow(t->bytes, p->cursor->limit, err) < 0 ? -1 :
	       tmo_allow(bytes, p->cursor->limit, err);
}

static int
next_entry(struct packed_source *p, struct tmo_found *found, struct tmo_error *err)
{
	const struct tmo_packed_tensor *const t = &p->index.tensor[p->entry++];
	void *bytes = NULL;
	int status = -1;

	found->path = tmo_copy_string(t->path, err);
	if (found->path != NULL && check_memory(p, t, err) == 0 &&
	    skip_blob_to(p, t->offset, err) == 0 && read_blob(p, t->bytes, &bytes, err) == 0)
		status = tmo_packed_restore(t, bytes, (size_t)t->bytes, &found->members, err);
	free(bytes);
	if (status < 0)
		return tmo_fail_at(err, t->path);
	found->tensor = !t->other;
	found->bytes = t->bytes;	/* of this stream, not of the one that it stands for */
	if (t->other && found->members.count > 0)
		found->bytes = found->members.member[0].head_bytes + found->members.member[0].bytes;
	return 0;
}

/* After the last entry: the rest of the blob, and its digest. */
static int
end_blob(struct packed_source *p, struct tmo_error *err)
{
	if (!p->in_blob)
		return 0;
	if (skip_blob_to(p, p->index.bytes, err) < 0)
		return -1;
	p->in_blob = false;
	return tmo_check_end(p->check, err);
}

/* ---- behind the last entry: members that are read as they are asked for ---- */

static int
packed_some(struct tmo_member_source *s, const void **data, size_t *size, struct tmo_error *err)
{
	struct packed_source *const p = (struct packed_source *)s;

	if (tmo_tar_read_some(p->cursor->tar, data, size, err) < 0)
		return -1;
	tmo_check_see(p->check, *data, *size);
	return 0;
}

static int
packed_take(struct tmo_member_source *s, uint64_t size, void **data, struct tmo_error *err)
{
	struct packed_source *const p = (struct packed_source *)s;

	if (tmo_cursor_take(p->cursor, size, data, err) < 0)
		return -1;
	tmo_check_see(p->check, *data, (size_t)size);
	p->in_other = false;
	if (tmo_check_end(p->check, err) == 0)
		return 0;
	free(*data);
	*data = NULL;
	return -1;
}

/* All of the member at hand that was not asked for: it counts for its digest. */
static int
end_other(struct packed_source *p, struct tmo_error *err)
{
	const void *data;
	size_t size = 1;

	if (!p->in_other)
		return 0;
	while (size > 0)
		if (packed_some(&p->base, &data, &size, err) < 0)
			return -1;
	p->in_other = false;
	return tmo_check_end(p->check, err);
}

static int
packed_next(struct tmo_member_source *s, struct tmo_found *found, struct tmo_error *err)
{
	struct packed_source *const p = (struct packed_source *)s;
	const char *path;
	uint64_t size;

	if (p->entry < p->index.count)
		return next_entry(p, found, err);
	if (end_other(p, err) < 0 || end_blob(p, err) < 0 ||
	    tmo_cursor_next(p->cursor, &path, &size, err) < 0)
		return -1;
	if (path == NULL)
		return tmo_sha256sums_complete(&p->check->sums, err);
	if ((found->path = tmo_copy_string(path, err)) == NULL)
		return -1;
	found->streaming = p->in_other = true;
	found->bytes = found->left = size;
	return tmo_check_begin(p->check, path, err);
}

static void
packed_close(struct tmo_member_source *s)
{
	struct packed_source *const p = (struct packed_source *)s;

	tmo_packed_free(&p->index);
	tmo_spool_free(&p->blob);
	free(p);
}

struct tmo_member_source *
tmo_packed_source(struct tmo_cursor *c, struct tmo_check *check, struct tmo_spool *held,
                  struct tmo_error *err)
{
	struct packed_source *p;

	if (!check->on) {
		tmo_fail(err, "a packed stream does not begin with SHA256SUMS; pack it again");
		return NULL;
	}
	if ((p = tmo_alloc(1, sizeof(*p), err)) == NULL)
		return NULL;
	p->base = (struct tmo_member_source){packed_next, packed_some, packed_take, packed_close};
	p->cursor = c;
	p->check = check;
	tmo_spool_init(&p->blob, held->temporary_dir);
	if (read_to_blob(p, held, err) == 0)
		return &p->base;
	packed_close(&p->base);
	return NULL;
}
