/* SPDX-License-Identifier: Apache-2.0 */
/* The data of the current item. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "stream/reader.h"

#define HELD_BLOCK ((size_t)1 << 16)

int
tmo_allow(uint64_t bytes, uint64_t limit, struct tmo_error *err)
{
	if (bytes <= limit)
		return 0;
	return tmo_fail(err, "%ju bytes in memory, %ju are allowed at once, a third of --max-memory; "
	                "raise it", (uintmax_t)bytes, (uintmax_t)limit);
}

int
tmo_reader_allows(const struct tmo_reader *r, uint64_t bytes, struct tmo_error *err)
{
	return tmo_allow(bytes, r->limit, err);
}

static int
read_tar(void *tar, void *data, size_t size, struct tmo_error *err)
{
	return tmo_tar_read(tar, data, size, err);
}

int
tmo_reader_take(struct tmo_reader *r, uint64_t size, void **data, struct tmo_error *err)
{
	*data = NULL;
	if (tmo_reader_allows(r, size, err) < 0)
		return -1;
	return tmo_take(size, read_tar, r->tar, data, err);
}

/* The data of the plain tensor at hand, which was left in tar. */
static int
finish_streaming(struct tmo_reader *r, struct tmo_error *err)
{
	const uint64_t size = tmo_tar_left(r->tar);

	if (!r->streaming)
		return 0;
	if (tmo_reader_take(r, size, &r->parts.member[0].data, err) < 0)
		return tmo_fail_at(err, r->path);
	r->parts.member[0].bytes = (size_t)size;
	r->streaming = false;
	return 0;
}

int
tmo_reader_load(struct tmo_reader *r, struct tmo_tensor *t, struct tmo_error *err)
{
	size_t bytes;

	tmo_tensor_free(t);
	if (finish_streaming(r, err) < 0)
		return -1;
	if (tmo_tensor_from_members(t, r->name, &r->parts, err) < 0)
		return tmo_fail_at(err, r->path);
	/* What it takes decoded: codes of 8 bits become floats, integers stay what they are. */
	if (tmo_mul_size(t->count, tmo_type_is_float(t->dtype) && t->dtype != TMO_F64 ? 4 :
	                 tmo_type_size(t->dtype), &bytes, err) < 0 ||
	    tmo_reader_allows(r, bytes, err) < 0)
		return tmo_fail_at(err, r->path);
	return 0;
}

/* Which of t's arrays was in the part at path. */
static const struct tmo_array *
array_of_part(const struct tmo_tensor *t, const char *path, bool plain)
{
	const char *const base = strrchr(path, '/');

	if (plain)
		return &t->values;
	return strcmp(base, "/codes.npy") == 0 ? &t->codes :
	       strcmp(base, "/codebook.npy") == 0 ? &t->codebook :
	       strcmp(base, "/scale.npy") == 0 ? &t->scale : &t->zero_point;
}

/* Whether a header says of its array what a is. */
static bool
is_that_array(const struct tmo_npy *npy, const struct tmo_array *a)
{
	return npy->type == a->type && npy->rank == a->rank &&
	       memcmp(npy->shape, a->shape, sizeof(*a->shape) * (size_t)a->rank) == 0;
}

bool
tmo_reader_as_it_came(const struct tmo_reader *r, const struct tmo_tensor *t,
                      struct tmo_members *parts)
{
	const bool plain = r->parts.count == 1;
	struct tmo_error ignored = {0};

	*parts = (struct tmo_members){.count = r->parts.count};
	parts->member = tmo_alloc(parts->count, sizeof(*parts->member), &ignored);
	if (parts->member == NULL)
		return false;
	for (size_t i = 0; i < parts->count; i++) {
		struct tmo_member *const part = &parts->member[i];
		const struct tmo_array *a;
		struct tmo_npy npy;

		*part = r->parts.member[i];
		if (part->head == NULL)
			continue;
		a = array_of_part(t, part->path, plain);
		if (a->data == NULL || tmo_npy_parse(part->head, part->head_bytes, &npy, &ignored) < 0 ||
		    npy.swapped || (npy.fortran && npy.rank > 1) || !is_that_array(&npy, a)) {
			free(parts->member);
			*parts = (struct tmo_members){0};
			return false;
		}
		part->data = a->data;
		part->bytes = a->count * tmo_type_size(a->type);
	}
	return true;
}

int
tmo_reader_members(struct tmo_reader *r, struct tmo_members *parts, struct tmo_error *err)
{
	struct tmo_member *part;

	tmo_members_free(parts);
	if (r->parts.count == 0) {	/* an "other" that is still in tar, or was held */
		part = tmo_members_add(&r->parts, r->held_item != NULL ? r->held_item->path : r->path,
		                     err);
		if (part == NULL)
			return -1;
	}
	if (r->held_item != NULL) {
		part = &r->parts.member[0];
		part->bytes = (size_t)r->held_item->size;
		part->data = tmo_alloc(part->bytes, 1, err);
		if (part->data == NULL ||
		    tmo_spool_read(&r->held, r->held_item, 0, part->data, part->bytes, err) < 0)
			return -1;
	} else if (finish_streaming(r, err) < 0) {
		return -1;
	}
	if (r->packed && r->digest_path != NULL && r->entry >= r->index.count &&
	    strcmp(r->digest_path, r->parts.member[0].path) == 0) {
		tmo_reader_digest_see(r, r->parts.member[0].data, r->parts.member[0].bytes);
		if (tmo_reader_digest_end(r, err) < 0)
			return -1;
	}
	*parts = r->parts;
	r->parts = (struct tmo_members){0};
	return 0;
}

/* The next piece of a member that was held. */
static int
held_some(struct tmo_reader *r, const void **data, size_t *size, struct tmo_error *err)
{
	const uint64_t left = r->held_item->size - r->held_at;

	*size = left < HELD_BLOCK ? (size_t)left : HELD_BLOCK;
	if (r->held_block == NULL)
		r->held_block = tmo_alloc(HELD_BLOCK, 1, err);
	if (r->held_block == NULL ||
	    tmo_spool_read(&r->held, r->held_item, r->held_at, r->held_block, *size, err) < 0)
		return -1;
	*data = r->held_block;
	r->held_at += *size;
	return 0;
}

int
tmo_reader_some(struct tmo_reader *r, const void **data, size_t *size, struct tmo_error *err)
{
	if (r->held_item != NULL)
		return held_some(r, data, size, err);
	if (r->head_left_bytes > 0) {
		*data = r->head_left;
		*size = r->head_left_bytes;
		r->head_left_bytes = 0;
		return 0;
	}
	if (!r->streaming) {	/* all of it, once */
		*data = r->parts.count > 0 ? r->parts.member[0].data : NULL;
		*size = r->held_at == 0 && r->parts.count > 0 ? r->parts.member[0].bytes : 0;
		r->held_at = *size;
		return 0;
	}
	if (tmo_tar_read_some(r->tar, data, size, err) < 0)
		return -1;
	if (r->packed)
		tmo_reader_digest_see(r, *data, *size);
	return 0;
}
