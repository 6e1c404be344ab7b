/* SPDX-License-Identifier: Apache-2.0 */
/* Packed streams, read as the plain ones that they stand for; see tmo-stream(5), PACKED FORM. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sha256.h"
#include "stream/reader.h"

#define INDEX_MAX ((uint64_t)256 << 20)

int
tmo_reader_digest_begin(struct tmo_reader *r, const char *path, struct tmo_error *err)
{
	if (r->digest == NULL)
		r->digest = tmo_alloc(1, sizeof(*r->digest), err);
	free(r->digest_path);
	r->digest_path = tmo_copy_string(path, err);
	if (r->digest == NULL || r->digest_path == NULL)
		return -1;
	tmo_sha256_begin(r->digest);
	return 0;
}

void
tmo_reader_digest_see(void *reader, const void *data, size_t size)
{
	struct tmo_reader *const r = reader;

	tmo_sha256_add(r->digest, data, size);
}

int
tmo_reader_digest_end(struct tmo_reader *r, struct tmo_error *err)
{
	unsigned char digest[TMO_SHA256_BYTES];
	int status;

	if (r->digest_path == NULL)
		return 0;
	tmo_sha256_end(r->digest, digest);
	status = tmo_sha256sums_check(&r->sums, r->digest_path, digest, err);
	if (status < 0)
		tmo_fail_at(err, r->digest_path);
	free(r->digest_path);
	r->digest_path = NULL;
	return status;
}

static int
take_index(struct tmo_reader *r, uint64_t size, struct tmo_error *err)
{
	void *text = NULL;
	int status = -1;

	if (size > INDEX_MAX) {
		tmo_fail(err, "%ju bytes, at most 256 MiB are accepted; pack it again", (uintmax_t)size);
		return tmo_fail_at(err, TMO_PACKED_INDEX);
	}
	if (tmo_reader_digest_begin(r, TMO_PACKED_INDEX, err) < 0 ||
	    tmo_reader_take(r, size, &text, err) < 0)
		return -1;
	tmo_reader_digest_see(r, text, (size_t)size);
	if (tmo_reader_digest_end(r, err) == 0)
		status = tmo_packed_parse(text, (size_t)size, &r->index, err);
	free(text);
	return status < 0 ? tmo_fail_at(err, TMO_PACKED_INDEX) : 0;
}

/* A member that stands before, between or (the blob only) in front of the index. */
static int
hold(struct tmo_reader *r, struct tmo_spool *held, const char *path, uint64_t size,
     struct tmo_error *err)
{
	if (tmo_reader_digest_begin(r, path, err) < 0 ||
	    tmo_spool_take(held, r->tar, path, size, tmo_reader_digest_see, r, err) < 0)
		return -1;
	return tmo_reader_digest_end(r, err);
}

static int
check_blob_size(const struct tmo_reader *r, uint64_t size, struct tmo_error *err)
{
	if (size != r->index.bytes) {
		tmo_fail(err, "%ju bytes, tensors.yaml says %ju; pack it again", (uintmax_t)size,
		         (uintmax_t)r->index.bytes);
		return tmo_fail_at(err, TMO_PACKED_BLOB);
	}
	return 0;
}

int
tmo_reader_begin_packed(struct tmo_reader *r, struct tmo_error *err)
{
	bool have_index = false, have_blob = false;
	const char *path;
	uint64_t size;

	r->packed = true;
	if (!r->summed)
		return tmo_fail(err, "a packed stream does not begin with SHA256SUMS; pack it again");
	if (r->sums_error.kind != TMO_ERROR_NONE) {
		*err = r->sums_error;
		return -1;
	}
	r->held_next = 1;	/* behind SHA256SUMS */
	while (!have_index || !have_blob) {
		if (tmo_reader_advance(r, &path, &size, err) < 0)
			return -1;
		if (path == NULL)
			return tmo_fail(err, "a packed stream without %s; pack it again",
			                have_index ? TMO_PACKED_BLOB : TMO_PACKED_INDEX);
		if (strcmp(path, TMO_PACKED_INDEX) == 0 && !have_index) {
			have_index = true;
			if (take_index(r, size, err) < 0 ||
			    (have_blob && check_blob_size(r, r->blob.member[0].size, err) < 0))
				return -1;
		} else if (strcmp(path, TMO_PACKED_BLOB) == 0 && !have_blob && !have_index) {
			have_blob = true;
			if (hold(r, &r->blob, path, size, err) < 0)
				return -1;
		} else if (strcmp(path, TMO_PACKED_BLOB) == 0 && !have_blob) {
			have_blob = true;
			if (check_blob_size(r, size, err) < 0 ||
			    tmo_reader_digest_begin(r, path, err) < 0)
				return -1;
		} else if (hold(r, &r->held, path, size, err) < 0) {
			return -1;
		}
	}
	return 0;
}

/* The blob's bytes [r->blob_at, + size) into memory; r->blob_at moves on. */
static int
read_blob(struct tmo_reader *r, uint64_t size, void **data, struct tmo_error *err)
{
	*data = NULL;
	if (r->blob.count == 0) {
		if (tmo_reader_take(r, size, data, err) < 0)
			return -1;
		tmo_reader_digest_see(r, *data, (size_t)size);
	} else {
		if (tmo_reader_allows(r, size, err) < 0)
			return -1;
		*data = tmo_alloc((size_t)size, 1, err);
		if (*data == NULL || tmo_spool_read(&r->blob, &r->blob.member[0], r->blob_at, *data,
		                                   (size_t)size, err) < 0)
			return -1;
	}
	r->blob_at += size;
	return 0;
}

static int
skip_blob_to(struct tmo_reader *r, uint64_t offset, struct tmo_error *err)
{
	void *skipped = NULL;
	int status;

	if (offset <= r->blob_at)
		return 0;
	status = read_blob(r, offset - r->blob_at, &skipped, err);
	free(skipped);
	return status;
}

/* An entry's bytes, and what they become: of codes of one bit 64 times as many. Before it is read. */
static int
check_memory(const struct tmo_reader *r, const struct tmo_packed_tensor *t,
             struct tmo_error *err)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < t->part_count; i++) {
		const struct tmo_packed_part *const p = &t->part[i];
		const uint64_t part = p->coding == TMO_CODING_FILE ? p->length :
		                      (uint64_t)p->count * tmo_type_size(p->type);

		bytes = part > UINT64_MAX - bytes ? UINT64_MAX : bytes + part;
	}
	return tmo_reader_allows(r, t->bytes, err) < 0 ? -1 : tmo_reader_allows(r, bytes, err);
}

int
tmo_reader_next_packed(struct tmo_reader *r, struct tmo_item *item, struct tmo_error *err)
{
	const struct tmo_packed_tensor *const t = &r->index.tensor[r->entry++];
	void *bytes = NULL;
	int status = -1;

	free(r->path);
	r->path = tmo_copy_string(t->path, err);
	if (r->path == NULL || check_memory(r, t, err) < 0 || skip_blob_to(r, t->offset, err) < 0 ||
	    read_blob(r, t->bytes, &bytes, err) < 0 ||
	    tmo_packed_restore(t, bytes, (size_t)t->bytes, &r->parts, err) < 0)
		goto out;
	item->path = r->path;
	if (!t->other) {
		status = tmo_reader_tensor_item(r, item, err);
		item->bytes = t->bytes;		/* of this stream, not of the one it stands for */
	} else if (r->parts.count > 0) {
		item->kind = TMO_ITEM_OTHER;
		item->bytes = r->parts.member[0].head_bytes + r->parts.member[0].bytes;
		status = strcmp(t->path, "names.yaml") != 0 ? 0 :
		         tmo_reader_names_member(r, r->parts.member[0].data, r->parts.member[0].bytes, err);
	}
out:
	free(bytes);
	return status < 0 ? tmo_fail_at(err, t->path) : 0;
}

int
tmo_reader_end_blob(struct tmo_reader *r, struct tmo_error *err)
{
	if (r->digest_path == NULL || strcmp(r->digest_path, TMO_PACKED_BLOB) != 0)
		return 0;
	if (skip_blob_to(r, r->index.bytes, err) < 0)
		return -1;
	return tmo_reader_digest_end(r, err);
}
