/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stream that is read to its end can be written: item by item as it came, and with every tensor
 * taken into memory; what was written reads back, and is written the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/sink.h"
#include "base/source.h"
#include "stream/stream.h"
#include "tensor/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ELEMENTS_MAX (1 << 20)	/* larger tensors are only copied: time, not errors */

static int
take(struct tmo_reader *in, struct tmo_writer *out, const struct tmo_item *item,
     struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = tmo_reader_load(in, &t, err);

	if (status == 0 && tmo_is_encoded(&t)) {
		struct tmo_error codes_beyond = {0};

		if (tmo_tensor_decode(&t, 1, &codes_beyond) == 0 && t.values.data == NULL)
			abort();
	} else if (status == 0) {
		status = tmo_tensor_widen(&t, err);
	}
	if (status == 0)
		status = tmo_writer_tensor(out, &t, strncmp(item->path, "tensors/", 8) == 0 ? NULL : item->path,
		                           err);
	tmo_tensor_free(&t);
	return status;
}

static int
copy(struct tmo_reader *in, struct tmo_writer *out, bool whole, struct tmo_error *err)
{
	const struct tmo_member *graph = tmo_reader_graph(in);
	struct tmo_item item;

	if (graph != NULL
	    && tmo_writer_member(out, "graph.onnx", graph->data, graph->bytes, err) < 0)
		return -1;
	for (;;) {
		if (tmo_reader_next(in, &item, err) < 0)
			return -1;
		if (item.kind == TMO_ITEM_END)
			return tmo_writer_finish(out, err);
		if (whole && item.kind == TMO_ITEM_TENSOR && item.dtype != TMO_NONE
		    && item.count < ELEMENTS_MAX ? take(in, out, &item, err)
		    : tmo_writer_copy(out, in, &item, err))
			return -1;
	}
}

/* Reads data, writes it to out; -1 if it is refused, for a reason that is said. */
static int
pass(const void *data, size_t size, bool whole, struct tmo_buffer *out)
{
	struct tmo_error err = {0};
	struct tmo_source *source = tmo_source_memory(data, size, &err);
	struct tmo_sink *sink = tmo_sink_memory(out, &err);
	struct tmo_reader *in = tmo_reader_open(source, NULL, &err);
	struct tmo_writer *to = in != NULL ? tmo_writer_open(sink, tmo_reader_names(in), &err) : NULL;
	int status = to != NULL ? copy(in, to, whole, &err) : -1;

	if (status == 0)
		status = tmo_sink_finish(sink, &err);
	if (status < 0 && err.kind == TMO_ERROR_NONE)
		abort();
	tmo_writer_close(to);
	tmo_reader_close(in);
	tmo_sink_close(sink);
	tmo_source_close(source);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int whole = 0; whole < 2; whole++) {
		struct tmo_buffer first = {0}, second = {0};

		if (pass(data, size, whole, &first) == 0
		    && (pass(first.data, first.size, whole, &second) < 0 || first.size != second.size
		        || memcmp(first.data, second.data, first.size) != 0))
			abort();
		tmo_buffer_free(&first);
		tmo_buffer_free(&second);
	}
	return 0;
}
