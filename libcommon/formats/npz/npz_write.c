/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No time, no owner but root, mode 0644: the same members give the same archive. libarchive puts
 * zip64 records where sizes or counts ask for them, and checksums behind the data.
 */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sink.h"
#include "base/utf8.h"
#include "formats/npz/npz.h"
#include "formats/npz/zip_locale.h"

#define PATH_MAX_BYTES 65535	/* the format's own limit */

struct tmo_npz_writer {
	struct tmo_sink *sink;	/* NULL: what comes is thrown away */
	struct zip_locale locale;
	struct archive *zip;
	struct archive_entry *entry;
	uint64_t left;		/* of the member at hand */
	struct tmo_error *err;	/* of the call at hand, for the callback */
};

static la_ssize_t
to_sink(struct archive *zip, void *arg, const void *data, size_t size)
{
	struct tmo_npz_writer *w = arg;

	if (w->sink == NULL || tmo_sink_write(w->sink, data, size, w->err) == 0)
		return (la_ssize_t)size;
	archive_set_error(zip, EIO, "cannot write");
	return -1;
}

/* What libarchive says, unless the sink has said why. */
static int
failed(struct tmo_npz_writer *w, struct tmo_error *err)
{
	const char *text = archive_error_string(w->zip);

	if (err->kind != TMO_ERROR_NONE)
		return -1;
	return tmo_fail(err, "cannot write a zip archive: %s; report this as a bug",
	                text != NULL ? text : "no reason given");
}

struct tmo_npz_writer *
tmo_npz_writer_open(struct tmo_sink *sink, bool compress, struct tmo_error *err)
{
	struct tmo_npz_writer *w = tmo_alloc(1, sizeof(*w), err);
	int status;

	if (w == NULL)
		return NULL;
	*w = (struct tmo_npz_writer){ .sink = sink, .zip = archive_write_new(),
	                              .entry = archive_entry_new(), .err = err };
	zip_locale_open(&w->locale);
	if (w->zip == NULL || w->entry == NULL) {
		tmo_fail_memory(err, 0);
		tmo_npz_writer_close(w);
		return NULL;
	}
	zip_locale_enter(&w->locale);
	status = archive_write_set_format_zip(w->zip);
	if (status == ARCHIVE_OK)
		status = archive_write_set_options(w->zip, compress ?
		                                   "zip:compression=deflate,zip:compression-level=6" :
		                                   "zip:compression=store");
	if (status == ARCHIVE_OK && w->locale.utf8 != (locale_t)0)
		status = archive_write_set_options(w->zip, "zip:hdrcharset=UTF-8");
	if (status == ARCHIVE_OK)
		status = archive_write_set_bytes_per_block(w->zip, 0);
	if (status == ARCHIVE_OK)
		status = archive_write_open(w->zip, w, NULL, to_sink, NULL);
	zip_locale_leave(&w->locale);
	if (status == ARCHIVE_OK)
		return w;
	failed(w, err);
	tmo_npz_writer_close(w);
	return NULL;
}

void
tmo_npz_writer_close(struct tmo_npz_writer *w)
{
	if (w == NULL)
		return;
	/* Freeing an archive that was not closed ends it, with its directory; and it must end: else
	   libarchive keeps the memory of a member that was being deflated (tried with 3.6.2). */
	w->sink = NULL;
	if (w->zip != NULL)
		archive_write_free(w->zip);
	archive_entry_free(w->entry);
	zip_locale_close(&w->locale);
	free(w);
}

static int
check_complete(const struct tmo_npz_writer *w, struct tmo_error *err)
{
	if (w->left == 0)
		return 0;
	return tmo_fail(err, "%ju bytes of a member were not written; report this as a bug",
	                (uintmax_t)w->left);
}

int
tmo_npz_writer_begin(struct tmo_npz_writer *w, const char *path, uint64_t bytes,
                     struct tmo_error *err)
{
	int status;

	w->err = err;
	if (check_complete(w, err) < 0)
		return -1;
	if (strlen(path) > PATH_MAX_BYTES)
		return tmo_fail(err, "a name of %zu bytes, a zip archive can have %d; rename it",
		                strlen(path), PATH_MAX_BYTES);
	/* NumPy reads names as UTF-8: a name of other bytes would come back as another. */
	if (path[0] == '\0' || !tmo_utf8_is_valid(path))
		return tmo_fail(err, "the name is not UTF-8, as a .npz has it; rename it");
	archive_entry_clear(w->entry);
	archive_entry_set_pathname(w->entry, path);
	archive_entry_set_filetype(w->entry, AE_IFREG);
	archive_entry_set_perm(w->entry, 0644);
	archive_entry_set_size(w->entry, (la_int64_t)bytes);
	zip_locale_enter(&w->locale);
	status = archive_write_header(w->zip, w->entry);
	zip_locale_leave(&w->locale);
	w->left = bytes;
	return status == ARCHIVE_OK ? 0 : failed(w, err);
}

int
tmo_npz_write(struct tmo_npz_writer *w, const void *data, size_t size, struct tmo_error *err)
{
	la_ssize_t written;

	w->err = err;
	if (size > w->left)
		return tmo_fail(err, "more bytes than were announced; report this as a bug");
	while (size > 0) {
		written = archive_write_data(w->zip, data, size);
		if (written <= 0)
			return failed(w, err);
		data = (const unsigned char *)data + written;
		size -= (size_t)written;
		w->left -= (uint64_t)written;
	}
	return 0;
}

int
tmo_npz_writer_finish(struct tmo_npz_writer *w, struct tmo_error *err)
{
	w->err = err;
	if (check_complete(w, err) < 0)
		return -1;
	return archive_write_close(w->zip) == ARCHIVE_OK ? 0 : failed(w, err);
}
