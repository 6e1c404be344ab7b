/* SPDX-License-Identifier: Apache-2.0 */
/* reader_plain.c: a plain archive: folders and .npy members are tensors. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "stream/member_name.h"
#include "stream/reader.h"
#include "stream/tensor_yaml.h"

struct plain_source {
	struct tmo_member_source base;
	struct tmo_cursor *cursor;
};

/* All members of the folder found->path, the first of which (path) is at hand. */
static int
take_folder(struct tmo_cursor *c, const char *path, struct tmo_found *found, struct tmo_error *err)
{
	const size_t prefix = strlen(found->path);

	for (;;) {
		struct tmo_member *const m = tmo_members_add(&found->members, path, err);
		uint64_t size;

		if (m == NULL)
			return -1;
		if (strlen(path) > 4 && tmo_ends_with(path, ".npy") &&
		    tmo_cursor_take_npy_head(c, m, err) < 0)
			return tmo_fail_at(err, path);
		size = tmo_tar_left(c->tar);
		if (tmo_tensor_yaml_check_size(path, size, err) < 0 ||
		    tmo_cursor_take(c, size, &m->data, err) < 0)
			return tmo_fail_at(err, path);
		m->bytes = (size_t)size;
		found->bytes += m->head_bytes + m->bytes;
		if (tmo_cursor_next(c, &path, &size, err) < 0)
			return -1;
		if (path == NULL || strncmp(path, found->path, prefix) != 0 || path[prefix] != '/')
			break;
	}
	tmo_cursor_back(c);
	return 0;
}

/* Its head; the data is read when it is asked for. */
static int
begin_npy(struct tmo_cursor *c, struct tmo_found *found, struct tmo_error *err)
{
	struct tmo_member *const m = tmo_members_add(&found->members, found->path, err);

	if (m == NULL || tmo_cursor_take_npy_head(c, m, err) < 0)
		return -1;
	found->streaming = true;
	found->left = tmo_tar_left(c->tar);
	found->bytes = m->head_bytes + found->left;
	return 0;
}

/* A member that is no tensor: read when it is asked for, but names.yaml, which the reader wants. */
static int
begin_other(struct tmo_cursor *c, uint64_t size, struct tmo_found *found, struct tmo_error *err)
{
	struct tmo_member *m;

	found->bytes = found->left = size;
	found->streaming = true;
	if (strcmp(found->path, "model.yaml") == 0 || strcmp(found->path, "graph.onnx") == 0)
		return tmo_fail(err, "it comes after a tensor; make the archive with tar --sort=name");
	if (strcmp(found->path, "names.yaml") != 0 || size > TMO_SPOOL_IN_MEMORY)
		return 0;
	m = tmo_members_add(&found->members, found->path, err);
	if (m == NULL || tmo_cursor_take(c, size, &m->data, err) < 0)
		return -1;
	m->bytes = (size_t)size;
	found->streaming = false;
	return 0;
}

static int
plain_next(struct tmo_member_source *s, struct tmo_found *found, struct tmo_error *err)
{
	struct tmo_cursor *const c = ((struct plain_source *)s)->cursor;
	const char *path, *inside, *slash;
	uint64_t size;
	int status;

	if (tmo_cursor_next(c, &path, &size, err) < 0)
		return -1;
	if (path == NULL)
		return 0;
	inside = tmo_member_in_tensors(path);
	slash = inside != NULL ? strchr(inside, '/') : NULL;
	if ((found->path = tmo_copy_string(path, err)) == NULL)
		return -1;
	if (slash != NULL)
		found->path[slash - path] = '\0';
	found->tensor = slash != NULL || (strlen(path) > 4 && tmo_ends_with(path, ".npy"));
	if (slash != NULL)
		status = take_folder(c, path, found, err);
	else if (found->tensor)
		status = begin_npy(c, found, err);
	else
		status = begin_other(c, size, found, err);
	return status < 0 ? tmo_fail_at(err, found->path) : 0;
}

static int
plain_some(struct tmo_member_source *s, const void **data, size_t *size, struct tmo_error *err)
{
	return tmo_tar_read_some(((struct plain_source *)s)->cursor->tar, data, size, err);
}

static int
plain_take(struct tmo_member_source *s, uint64_t size, void **data, struct tmo_error *err)
{
	return tmo_cursor_take(((struct plain_source *)s)->cursor, size, data, err);
}

static void
plain_close(struct tmo_member_source *s)
{
	free(s);
}

struct tmo_member_source *
tmo_plain_source(struct tmo_cursor *c, struct tmo_error *err)
{
	struct plain_source *const p = tmo_alloc(1, sizeof(*p), err);

	if (p == NULL)
		return NULL;
	p->base = (struct tmo_member_source){plain_next, plain_some, plain_take, plain_close};
	p->cursor = c;
	return &p->base;
}
