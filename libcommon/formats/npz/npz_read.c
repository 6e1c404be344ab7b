/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The archive is gone through twice: once for the headers, so that whoever writes can say first how
 * many tensors there are, once for the data. Its directory, at the end, counts: it has the sizes,
 * which a member written through a pipe says only behind its data.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/path.h"
#include "base/read_write.h"
#include "base/string_map.h"
#include "base/text.h"
#include "formats/npz/npz.h"
#include "formats/npz/zip_locale.h"
#include "formats/npz/zip_names.h"

#define BLOCK ((size_t)1 << 18)		/* what libarchive reads at once */
#define EMPTY_BYTES 22			/* of an archive without members */

struct tmo_npz_reader {
	int fd;
	bool is_npy;		/* no archive: one .npy */
	bool is_empty;		/* an archive without members, for which libarchive has no eyes */
	struct zip_locale locale;
	struct archive *zip;
	struct archive_entry *entry;	/* borrowed from zip */
	const char *path;	/* of the entry */
	size_t next;		/* number of the member after the one at hand */
	size_t entries;		/* that were gone past, folders among them */
	struct tmo_zip_names names;
	uint64_t left;		/* of the member at hand */
	size_t count, room;
	struct tmo_npz_member *member;
};

/* ---- bytes of a member, whichever of the two it is in ---- */

static int
zip_failed(struct tmo_npz_reader *r, struct tmo_error *err)
{
	const char *text = archive_error_string(r->zip);

	return tmo_fail(err, "%s; the file is damaged or cut short, get it again",
	                text != NULL ? text : "not a zip archive that can be read");
}

static int
some(struct tmo_npz_reader *r, void *data, size_t size, size_t *got, struct tmo_error *err)
{
	la_ssize_t n;

	if (r->is_npy)
		return tmo_read_full(r->fd, data, size, got, err);
	n = archive_read_data(r->zip, data, size);
	if (n < 0)
		return zip_failed(r, err);
	*got = (size_t)n;
	return 0;
}

int
tmo_npz_read(struct tmo_npz_reader *r, void *data, size_t size, size_t *got,
             struct tmo_error *err)
{
	int status = some(r, data, size, got, err);

	if (status == 0 && *got > r->left)
		status = tmo_fail(err, "it is longer than the %ju bytes that are announced; "
		                  "get the file again", (uintmax_t)r->member[r->next - 1].bytes);
	if (status == 0 && *got < size && *got < r->left)
		status = tmo_fail(err, "%ju of its bytes are missing; get the file again",
		                  (uintmax_t)(r->left - *got));
	if (status < 0)
		return tmo_fail_at(err, r->member[r->next - 1].path);
	r->left -= *got;
	return 0;
}

struct taking {
	struct tmo_npz_reader *r;
	uint64_t left;
};

static int
read_member(void *arg, void *data, size_t size, struct tmo_error *err)
{
	struct taking *const t = arg;
	size_t got;

	t->left -= size;
	/* At the end one byte more is asked for than there is: that finds the end. */
	return tmo_npz_read(t->r, data, size + (t->left == 0), &got, err);
}

int
tmo_npz_take(struct tmo_npz_reader *r, uint64_t size, void **data, struct tmo_error *err)
{
	struct taking t = { .r = r, .left = size };

	return tmo_take(size, read_member, &t, data, err);
}

/* ---- from member to member ---- */

static int
open_archive(struct tmo_npz_reader *r, struct tmo_error *err)
{
	if (lseek(r->fd, 0, SEEK_SET) < 0)
		return tmo_fail_system(err, "cannot go back in it");
	r->next = r->entries = 0;
	if (r->is_npy || r->is_empty)
		return 0;
	if (r->zip != NULL)
		archive_read_free(r->zip);
	r->zip = archive_read_new();
	if (r->zip == NULL)
		return tmo_fail_memory(err, 0);
	if (archive_read_support_format_zip_seekable(r->zip) != ARCHIVE_OK ||
	    archive_read_open_fd(r->zip, r->fd, BLOCK) != ARCHIVE_OK)
		return zip_failed(r, err);
	return 0;
}

/* The next member that is no folder; *end: there is none. */
static int
next_entry(struct tmo_npz_reader *r, bool *end, struct tmo_error *err)
{
	char shown[200];
	int status;

	*end = false;
	do {
		zip_locale_enter(&r->locale);
		status = archive_read_next_header(r->zip, &r->entry);
		r->path = status == ARCHIVE_OK ? archive_entry_pathname(r->entry) : NULL;
		zip_locale_leave(&r->locale);
		if (status == ARCHIVE_EOF) {
			*end = true;
			return 0;
		}
		if (status != ARCHIVE_OK)
			return zip_failed(r, err);
		r->entries++;
		if (r->path == NULL || r->path[0] == '\0')
			return tmo_fail(err, "member %zu has a name that is no text; rename it", r->next);
	} while (archive_entry_filetype(r->entry) == AE_IFDIR);
	if (archive_entry_filetype(r->entry) != AE_IFREG)
		tmo_fail(err, "it is a link or a device; only files can be read");
	else if (archive_entry_is_encrypted(r->entry))
		tmo_fail(err, "it is encrypted; write it again without a password");
	else if (!archive_entry_size_is_set(r->entry) || archive_entry_size(r->entry) < 0)
		tmo_fail(err, "its size is not known; write the archive again");
	else
		return r->next++, 0;
	return tmo_fail_at(err, tmo_printable(r->path, shown, sizeof(shown)));
}

/* The .npy header of the member at hand, *bytes of it, of which n were read. */
static int
take_header(struct tmo_npz_reader *r, unsigned char *header, size_t n, size_t *bytes, struct tmo_error *err)
{
	if (tmo_npy_header_bytes(header, n, bytes, err) < 0)
		return -1;
	if (*bytes < n)
		return tmo_fail(err, "bad .npy header; save it again with numpy.save");
	if (some(r, header + n, *bytes - n, &n, err) < 0)
		return -1;
	return 0;
}

/* A tensor's name, or that it is none. */
static int
understand(struct tmo_npz_reader *r, struct tmo_npz_member *m, unsigned char *header,
           const char *alone, struct tmo_error *err)
{
	size_t length = strlen(m->path), bytes, n = 0;

	if (some(r, header, TMO_NPY_PREFIX, &n, err) < 0)
		return -1;
	m->of_macos = !r->is_npy && tmo_is_of_macos(m->path, header, n);
	if (m->of_macos || (!r->is_npy && !tmo_ends_with(m->path, ".npy")))
		return 0;
	if (take_header(r, header, n, &bytes, err) < 0 || tmo_npy_parse(header, bytes, &m->npy, err) < 0)
		return -1;
	if (m->npy.type == TMO_NONE)
		return r->is_npy ? tmo_fail(err, "its elements are no numbers of a type that tmo has; "
		                            "cast the array and save it again") : 0;
	if (m->bytes < bytes || m->bytes - bytes != m->npy.count * tmo_type_size(m->npy.type))
		return tmo_fail(err, "%ju bytes, its header says %zu and %zu; save it again",
		                (uintmax_t)m->bytes, bytes, m->npy.count * tmo_type_size(m->npy.type));
	m->name = tmo_copy_string(r->is_npy ? alone : m->path, err);
	if (m->name == NULL)
		return -1;
	if (!r->is_npy)
		m->name[length - 4] = '\0';
	return m->name[0] != '\0' ? 0 : tmo_fail(err, "a tensor must have a name; rename it");
}

static int
add_member(struct tmo_npz_reader *r, const char *path, uint64_t bytes, unsigned char *header,
           const char *alone, struct tmo_error *err)
{
	struct tmo_npz_member *m;

	if (tmo_grow(&r->member, r->count, &r->room, sizeof(*m), err) < 0)
		return -1;
	m = &r->member[r->count];
	*m = (struct tmo_npz_member){ .path = tmo_copy_string(path, err), .bytes = bytes };
	if (m->path == NULL)
		return -1;
	if (!r->is_npy)
		tmo_zip_names_restore(&r->names, r->entries - 1, m->path);
	r->count++;
	if (understand(r, m, header, alone, err) < 0)
		return r->is_npy ? -1 : tmo_fail_at(err, m->path);
	return 0;
}

static int
add_members(struct tmo_npz_reader *r, unsigned char *header, const char *alone,
            struct tmo_error *err)
{
	struct tmo_string_map *seen = tmo_string_map_new(err);
	bool end = seen == NULL, added;
	int status = end ? -1 : 0;

	while (status == 0 && !r->is_empty) {
		status = next_entry(r, &end, err);
		if (status < 0 || end)
			break;
		status = add_member(r, r->path, (uint64_t)archive_entry_size(r->entry), header, alone,
		                    err);
		if (status == 0)
			status = tmo_string_map_add(seen, r->member[r->count - 1].path, NULL, &added, err);
		if (status == 0 && !added) {
			status = tmo_fail(err, "the archive has it twice; leave one out");
			tmo_fail_at(err, r->member[r->count - 1].path);
		}
	}
	tmo_string_map_free(seen);
	return status;
}

struct tmo_npz_reader *
tmo_npz_open(int fd, const char *alone, struct tmo_error *err)
{
	struct tmo_npz_reader *r = tmo_alloc(1, sizeof(*r), err);
	unsigned char *header = tmo_alloc(TMO_NPY_HEADER_MAX + TMO_NPY_PREFIX, 1, err), magic[6] = "";
	size_t got = 0;
	off_t size;
	int status = -1;

	if (r == NULL || header == NULL || tmo_pread_full(fd, magic, sizeof(magic), 0, &got, err) < 0)
		goto out;
	size = lseek(fd, 0, SEEK_END);
	*r = (struct tmo_npz_reader){
		.fd = fd, .is_npy = memcmp(magic, "\x93NUMPY", 6) == 0,
		.is_empty = memcmp(magic, "PK\5\6", 4) == 0 && size >= EMPTY_BYTES,
	};
	zip_locale_open(&r->locale);
	if (!r->is_npy && !r->is_empty && memcmp(magic, "PK\3\4", 4) != 0)
		tmo_fail(err, "neither .npz nor .npy; write it with numpy.savez or numpy.save");
	else if ((r->is_npy || tmo_zip_names_read(fd, &r->names, err) == 0) && open_archive(r, err) == 0)
		status = r->is_npy ? add_member(r, alone, (uint64_t)size, header, alone, err) :
		                     add_members(r, header, alone, err);
	if (status == 0)
		status = open_archive(r, err);
out:
	free(header);
	if (status == 0)
		return r;
	tmo_npz_close(r);
	return NULL;
}

void
tmo_npz_close(struct tmo_npz_reader *r)
{
	if (r == NULL)
		return;
	if (r->zip != NULL)
		archive_read_free(r->zip);
	zip_locale_close(&r->locale);
	for (size_t i = 0; i < r->count; i++) {
		free(r->member[i].path);
		free(r->member[i].name);
	}
	free(r->member);
	tmo_zip_names_free(&r->names);
	free(r);
}

size_t
tmo_npz_count(const struct tmo_npz_reader *r)
{
	return r->count;
}

const struct tmo_npz_member *
tmo_npz_member(const struct tmo_npz_reader *r, size_t i)
{
	return &r->member[i];
}

int
tmo_npz_begin(struct tmo_npz_reader *r, size_t i, struct tmo_error *err)
{
	const struct tmo_npz_member *m = &r->member[i];
	unsigned char piece[512];
	size_t n, got;
	bool end = false;

	if (r->is_npy)
		r->next = 1;
	while (r->next <= i && !end)
		if (next_entry(r, &end, err) < 0)
			return -1;
	if (end || (!r->is_npy && (uint64_t)archive_entry_size(r->entry) != m->bytes))
		return tmo_fail(err, "the file changed while it was read; start again");
	r->left = m->bytes;
	for (n = m->name != NULL ? m->npy.header_bytes : 0; n > 0; n -= got)
		if (tmo_npz_read(r, piece, n < sizeof(piece) ? n : sizeof(piece), &got, err) < 0)
			return -1;
	return 0;
}
