/* SPDX-License-Identifier: Apache-2.0 */
/*
 * archive.c: where each member of the packed stream goes. Those that are no tensors keep their
 * place: before tensors.yaml, behind tensors.bin, or, where another tensor follows, in the blob.
 */
#include <stdlib.h>
#include <string.h>

#include "archive.h"
#include "base/memory.h"
#include "base/string_map.h"
#include "base/text.h"

int
pack_archive_open(struct archive *a, const struct tmo_members *head, struct tmo_run *run, int level,
                  bool compresses, struct tmo_error *err)
{
	const char *const temporary_dir = tmo_run_temporary_dir(run);
	static const char *const taken[] = {
		"model.yaml", "graph.onnx", TMO_PACKED_SUMS, TMO_PACKED_INDEX, TMO_PACKED_BLOB,
	};
	bool added;

	*a = (struct archive){.head = head, .raw.fd = -1, .blob.fd = -1, .other_bytes.fd = -1};
	a->expense = (struct expense){.run = run, .level = level, .threads = tmo_threads(run),
	                              .compresses = compresses};
	if (pack_file_open(&a->raw, temporary_dir, err) < 0 ||
	    pack_file_open(&a->blob, temporary_dir, err) < 0 ||
	    pack_file_open(&a->other_bytes, temporary_dir, err) < 0 ||
	    (a->paths = tmo_string_map_new(err)) == NULL)
		return -1;
	for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		if (tmo_string_map_add(a->paths, taken[i], NULL, &added, err) < 0)
			return -1;
	return 0;
}

static void
free_others(struct others *o)
{
	for (size_t i = 0; i < o->count; i++)
		free(o->other[i].path);
	free(o->other);
	*o = (struct others){0};
}

void
pack_archive_close(struct archive *a)
{
	free_others(&a->before);
	free_others(&a->waiting);
	tmo_packed_free(&a->index);
	free(a->codes);
	tmo_string_map_free(a->paths);
	pack_file_close(&a->raw);
	pack_file_close(&a->blob);
	pack_file_close(&a->other_bytes);
}

static struct tmo_packed_tensor *
add_entry(struct archive *a, const char *path, struct tmo_error *err)
{
	struct tmo_packed_tensor *t;

	if (tmo_grow(&a->index.tensor, a->index.count, &a->room, sizeof(*t), err) < 0 ||
	    tmo_grow(&a->codes, a->index.count, &a->codes_room, sizeof(*a->codes), err) < 0)
		return NULL;
	a->codes[a->index.count] = (struct codes){0};
	t = &a->index.tensor[a->index.count];
	*t = (struct tmo_packed_tensor){.path = tmo_copy_string(path, err)};
	if (t->path == NULL)
		return NULL;
	a->index.count++;
	return t;
}

struct codes *
pack_archive_codes(struct archive *a)
{
	return &a->codes[a->index.count - 1];
}

/* One of the others as an entry. */
static int
add_other_entry(struct archive *a, const struct other *o, struct tmo_error *err)
{
	struct tmo_packed_tensor *t = add_entry(a, o->path, err);

	if (t == NULL || (t->part = tmo_alloc(1, sizeof(*t->part), err)) == NULL)
		return -1;
	t->other = true;
	t->part_count = 1;
	t->part->coding = TMO_CODING_FILE;
	t->part->offset = a->raw.size;
	t->part->length = o->size;
	if ((t->part->path = tmo_copy_string(o->path, err)) == NULL)
		return -1;
	return pack_file_copy(&a->other_bytes, o->offset, o->size, &a->raw, err);
}

/* The first n of those that wait. */
static int
flush_waiting(struct archive *a, size_t n, struct tmo_error *err)
{
	for (size_t i = 0; i < n; i++) {
		if (add_other_entry(a, &a->waiting.other[i], err) < 0)
			return -1;
		free(a->waiting.other[i].path);
		a->waiting.other[i].path = NULL;
	}
	a->waiting.count -= n;
	if (n > 0)
		memmove(a->waiting.other, a->waiting.other + n,
		        a->waiting.count * sizeof(*a->waiting.other));
	return 0;
}

struct tmo_packed_tensor *
pack_archive_tensor(struct archive *a, const char *path, struct tmo_error *err)
{
	if (flush_waiting(a, a->waiting.count, err) < 0)
		return NULL;
	return add_entry(a, path, err);
}

int
pack_archive_begin_other(struct archive *a, const char *path, struct tmo_error *err)
{
	struct others *o = &a->waiting;
	bool fresh;

	/*
	 * What stands before the first tensor can stay a member, if its name is not taken and is not
	 * one that a reader knows as a tensor's (complex numbers, say, in a .npy).
	 */
	if (a->index.count == 0 && a->waiting.count == 0 && !tmo_string_map_has(a->paths, path) &&
	    !tmo_ends_with(path, ".npy")) {
		o = &a->before;
		if (tmo_string_map_add(a->paths, path, NULL, &fresh, err) < 0)
			return -1;
	}
	if (tmo_grow(&o->other, o->count, &o->room, sizeof(*o->other), err) < 0)
		return -1;
	o->other[o->count] = (struct other){.path = tmo_copy_string(path, err),
	                                    .offset = a->other_bytes.size};
	if (o->other[o->count].path == NULL)
		return -1;
	o->count++;
	pack_file_mark(&a->other_bytes);
	return 0;
}

void
pack_archive_end_other(struct archive *a)
{
	struct others *o = a->waiting.count > 0 ? &a->waiting : &a->before;
	struct other *last = &o->other[o->count - 1];

	last->size = a->other_bytes.size - last->offset;
	pack_file_digest_entry(&a->other_bytes, last->digest);
}

int
pack_archive_end(struct archive *a, struct tmo_error *err)
{
	size_t taken = 0;	/* all up to the last whose name is taken become entries */
	bool fresh;

	for (size_t i = 0; i < a->waiting.count; i++) {
		if (tmo_string_map_add(a->paths, a->waiting.other[i].path, NULL, &fresh, err) < 0)
			return -1;
		if (!fresh)
			taken = i + 1;
	}
	return flush_waiting(a, taken, err);
}
