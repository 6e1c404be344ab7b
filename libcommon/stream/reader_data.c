/* SPDX-License-Identifier: Apache-2.0 */
/* The data of the current item. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stream/reader.h"

int
tmo_allow(uint64_t bytes, uint64_t limit, struct tmo_error *err)
{
	if (bytes <= limit)
		return 0;
	return tmo_fail(err, "%ju bytes in memory, %ju are allowed at once, a third of --max-memory; "
	                "raise it", (uintmax_t)bytes, (uintmax_t)limit);
}

static struct tmo_member_source *
source(struct tmo_reader *r)
{
	return r->source[r->current];
}

/* The data of the current item, if its source still has it. */
static int
finish_streaming(struct tmo_reader *r, struct tmo_error *err)
{
	struct tmo_found *const f = &r->found;

	if (!f->streaming)
		return 0;
	if (source(r)->take(source(r), f->left, &f->members.member[0].data, err) < 0)
		return tmo_fail_at(err, f->path);
	f->members.member[0].bytes = (size_t)f->left;
	f->streaming = false;
	return 0;
}

int
tmo_reader_load(struct tmo_reader *r, struct tmo_tensor *t, struct tmo_error *err)
{
	size_t bytes;

	tmo_tensor_free(t);
	if (finish_streaming(r, err) < 0)
		return -1;
	if (tmo_tensor_from_members(t, r->name, &r->found.members, err) < 0)
		return tmo_fail_at(err, r->found.path);
	/* What it takes decoded: codes of 8 bits become floats, integers stay what they are. */
	if (tmo_mul_size(t->count, tmo_type_is_float(t->dtype) && t->dtype != TMO_F64 ? 4 :
	                 tmo_type_size(t->dtype), &bytes, err) < 0 ||
	    tmo_allow(bytes, r->cursor.limit, err) < 0)
		return tmo_fail_at(err, r->found.path);
	return 0;
}

/* Which of t's arrays was in the member at path. */
static const struct tmo_array *
array_of_member(const struct tmo_tensor *t, const char *path, bool plain)
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
                      struct tmo_members *members)
{
	const bool plain = r->found.members.count == 1;
	struct tmo_error ignored = {0};

	*members = (struct tmo_members){.count = r->found.members.count};
	members->member = tmo_alloc(members->count, sizeof(*members->member), &ignored);
	if (members->member == NULL)
		return false;
	for (size_t i = 0; i < members->count; i++) {
		struct tmo_member *const m = &members->member[i];
		const struct tmo_array *a;
		struct tmo_npy npy;

		*m = r->found.members.member[i];
		if (m->head == NULL)
			continue;
		a = array_of_member(t, m->path, plain);
		if (a->data == NULL || tmo_npy_parse(m->head, m->head_bytes, &npy, &ignored) < 0 ||
		    npy.swapped || (npy.fortran && npy.rank > 1) || !is_that_array(&npy, a)) {
			free(members->member);
			*members = (struct tmo_members){0};
			return false;
		}
		m->data = a->data;
		m->bytes = a->count * tmo_type_size(a->type);
	}
	return true;
}

int
tmo_reader_members(struct tmo_reader *r, struct tmo_members *members, struct tmo_error *err)
{
	struct tmo_found *const f = &r->found;

	tmo_members_free(members);
	if (f->members.count == 0 && tmo_members_add(&f->members, f->path, err) == NULL)
		return -1;
	if (finish_streaming(r, err) < 0)
		return -1;
	*members = f->members;
	f->members = (struct tmo_members){0};
	return 0;
}

int
tmo_reader_some(struct tmo_reader *r, const void **data, size_t *size, struct tmo_error *err)
{
	const struct tmo_members *const members = &r->found.members;

	if (r->head_left_bytes > 0) {
		*data = r->head_left;
		*size = r->head_left_bytes;
		r->head_left_bytes = 0;
		return 0;
	}
	if (r->found.streaming)
		return source(r)->some(source(r), data, size, err);
	*data = members->count > 0 ? members->member[0].data : NULL;	/* all of it, once */
	*size = members->count > 0 && !r->given ? members->member[0].bytes : 0;
	r->given = true;
	return 0;
}
