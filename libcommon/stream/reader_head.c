/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The head of a stream: model.yaml, graph.onnx and whatever else stands before the first tensor, in
 * any order, since `tar --sort=name` puts an unpacked stream together in the order of the alphabet.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "stream/member_name.h"
#include "stream/reader.h"

#define GRAPH_MAX ((uint64_t)2 << 30)	/* protobuf's own limit */
/* What a YAML text becomes in memory is up to 60 times as large. */
#define MANIFEST_MAX ((uint64_t)16 << 20)

static bool
is_tensor_path(const char *path)
{
	const char *const inside = tmo_member_in_tensors(path);

	return tmo_ends_with(path, ".npy") || (inside != NULL && strchr(inside, '/') != NULL);
}

static int
take_manifest(struct tmo_reader *r, const struct tmo_member *m, struct tmo_error *err)
{
	const struct tmo_yaml *version, *names;
	uint64_t number;

	r->manifest = tmo_yaml_parse(m->data, m->bytes, err);
	if (r->manifest == NULL)
		return -1;
	if (r->manifest->kind != TMO_YAML_MAP)
		return tmo_fail(err, "not a mapping; write the stream again");
	version = tmo_yaml_get(r->manifest, "tmo");
	if (version != NULL && tmo_yaml_size(version, &number, err) < 0)
		return -1;
	if (version != NULL && number != TMO_STREAM_VERSION)
		return tmo_fail_unsupported(err, "stream version %ju, this program reads %d; use a tmo "
		                            "that knows it", (uintmax_t)number, TMO_STREAM_VERSION);
	names = tmo_yaml_get(r->manifest, "names");
	return names == NULL ? 0 : tmo_reader_add_names(r, names, err);
}

/* model.yaml or graph.onnx. */
static int
take_head_part(struct tmo_reader *r, const char *path, uint64_t size, struct tmo_error *err)
{
	const bool manifest = strcmp(path, "model.yaml") == 0;
	struct tmo_member *m;

	for (size_t i = 0; i < r->head.count; i++)
		if (strcmp(r->head.member[i].path, path) == 0)
			return tmo_fail(err, "a second one; leave one out");
	if (size > (manifest ? MANIFEST_MAX : GRAPH_MAX))
		return tmo_fail(err, "%ju bytes, at most %s are accepted; make the stream again",
		                (uintmax_t)size, manifest ? "16 MiB" : "2 GiB");
	m = tmo_members_add(&r->head, path, err);
	if (m == NULL || tmo_cursor_take(&r->cursor, size, &m->data, err) < 0)
		return -1;
	m->bytes = (size_t)size;
	tmo_check_see(&r->check, m->data, m->bytes);
	return manifest ? take_manifest(r, m, err) : 0;
}

/* SHA256SUMS, the first member: it counts only if the stream turns out to be packed. */
static void
try_sums(struct tmo_reader *r)
{
	const struct tmo_spool_member *m = &r->held.member[0];
	struct tmo_error ignored = {0};

	r->check.on = m->data != NULL &&
	              tmo_sha256sums_parse(m->data, (size_t)m->size, &r->check.sums, &ignored) == 0;
	if (r->check.on)
		tmo_tar_be_strict(r->cursor.tar);
}

/* A names.yaml that was held. */
static int
take_held_names(struct tmo_reader *r, const struct tmo_spool_member *m, struct tmo_error *err)
{
	void *text = tmo_alloc((size_t)m->size, 1, err);
	int status = -1;

	if (text != NULL && tmo_spool_read(&r->held, m, 0, text, (size_t)m->size, err) == 0)
		status = tmo_reader_names_member(r, text, (size_t)m->size, err);
	free(text);
	return status;
}

static int
take_head_other(struct tmo_reader *r, const char *path, uint64_t size, struct tmo_error *err)
{
	const struct tmo_spool_member *m;

	if (tmo_spool_take(&r->held, r->cursor.tar, path, size, tmo_check_see, &r->check, err) < 0)
		return -1;
	m = &r->held.member[r->held.count - 1];
	if (strcmp(path, "names.yaml") == 0 && m->size <= TMO_SPOOL_IN_MEMORY)
		return take_held_names(r, m, err);
	return 0;
}

/* wrong gets the first digest that is not right, which counts only if the stream is packed. */
static int
take_head_member(struct tmo_reader *r, const char *path, uint64_t size, struct tmo_error *wrong,
                 struct tmo_error *err)
{
	int status;

	if (tmo_check_begin(&r->check, path, err) < 0)
		return -1;
	if (strcmp(path, "model.yaml") == 0 || strcmp(path, "graph.onnx") == 0)
		status = take_head_part(r, path, size, err);
	else
		status = take_head_other(r, path, size, err);
	if (status < 0)
		return tmo_fail_at(err, path);
	if (wrong->kind == TMO_ERROR_NONE)
		tmo_check_end(&r->check, wrong);
	return 0;
}

/* model.yaml first, as it is written, whatever `tar --sort=name` makes of it. */
static void
order_head(struct tmo_members *head)
{
	if (head->count == 2 && strcmp(head->member[0].path, "model.yaml") != 0) {
		const struct tmo_member first = head->member[0];

		head->member[0] = head->member[1];
		head->member[1] = first;
	}
}

/* What the members at hand, and all before the first tensor that were kept, come from. */
static int
make_sources(struct tmo_reader *r, const struct tmo_error *wrong, struct tmo_error *err)
{
	if (r->packed && wrong->kind != TMO_ERROR_NONE) {
		*err = *wrong;
		return -1;
	}
	tmo_cursor_back(&r->cursor);
	r->source[TMO_ARCHIVE] = r->packed ?
	                         tmo_packed_source(&r->cursor, &r->check, &r->held, err) :
	                         tmo_plain_source(&r->cursor, err);
	if (r->source[TMO_ARCHIVE] == NULL)
		return -1;
	/* A packed archive's SHA256SUMS is no member of the plain one. */
	r->source[TMO_KEPT] = tmo_kept_source(&r->held, r->packed ? 1 : 0, err);
	return r->source[TMO_KEPT] == NULL ? -1 : 0;
}

int
tmo_reader_read_head(struct tmo_reader *r, struct tmo_error *err)
{
	struct tmo_error wrong = {0};
	const char *path;
	uint64_t size;

	for (bool first = true;; first = false) {
		if (tmo_cursor_next(&r->cursor, &path, &size, err) < 0)
			return -1;
		if (path == NULL || is_tensor_path(path) || strcmp(path, TMO_PACKED_INDEX) == 0 ||
		    strcmp(path, TMO_PACKED_BLOB) == 0)
			break;
		if (take_head_member(r, path, size, &wrong, err) < 0)
			return -1;
		if (first && strcmp(path, TMO_PACKED_SUMS) == 0)
			try_sums(r);
	}
	r->packed = path != NULL && !is_tensor_path(path);
	if (make_sources(r, &wrong, err) < 0)
		return -1;
	order_head(&r->head);
	for (size_t i = 0; i < r->head.count; i++)
		if (strcmp(r->head.member[i].path, "graph.onnx") == 0)
			r->graph = &r->head.member[i];
	return 0;
}
