/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/buffer.h"
#include "blob_entry.h"

static int
put(struct blob_output *to, const void *data, size_t size, struct tmo_error *err)
{
	return to->file != NULL ? pack_file_write(to->file, data, size, err)
	       : tmo_buffer_append(to->memory, data, size, err);
}

static uint64_t
end_of(const struct blob_output *to)
{
	return to->file != NULL ? to->file->size : to->memory->size;
}

/* Plain arrays stand on a multiple of their element size: a device may map the blob. */
static int
align(struct blob_output *to, const struct tmo_packed_part *part, struct tmo_error *err)
{
	static const unsigned char zeros[8];
	const size_t size = part->coding == TMO_CODING_PLAIN ? tmo_type_size(part->type) : 1;

	return put(to, zeros, (size_t)(-end_of(to) & (size - 1)), err);
}

/* A part that has codes, which are coded. */
static int
put_codes(const struct digested_file *raw, const struct tmo_packed_part *part,
          const struct coding *coding, struct blob_output *to, struct tmo_error *err)
{
	struct tmo_buffer bytes = {0};
	void *codes = NULL;
	int status = -1;

	if (pack_file_read(raw, part->offset, (size_t)part->length, &codes, err) == 0 &&
	    pack_codes(coding, codes, part->type, part->count, &bytes, err) == 0)
		status = put(to, bytes.data, bytes.size, err);
	free(codes);
	tmo_buffer_free(&bytes);
	return status;
}

static int
put_as_it_is(const struct digested_file *raw, const struct tmo_packed_part *part,
             struct blob_output *to, struct tmo_error *err)
{
	void *data = NULL;
	int status;

	if (to->file != NULL)
		return pack_file_copy(raw, part->offset, part->length, to->file, err);
	status = pack_file_read(raw, part->offset, (size_t)part->length, &data, err);
	if (status == 0)
		status = put(to, data, (size_t)part->length, err);
	free(data);
	return status;
}

int
pack_blob_entry(const struct archive *a, size_t entry, const struct preference *preference,
                struct blob_output *to, struct tmo_packed_part *part, struct tmo_error *err)
{
	const struct tmo_packed_tensor *t = &a->index.tensor[entry];
	const struct codes *codes = &a->codes[entry];
	const struct coding *coding;

	if (to->file != NULL)
		pack_file_mark(to->file);
	for (size_t i = 0; i < t->part_count; i++) {
		part[i] = t->part[i];
		coding = NULL;
		if (codes->any && codes->part == i) {
			coding = pack_choose_coding(&codes->candidates, preference);
			part[i].coding = coding->kind;
			part[i].bits = coding->bits;
			part[i].common = coding->common;
		}
		if (align(to, &part[i], err) < 0)
			return -1;
		if (i == 0 && to->file != NULL)
			pack_file_mark(to->file);
		part[i].offset = end_of(to);
		if ((part[i].coding == TMO_CODING_BITS || part[i].coding == TMO_CODING_MASK
		     ? put_codes(&a->raw, &t->part[i], coding, to, err)
		     : put_as_it_is(&a->raw, &t->part[i], to, err)) < 0)
			return -1;
		part[i].length = end_of(to) - part[i].offset;
	}
	return 0;
}
