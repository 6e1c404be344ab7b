/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lookup.c: the reference is read in step with the stream, as long as both have the same order.
 * At the first name that is not the next one, a pass over it notes what comes as which tensor;
 * from then on it is known whether to read on, to start again, or not to look at all.
 */
#include "stream/lookup.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "base/source.h"
#include "base/string_index.h"
#include "tensor/encoding.h"

struct tmo_lookup {
	const char *path, *temporary_dir;
	uint64_t limit;
	int fd;
	struct tmo_source *source;
	struct tmo_reader *reader;
	struct tmo_item item;		/* the tensor at hand, if at_hand */
	bool at_hand;
	size_t number;			/* of the tensor at hand, or of the next */
	bool numbered;			/* numbers holds: name -> number */
	struct tmo_string_index numbers;
};

/* This is no input of the run: that it ends too early is nobody else's failure. */
static int
fail_in(const char *path, struct tmo_error *err)
{
	if (err->kind == TMO_ERROR_TRUNCATED)
		err->kind = TMO_ERROR_DATA;
	return tmo_fail_at(err, path);
}

static int
start(struct tmo_lookup *r, struct tmo_error *err)
{
	const struct tmo_reader_options options = {
		.temporary_dir = r->temporary_dir, .limit = r->limit,
	};

	tmo_reader_close(r->reader);
	tmo_source_close(r->source);
	r->reader = NULL;
	r->at_hand = false;
	r->item.kind = TMO_ITEM_OTHER;
	r->number = 0;
	r->source = tmo_source_fd(r->fd, err);
	if (r->source == NULL)
		return -1;
	if (lseek(r->fd, 0, SEEK_SET) < 0)
		return tmo_fail_system(err, "cannot go back in it");
	r->reader = tmo_reader_open(r->source, &options, err);
	return r->reader == NULL ? -1 : 0;
}

/* The next tensor at hand, if there is one. */
static int
next(struct tmo_lookup *r, struct tmo_error *err)
{
	if (r->at_hand)
		r->number++;
	do {
		if (tmo_reader_next(r->reader, &r->item, err) < 0)
			return -1;
	} while (r->item.kind == TMO_ITEM_OTHER);
	r->at_hand = r->item.kind == TMO_ITEM_TENSOR;
	return 0;
}

/* Notes all names, then starts again. */
static int
note_numbers(struct tmo_lookup *r, struct tmo_error *err)
{
	if (start(r, err) < 0 || next(r, err) < 0)
		return -1;
	while (r->at_hand)
		if (tmo_string_index_set(&r->numbers, r->item.name, r->number, err) < 0 || next(r, err) < 0)
			return -1;
	r->numbered = true;
	return start(r, err);
}

/* Moves to the tensor of that name. */
static int
seek(struct tmo_lookup *r, const char *name, bool *found, struct tmo_error *err)
{
	size_t number;

	*found = true;
	if (!r->numbered) {
		if (next(r, err) < 0)
			return -1;
		if (r->at_hand && strcmp(r->item.name, name) == 0)
			return 0;
		if (note_numbers(r, err) < 0)
			return -1;
	}
	number = tmo_string_index_get(&r->numbers, name);
	*found = number != SIZE_MAX;
	if (!*found)
		return 0;
	if (r->reader == NULL || r->number > number || (r->at_hand && r->number == number)) {
		if (start(r, err) < 0)
			return -1;
	}
	do {
		if (next(r, err) < 0)
			return -1;
		if (!r->at_hand)
			return tmo_fail(err, "changed while it was read; try again");
	} while (r->number < number);
	return 0;
}

int
tmo_lookup_load(struct tmo_lookup *r, const char *name, struct tmo_tensor *t, bool *found,
                   struct tmo_error *err)
{
	if (seek(r, name, found, err) < 0)
		return fail_in(r->path, err);
	if (!*found)
		return 0;
	if (tmo_reader_load(r->reader, t, err) < 0)
		return fail_in(r->path, err);
	return 0;
}

int
tmo_lookup_find(struct tmo_lookup *r, const char *name, struct tmo_tensor *t, bool *found,
                   int threads, struct tmo_error *err)
{
	if (tmo_lookup_load(r, name, t, found, err) < 0)
		return -1;
	if (*found && tmo_make_plain(t, threads, err) < 0)
		return fail_in(r->path, err);
	return 0;
}

int
tmo_lookup_names(struct tmo_lookup *r, tmo_lookup_name *fn, void *arg,
                    struct tmo_error *err)
{
	if (start(r, err) < 0 || next(r, err) < 0)
		return fail_in(r->path, err);
	while (r->at_hand)
		if (fn(arg, r->item.name, err) < 0 || next(r, err) < 0)
			return fail_in(r->path, err);
	return 0;
}

int
tmo_lookup_finish(struct tmo_lookup *r, struct tmo_error *err)
{
	while (r->item.kind != TMO_ITEM_END)
		if (next(r, err) < 0)
			return fail_in(r->path, err);
	return 0;
}

struct tmo_lookup *
tmo_lookup_open_fd(int fd, const char *path, const char *temporary_dir, uint64_t limit,
                   struct tmo_error *err)
{
	struct tmo_lookup *r = tmo_alloc(1, sizeof(*r), err);

	if (r == NULL) {
		close(fd);
		return NULL;
	}
	r->path = path;
	r->temporary_dir = temporary_dir;
	r->limit = limit;
	r->fd = fd;
	if (start(r, err) < 0) {
		fail_in(path, err);
		tmo_lookup_close(r);
		return NULL;
	}
	return r;
}

void
tmo_lookup_close(struct tmo_lookup *r)
{
	if (r == NULL)
		return;
	tmo_reader_close(r->reader);
	tmo_source_close(r->source);
	tmo_string_index_free(&r->numbers);
	if (r->fd >= 0)
		close(r->fd);
	free(r);
}
