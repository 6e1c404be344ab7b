/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite <stream >stream: every tensor taken into memory and written again, as a filter does that
 * changes them all: C order, little-endian, tmo's own headers. The head and other members stay.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/sink.h"
#include "base/source.h"
#include "stream/stream.h"

static int
rewrite_head(struct tmo_reader *in, struct tmo_writer *out, struct tmo_error *err)
{
	const struct tmo_member *graph = tmo_reader_graph(in);

	if (!graph)
		return 0;
	return tmo_writer_member(out, graph->path, graph->data, graph->bytes, err);
}

static int
rewrite_tensor(struct tmo_reader *in, const struct tmo_item *item, struct tmo_writer *out,
               struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	const char *path = strncmp(item->path, "tensors/", 8) == 0 ? NULL : item->path;
	int result = tmo_reader_load(in, &t, err);

	if (result == 0)
		result = tmo_writer_tensor(out, &t, path, err);
	tmo_tensor_free(&t);
	return result;
}

static int
rewrite(struct tmo_reader *in, struct tmo_writer *out, struct tmo_error *err)
{
	struct tmo_item item;

	if (rewrite_head(in, out, err) < 0)
		return -1;
	for (;;) {
		if (tmo_reader_next(in, &item, err) < 0)
			return -1;
		if (item.kind == TMO_ITEM_END)
			return tmo_writer_finish(out, err);
		if (item.kind == TMO_ITEM_TENSOR && item.dtype != TMO_NONE
		    ? rewrite_tensor(in, &item, out, err) : tmo_writer_copy(out, in, &item, err))
			return -1;
	}
}

int
main(void)
{
	struct tmo_error err = {0};
	struct tmo_source *source = tmo_source_fd(STDIN_FILENO, &err);
	struct tmo_sink *sink = tmo_sink_fd(STDOUT_FILENO, &err);
	struct tmo_reader *in = source ? tmo_reader_open(source, NULL, &err) : NULL;
	struct tmo_writer *out = in && sink ? tmo_writer_open(sink, NULL, &err) : NULL;
	int failed = !out || rewrite(in, out, &err) < 0 || tmo_sink_finish(sink, &err) < 0;

	if (failed)
		fprintf(stderr, "rewrite: %s%s%s\n", err.where, err.where[0] ? ": " : "", err.text);
	if (out)
		tmo_writer_close(out);
	if (in)
		tmo_reader_close(in);
	if (sink)
		tmo_sink_close(sink);
	if (source)
		tmo_source_close(source);
	return failed;
}
