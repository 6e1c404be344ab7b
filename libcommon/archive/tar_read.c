/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading tar. libtar checks a header block in memory (th_crc_ok); its own I/O has no context and
 * takes one zero block for the end, and its size macro is 32-bit, so these are ours.
 */
#include <libtar.h>
#include <stdlib.h>
#include <string.h>

#include "archive/tar.h"
#include "archive/tar_header.h"
#include "base/memory.h"
#include "base/path.h"
#include "base/source.h"

struct tmo_tar_reader {
	struct tmo_source *src;
	TAR tar;
	uint64_t left, padding;		/* of the member at hand */
	char *path;			/* of the member at hand */
	char *long_path;		/* from an L or x member, for the next header */
	bool has_size;
	uint64_t size;			/* from an x member */
	bool ended, strict;
	bool begun, ours;		/* whether the first header is one that we write */
};

struct tmo_tar_reader *
tmo_tar_reader_new(struct tmo_source *src, struct tmo_error *err)
{
	struct tmo_tar_reader *r = tmo_alloc(1, sizeof(*r), err);

	if (r != NULL)
		r->src = src;
	return r;
}

void
tmo_tar_reader_free(struct tmo_tar_reader *r)
{
	if (r == NULL)
		return;
	free(r->path);
	free(r->long_path);
	free(r);
}

void
tmo_tar_be_strict(struct tmo_tar_reader *r)
{
	r->strict = true;
}

uint64_t
tmo_tar_left(const struct tmo_tar_reader *r)
{
	return r->left;
}

bool
tmo_tar_begun(const struct tmo_tar_reader *r)
{
	return r->begun || r->ended;
}

bool
tmo_tar_ended(const struct tmo_tar_reader *r)
{
	return r->ended;
}

static int
truncated(struct tmo_error *err)
{
	tmo_fail(err, "truncated: the archive stops before its end; send or make it again");
	err->kind = TMO_ERROR_TRUNCATED;
	return -1;
}

int
tmo_tar_read_some(struct tmo_tar_reader *r, const void **data, size_t *size,
                  struct tmo_error *err)
{
	*size = 0;
	*data = NULL;
	if (r->left == 0)
		return 0;
	if (tmo_source_fill(r->src, err) < 0)
		return -1;
	if (r->src->left == 0)
		return truncated(err);
	*data = r->src->next;
	*size = r->src->left < r->left ? r->src->left : (size_t)r->left;
	tmo_source_take(r->src, *size);
	r->left -= *size;
	return 0;
}

int
tmo_tar_peek(struct tmo_tar_reader *r, const void **data, size_t *size, struct tmo_error *err)
{
	*size = 0;
	*data = NULL;
	if (r->left == 0)
		return 0;
	if (tmo_source_fill(r->src, err) < 0)
		return -1;
	*data = r->src->next;
	*size = r->src->left < r->left ? r->src->left : (size_t)r->left;
	return 0;
}

int
tmo_tar_read(struct tmo_tar_reader *r, void *data, size_t size, struct tmo_error *err)
{
	size_t got;

	if (size > r->left)
		return tmo_fail(err, "%zu bytes wanted, %ju are left; the member is too short", size,
		                (uintmax_t)r->left);
	if (tmo_source_read(r->src, data, size, &got, err) < 0)
		return -1;
	r->left -= got;
	return got < size ? truncated(err) : 0;
}

static int
skip_rest(struct tmo_tar_reader *r, struct tmo_error *err)
{
	const void *data;
	size_t size;

	while (r->left > 0)
		if (tmo_tar_read_some(r, &data, &size, err) < 0)
			return -1;
	r->left = r->padding;
	r->padding = 0;
	while (r->left > 0) {
		if (tmo_tar_read_some(r, &data, &size, err) < 0)
			return -1;
		for (size_t i = 0; r->strict && i < size; i++)
			if (((const unsigned char *)data)[i] != 0)
				return tmo_fail(err, "damaged: bytes behind a member that should be "
				                "zeros; make it again");
	}
	return 0;
}

/* The data of an extension member (a long name, a pax header): bounded before memory is taken. */
static char *
read_text(struct tmo_tar_reader *r, uint64_t size, struct tmo_error *err)
{
	char *text;

	if (size > 2 * TMO_TAR_PATH_MAX) {
		tmo_fail(err, "a name or pax header of %ju bytes, at most %d are accepted; "
		         "use shorter names", (uintmax_t)size, 2 * TMO_TAR_PATH_MAX);
		return NULL;
	}
	text = tmo_alloc((size_t)size + 1, 1, err);
	if (text != NULL && tmo_tar_read(r, text, (size_t)size, err) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static bool
number(const char *text, size_t length, uint64_t *value)
{
	*value = 0;
	for (size_t i = 0; i < length; i++) {
		if (text[i] < '0' || text[i] > '9' || *value > (UINT64_MAX - 9) / 10)
			return false;
		*value = *value * 10 + (uint64_t)(text[i] - '0');
	}
	return length > 0;
}

/* One pax record, "LENGTH KEY=VALUE\n": path and size count, sparse files are refused. */
static int
pax_record(struct tmo_tar_reader *r, const char *key, size_t key_size, const char *value,
           size_t value_size, struct tmo_error *err)
{
	if (key_size == 4 && memcmp(key, "path", 4) == 0) {
		char *path = tmo_alloc(value_size + 1, 1, err);

		if (path == NULL)
			return -1;
		memcpy(path, value, value_size);
		free(r->long_path);
		r->long_path = path;
		if (strlen(path) != value_size)
			return tmo_fail(err, "pax path with a NUL byte; rename the member");
	} else if (key_size == 4 && memcmp(key, "size", 4) == 0) {
		r->has_size = number(value, value_size, &r->size);
		if (!r->has_size)
			return tmo_fail(err, "bad size in a pax header; make the archive again");
	} else if (key_size > 11 && memcmp(key, "GNU.sparse.", 11) == 0) {
		return tmo_fail(err, "sparse members are not accepted; make the archive without -S");
	}
	return 0;
}

static int
read_pax(struct tmo_tar_reader *r, uint64_t size, struct tmo_error *err)
{
	char *text = read_text(r, size, err);
	int status = -1;

	if (text == NULL)
		return -1;
	for (size_t at = 0; at < size;) {
		const char *const record = text + at;
		const char *const space = memchr(record, ' ', (size_t)size - at);
		const char *equals;
		uint64_t length;

		if (space == NULL || !number(record, (size_t)(space - record), &length) ||
		    length > size - at || record + length < space + 3 ||
		    record[length - 1] != '\n' ||
		    (equals = memchr(space + 1, '=', (size_t)(record + length - space) - 1)) == NULL) {
			tmo_fail(err, "bad pax header; make the archive again");
			goto out;
		}
		if (pax_record(r, space + 1, (size_t)(equals - space) - 1, equals + 1,
		               (size_t)(record + length - equals) - 2, err) < 0)
			goto out;
		at += (size_t)length;
	}
	status = 0;
out:
	free(text);
	return status;
}

/* Reads one header block; *zero: it was all zeros. */
static int
read_header(struct tmo_tar_reader *r, bool *zero, struct tmo_error *err)
{
	static const char zeros[T_BLOCKSIZE];
	size_t got;

	if (tmo_source_read(r->src, &r->tar.th_buf, T_BLOCKSIZE, &got, err) < 0)
		return -1;
	if (got < T_BLOCKSIZE)
		return truncated(err);
	*zero = memcmp(&r->tar.th_buf, zeros, T_BLOCKSIZE) == 0;
	if (!*zero && (!th_crc_ok(&r->tar) || !tmo_tar_plain_checksum(&r->tar.th_buf)))
		return tmo_fail(err, "not a tensor stream, or a damaged one: a tar header's checksum "
		                "is wrong; make it again");
	return 0;
}

/* After the first zero block: the second, and then nothing but zeros to the end of the input. */
static int
read_end(struct tmo_tar_reader *r, struct tmo_error *err)
{
	bool zero;

	r->ended = true;
	if (read_header(r, &zero, err) < 0)
		return -1;
	if (!zero)
		return tmo_fail(err, "damaged: a lone zero block inside the archive; make it again");
	for (;;) {
		if (tmo_source_fill(r->src, err) < 0)
			return -1;
		if (r->src->left == 0)
			return 0;
		for (size_t i = 0; i < r->src->left; i++)
			if (r->src->next[i] != 0)
				return tmo_fail(err, "data after the archive's end; send one stream only");
		tmo_source_take(r->src, r->src->left);
	}
}

static int
check_path(const char *path, struct tmo_error *err)
{
	const enum tmo_path_fault fault = tmo_path_fault(path);

	if (fault == TMO_PATH_EMPTY)
		return tmo_fail(err, "a member without a name; make the archive again");
	if (strlen(path) > TMO_TAR_PATH_MAX)
		return tmo_fail(err, "a member name of %zu bytes; use shorter names", strlen(path));
	if (fault != TMO_PATH_INSIDE)
		return tmo_fail(err, "%s; make the archive with tar -C DIR .",
		                fault == TMO_PATH_ABSOLUTE ? "absolute path" : "path with ..");
	return 0;
}

/* Takes the path of the header at hand into r->path, "./" stripped. */
static int
take_path(struct tmo_tar_reader *r, struct tmo_error *err)
{
	char joined[TMO_TAR_PATH_SIZE];
	const char *path = r->long_path != NULL ? r->long_path : joined;

	tmo_tar_header_path(&r->tar.th_buf, joined);
	while (path[0] == '.' && path[1] == '/')
		for (path += 2; path[0] == '/';)
			path++;
	free(r->path);
	r->path = tmo_copy_string(path, err);
	free(r->long_path);
	r->long_path = NULL;
	return r->path == NULL ? -1 : 0;
}

/* No digest covers headers: all are ours, or none is, where another tar wrote the archive anew. */
static int
check_ours(struct tmo_tar_reader *r, uint64_t size, struct tmo_error *err)
{
	bool ours;

	if (r->begun && !r->strict)
		return 0;
	ours = tmo_tar_is_ours(&r->tar, r->long_path, size);
	if (r->begun && ours != r->ours)
		return tmo_fail(err, "damaged: one tar header is not written as the others are; make it "
		                "again");
	r->begun = true;
	r->ours = ours;
	return 0;
}

/* What the header at hand is: *found says that it is a regular member. */
static int
take_header(struct tmo_tar_reader *r, bool *found, struct tmo_error *err)
{
	const char type = r->tar.th_buf.typeflag;
	uint64_t size;

	if (!tmo_tar_header_size(&r->tar.th_buf, &size))
		return tmo_fail(err, "bad size in a tar header; make the archive again");
	if (check_ours(r, size, err) < 0)
		return -1;
	if (type == 'L' || type == 'x') {
		r->left = size;
		r->padding = (T_BLOCKSIZE - size % T_BLOCKSIZE) % T_BLOCKSIZE;
		if (type == 'x')
			return read_pax(r, size, err);
		free(r->long_path);
		r->long_path = read_text(r, size, err);
		return r->long_path == NULL ? -1 : 0;
	}
	if (r->has_size && type != 'g' && type != 'K')
		size = r->size;
	if (size > INT64_MAX - T_BLOCKSIZE)
		return tmo_fail(err, "bad size in a tar header; make the archive again");
	r->left = type == '5' ? 0 : size;
	r->padding = (T_BLOCKSIZE - r->left % T_BLOCKSIZE) % T_BLOCKSIZE;
	if (type == 'g' || type == 'K')
		return 0;
	r->has_size = false;
	if (take_path(r, err) < 0)
		return -1;
	if (type == '5' || (type == '\0' && r->path[0] != '\0' &&
	    r->path[strlen(r->path) - 1] == '/'))
		return 0;
	*found = true;
	if (type == '1')
		return tmo_fail(err, "a hard link; make the archive with tar --hard-dereference");
	if (type == '2')
		return tmo_fail(err, "a link; make the archive with tar -h");
	if (type != '0' && type != '\0' && type != '7')
		return tmo_fail(err, "a member of type '%c', not a file; leave it out",
		                type >= ' ' && type < 127 ? type : '?');
	return check_path(r->path, err);
}

int
tmo_tar_next(struct tmo_tar_reader *r, const char **path, uint64_t *size, struct tmo_error *err)
{
	bool found = false, zero;

	*path = NULL;
	while (!found && !r->ended) {
		if (skip_rest(r, err) < 0 || read_header(r, &zero, err) < 0)
			return -1;
		if (zero)
			return read_end(r, err);
		if (take_header(r, &found, err) < 0)
			return r->path != NULL && found ? tmo_fail_at(err, r->path) : -1;
	}
	if (!r->ended) {
		*path = r->path;
		*size = r->left;
	}
	return 0;
}
