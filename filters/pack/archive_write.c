/* SPDX-License-Identifier: Apache-2.0 */
/* archive_write.c: the members of the packed stream, once all of it is known. */
#include "archive.h"
#include "base/buffer.h"
#include "base/sink.h"

static int
add_sum(struct tmo_sha256sums *sums, const char *path, const void *data, size_t size,
        struct tmo_error *err)
{
	unsigned char digest[TMO_SHA256_BYTES];

	tmo_sha256_of(data, size, digest);
	return tmo_sha256sums_add(sums, path, digest, err);
}

static int
add_sums(const struct archive *a, const struct tmo_buffer *index, struct tmo_buffer *out,
         struct tmo_error *err)
{
	struct tmo_sha256sums sums = {0};
	int status = 0;

	for (size_t i = 0; i < a->head->count && status == 0; i++)
		status = add_sum(&sums, a->head->member[i].path, a->head->member[i].data,
		                 a->head->member[i].bytes, err);
	for (size_t i = 0; i < a->before.count && status == 0; i++)
		status = tmo_sha256sums_add(&sums, a->before.other[i].path, a->before.other[i].digest, err);
	if (status == 0)
		status = add_sum(&sums, TMO_PACKED_INDEX, index->data, index->size, err);
	if (status == 0)
		status = tmo_sha256sums_add(&sums, TMO_PACKED_BLOB, a->blob_digest, err);
	for (size_t i = 0; i < a->waiting.count && status == 0; i++)
		status = tmo_sha256sums_add(&sums, a->waiting.other[i].path, a->waiting.other[i].digest, err);
	if (status == 0)
		status = tmo_sha256sums_emit(&sums, out, err);
	tmo_sha256sums_free(&sums);
	return status;
}

/* Adds a member's bytes in the archive to *total, or, if tar is set, writes it. */
struct output {
	struct tmo_tar_writer *tar;
	uint64_t total;
};

static int
put_bytes(struct output *o, const char *path, const void *data, size_t size,
          struct tmo_error *err)
{
	o->total += tmo_tar_member_bytes(path, size);
	if (o->tar == NULL)
		return 0;
	return tmo_tar_begin(o->tar, path, size, err) < 0 ? -1 : tmo_tar_write(o->tar, data, size, err);
}

static int
put_from_file(struct output *o, const char *path, const struct digested_file *s, uint64_t offset,
            uint64_t size, struct tmo_error *err)
{
	o->total += tmo_tar_member_bytes(path, size);
	if (o->tar == NULL)
		return 0;
	return tmo_tar_begin(o->tar, path, size, err) < 0 ? -1
	       : pack_file_to_tar(s, offset, size, o->tar, err);
}

static int
put_others(struct output *o, const struct archive *a, const struct others *others,
           struct tmo_error *err)
{
	for (size_t i = 0; i < others->count; i++) {
		const struct other *other = &others->other[i];

		if (put_from_file(o, other->path, &a->other_bytes, other->offset, other->size, err) < 0)
			return -1;
	}
	return 0;
}

static int
put_members(struct output *o, const struct archive *a, const struct tmo_buffer *sums,
            const struct tmo_buffer *index, struct tmo_error *err)
{
	o->total = 2 * TMO_TAR_BLOCK;		/* the end */
	if (put_bytes(o, TMO_PACKED_SUMS, sums->data, sums->size, err) < 0)
		return -1;
	for (size_t i = 0; i < a->head->count; i++)
		if (put_bytes(o, a->head->member[i].path, a->head->member[i].data, a->head->member[i].bytes,
		              err) < 0)
			return -1;
	if (put_others(o, a, &a->before, err) < 0 ||
	    put_bytes(o, TMO_PACKED_INDEX, index->data, index->size, err) < 0 ||
	    put_from_file(o, TMO_PACKED_BLOB, &a->blob, 0, a->blob.size, err) < 0 ||
	    put_others(o, a, &a->waiting, err) < 0)
		return -1;
	return o->tar != NULL ? tmo_tar_finish(o->tar, err) : 0;
}

struct progress {
	struct tmo_run *run;
	uint64_t total;
};

static void
tell(void *arg, uint64_t compressed)
{
	const struct progress *const p = arg;

	tmo_run_stretch_part(p->run, (double)compressed / (double)p->total);
}

static int
put_archive(const struct archive *a, const struct tmo_buffer *sums,
            const struct tmo_buffer *index, struct tmo_sink *sink, struct tmo_error *err)
{
	const struct expense *const e = &a->expense;
	struct progress progress = {.run = e->run};
	struct output o = {0};
	struct tmo_sink *zstd = NULL;
	int status = -1;

	if (put_members(&o, a, sums, index, err) < 0)	/* how long it will be: zstd is told */
		return -1;
	progress.total = o.total;
	if (e->compresses &&
	    (zstd = tmo_sink_zstd(sink, e->level, e->threads, o.total, err)) == NULL)
		return -1;
	pack_expense_compress(e);
	if (zstd != NULL)
		tmo_sink_on_step(zstd, tell, &progress);
	if ((o.tar = tmo_tar_writer_new(zstd != NULL ? zstd : sink, err)) != NULL)
		status = put_members(&o, a, sums, index, err);
	if (status == 0 && zstd != NULL)
		status = tmo_sink_finish(zstd, err);
	tmo_tar_writer_free(o.tar);
	tmo_sink_close(zstd);
	return status;
}

/* What was written must be readable: a name that is not is found here, not by the receiver. */
static int
check_index(const struct archive *a, const struct tmo_buffer *text, struct tmo_error *err)
{
	struct tmo_packed_index index = {0};
	int status = tmo_packed_parse(text->data, text->size, &index, err);

	if (status == 0 && (index.bytes != a->blob.size || index.count != a->index.count))
		status = tmo_fail(err, "the index does not fit the blob; report this as a bug");
	tmo_packed_free(&index);
	return status;
}

int
pack_archive_write(const struct archive *a, struct tmo_sink *sink, struct tmo_error *err)
{
	struct tmo_buffer index = {0}, sums = {0};
	int status = -1;

	if (tmo_packed_emit(&a->index, &index, err) == 0 &&
	    check_index(a, &index, err) == 0 && add_sums(a, &index, &sums, err) == 0)
		status = put_archive(a, &sums, &index, sink, err);
	tmo_buffer_free(&index);
	tmo_buffer_free(&sums);
	return status;
}
