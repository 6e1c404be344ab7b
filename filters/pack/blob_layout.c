/* SPDX-License-Identifier: Apache-2.0 */
/* blob_layout.c: the blob, coded. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "blob_layout.h"

static int
put(struct place *to, const void *data, size_t size, struct tmo_error *err)
{
	return to->file != NULL ? spool_write(to->file, data, size, err)
	       : tmo_buffer_append(to->memory, data, size, err);
}

static uint64_t
end_of(const struct place *to)
{
	return to->file != NULL ? to->file->size : to->memory->size;
}

/* Plain arrays stand on a multiple of their element size: a device may map the blob. */
static int
align(struct place *to, const struct tmo_packed_part *part, struct tmo_error *err)
{
	static const unsigned char zeros[8];
	const size_t size = part->coding == TMO_CODING_PLAIN ? tmo_type_size(part->type) : 1;

	return put(to, zeros, (size_t)(-end_of(to) & (size - 1)), err);
}

/* Codes as `coding` has it. */
static int
put_codes(const struct spool *raw, const struct tmo_packed_part *part,
          const struct coding *coding, struct place *to, struct tmo_error *err)
{
	struct tmo_buffer bytes = {0};
	void *codes = NULL;
	int status = -1;

	if (spool_read(raw, part->offset, (size_t)part->length, &codes, err) == 0 &&
	    pack_codes(coding, codes, part->type, part->count, &bytes, err) == 0)
		status = put(to, bytes.data, bytes.size, err);
	free(codes);
	tmo_buffer_free(&bytes);
	return status;
}

static int
put_as_it_is(const struct spool *raw, const struct tmo_packed_part *part, struct place *to,
             struct tmo_error *err)
{
	void *data = NULL;
	int status;

	if (to->file != NULL)
		return spool_copy(raw, part->offset, part->length, to->file, err);
	status = spool_read(raw, part->offset, (size_t)part->length, &data, err);
	if (status == 0)
		status = put(to, data, (size_t)part->length, err);
	free(data);
	return status;
}

int
layout_entry(const struct archive *a, size_t entry, const struct leaning *leaning,
             struct place *to, struct tmo_packed_part *part, struct tmo_error *err)
{
	const struct tmo_packed_tensor *t = &a->index.tensor[entry];
	const struct codes *codes = &a->codes[entry];
	const struct coding *coding;

	if (to->file != NULL)
		spool_mark(to->file);
	for (size_t i = 0; i < t->part_count; i++) {
		part[i] = t->part[i];
		coding = NULL;
		if (codes->any && codes->part == i) {
			coding = pick_coding(&codes->candidates, leaning);
			part[i].coding = coding->kind;
			part[i].bits = coding->bits;
			part[i].common = coding->common;
		}
		if (align(to, &part[i], err) < 0)
			return -1;
		if (i == 0 && to->file != NULL)
			spool_mark(to->file);
		part[i].offset = end_of(to);
		if ((part[i].coding == TMO_CODING_BITS || part[i].coding == TMO_CODING_MASK
		     ? put_codes(&a->raw, &t->part[i], coding, to, err)
		     : put_as_it_is(&a->raw, &t->part[i], to, err)) < 0)
			return -1;
		part[i].length = end_of(to) - part[i].offset;
	}
	return 0;
}

int
archive_lay_out(struct archive *a, int level, int threads, struct tmo_error *err)
{
	struct place to = {.file = &a->blob};
	unsigned char digest[TMO_SHA256_BYTES];
	const struct leaning as_measured = AS_MEASURED;
	struct leaning leaning;
	struct tmo_packed_part *part;

	if (trial_leaning(a, level, threads, &leaning, err) < 0)
		return -1;
	for (size_t i = 0; i < a->index.count; i++) {
		struct tmo_packed_tensor *t = &a->index.tensor[i];

		if ((part = tmo_alloc(t->part_count, sizeof(*part), err)) == NULL)
			return -1;
		if (layout_entry(a, i, trial_covers(a, i) ? &leaning : &as_measured, &to, part,
		                 err) < 0) {
			free(part);
			return -1;
		}
		free(t->part);
		t->part = part;
		spool_digest_entry(&a->blob, digest);
		memcpy(t->digest, digest, sizeof(t->digest));
	}
	spool_digest_all(&a->blob, a->blob_digest);
	return 0;
}
