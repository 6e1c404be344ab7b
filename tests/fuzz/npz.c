/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A .npz or .npy that opens has tensors whose headers fit their members; all that can be read of it,
 * written again, opens with the same members. What fails says why.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/read_write.h"
#include "base/sink.h"
#include "formats/npz/npz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define READ_MAX ((uint64_t)1 << 20)	/* a deflated member of more is left out: time, not errors */

static struct tmo_npz_reader *
open_bytes(const void *data, size_t size, int *fd, struct tmo_error *err)
{
	struct tmo_npz_reader *in;

	*fd = tmo_temporary(NULL, err);
	if (*fd < 0 || tmo_write_full(*fd, data, size, err) < 0)
		exit(1);
	in = tmo_npz_open(*fd, "alone", err);
	if ((in == NULL) != (err->kind != TMO_ERROR_NONE))
		abort();
	return in;
}

/* Member i into memory; NULL if it is damaged or large. */
static void *
read_member(struct tmo_npz_reader *in, size_t i, uint64_t *bytes)
{
	const struct tmo_npz_member *m = tmo_npz_member(in, i);
	struct tmo_error err = {0};
	void *data = NULL;
	int status;

	*bytes = m->bytes - (m->name != NULL ? m->npy.header_bytes : 0);
	if (m->name != NULL && *bytes != (uint64_t)m->npy.count * tmo_type_size(m->npy.type))
		abort();
	if (*bytes > READ_MAX)
		return NULL;
	status = tmo_npz_begin(in, i, &err);
	if (status == 0)
		status = tmo_npz_take(in, *bytes, &data, &err);
	if (status < 0 && err.kind == TMO_ERROR_NONE)
		abort();
	return data;
}

/* Like tmo-to-npz: headers anew, data as they are. Returns how many members were written. */
static size_t
write_again(struct tmo_npz_reader *in, struct tmo_npz_writer *out)
{
	struct tmo_buffer header = {0};
	struct tmo_error err = {0};
	size_t written = 0;

	for (size_t i = 0; i < tmo_npz_count(in); i++) {
		const struct tmo_npz_member *m = tmo_npz_member(in, i);
		uint64_t bytes;
		void *data = read_member(in, i, &bytes);

		header.size = 0;
		if (data == NULL)
			break;		/* behind damage nothing can be trusted to be found */
		if (m->name != NULL &&
		    tmo_npy_header(m->npy.type, m->npy.rank, m->npy.shape, &header, &err) < 0)
			abort();
		if (tmo_npz_writer_begin(out, m->path, header.size + bytes, &err) < 0) {
			free(data);
			break;		/* a name that is no UTF-8 */
		}
		if (tmo_npz_write(out, header.data, header.size, &err) < 0 ||
		    tmo_npz_write(out, data, (size_t)bytes, &err) < 0)
			abort();
		written++;
		free(data);
	}
	tmo_buffer_free(&header);
	return written;
}

static void
check_again(const struct tmo_buffer *zip, const struct tmo_npz_reader *first, size_t count)
{
	struct tmo_error err = {0};
	int fd;
	struct tmo_npz_reader *in = open_bytes(zip->data, zip->size, &fd, &err);

	if (in == NULL || tmo_npz_count(in) != count)
		abort();
	for (size_t i = 0; i < count; i++)
		if (strcmp(tmo_npz_member(in, i)->path, tmo_npz_member(first, i)->path) != 0)
			abort();
	tmo_npz_close(in);
	close(fd);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_error err = {0};
	struct tmo_buffer zip = {0};
	int fd;
	struct tmo_npz_reader *in = open_bytes(data, size, &fd, &err);
	struct tmo_sink *sink = tmo_sink_memory(&zip, &err);
	struct tmo_npz_writer *out = tmo_npz_writer_open(sink, size % 2 == 0, &err);
	bool alone = size >= 6 && memcmp(data, "\x93NUMPY", 6) == 0;
	size_t written;

	if (in != NULL) {
		err = (struct tmo_error){0};
		written = write_again(in, out);
		if (written == tmo_npz_count(in) && !alone) {
			if (tmo_npz_writer_finish(out, &err) < 0 || tmo_sink_finish(sink, &err) < 0)
				abort();
			check_again(&zip, in, written);
		}
	}
	tmo_npz_writer_close(out);
	tmo_sink_close(sink);
	tmo_npz_close(in);
	tmo_buffer_free(&zip);
	close(fd);
	return 0;
}
