/* SPDX-License-Identifier: Apache-2.0 */
/* An archive that is read can be written, and reads back with the same members. */
#include <stdlib.h>
#include <string.h>

#include "archive/tar.h"
#include "base/buffer.h"
#include "base/sink.h"
#include "base/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Copies the members of an archive into out; -1 if it is refused. */
static int
copy(const void *data, size_t size, struct tmo_buffer *out)
{
	struct tmo_error err = {0};
	struct tmo_source *source = tmo_source_memory(data, size, &err);
	struct tmo_sink *sink = tmo_sink_memory(out, &err);
	struct tmo_tar_reader *in = tmo_tar_reader_new(source, &err);
	struct tmo_tar_writer *to = tmo_tar_writer_new(sink, &err);
	const char *path;
	uint64_t bytes;
	int status;

	while ((status = tmo_tar_next(in, &path, &bytes, &err)) == 0 && path != NULL) {
		const void *piece;
		size_t some = 0;

		/* checked against what is there first: the announced size may be anything */
		if (path[0] == '/' || strstr(path, "/../") != NULL || strncmp(path, "../", 3) == 0)
			abort();
		if (bytes > size)
			status = -1;
		else
			status = tmo_tar_begin(to, path, bytes, &err);
		while (status == 0 && (status = tmo_tar_read_some(in, &piece, &some, &err)) == 0 && some > 0)
			status = tmo_tar_write(to, piece, some, &err);
		if (status < 0)
			break;
	}
	if (status == 0 && (tmo_tar_finish(to, &err) < 0 || tmo_sink_finish(sink, &err) < 0))
		abort();
	if (status < 0 && bytes <= size && err.kind == TMO_ERROR_NONE)
		abort();
	tmo_tar_reader_free(in);
	tmo_tar_writer_free(to);
	tmo_source_close(source);
	tmo_sink_close(sink);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tmo_buffer first = {0}, second = {0};

	if (copy(data, size, &first) == 0
	    && (copy(first.data, first.size, &second) < 0 || first.size != second.size
	        || memcmp(first.data, second.data, first.size) != 0))
		abort();
	tmo_buffer_free(&first);
	tmo_buffer_free(&second);
	return 0;
}
