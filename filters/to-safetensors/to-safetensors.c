/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-to-safetensors: a tensor stream as a safetensors file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/sink.h"
#include "formats/onnx/inline_weights.h"
#include "run/run.h"
#include "safetensors_elements.h"
#include "safetensors_layout.h"

static const struct tmo_option options[] = {
	TMO_OPTIONS_END
};

/* Where data go: straight to the output, or to a file in which they get into another order. */
struct output {
	struct tmo_sink *sink;
	int fd;
	uint64_t left;		/* of the tensor at hand */
};

static int
to_output(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	struct output *const o = arg;

	if (size > o->left)
		return tmo_fail(err, "%zu bytes too many; write the stream again", size);
	o->left -= size;
	return o->fd < 0 ? tmo_sink_write(o->sink, data, size, err) :
	                   tmo_write_full(o->fd, data, size, err);
}

/* A member that is no tensor. */
static int
take_other(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
           struct layout *p, struct tmo_error *err)
{
	struct tmo_members parts = {0};
	int status = -1;

	if (strcmp(item->path, TMO_ST_MEMBER) != 0) {
		tmo_note(run, "left out: safetensors has no place for it");
		return 0;
	}
	if (item->bytes > TMO_ST_HEADER_MAX) {
		tmo_fail(err, "%ju bytes, at most %u are accepted; leave it out",
		         (uintmax_t)item->bytes, TMO_ST_HEADER_MAX);
	} else if (tmo_reader_members(in, &parts, err) == 0) {
		char *const text = parts.member[0].data;

		parts.member[0].data = NULL;
		status = to_safetensors_keep(p, text, parts.member[0].bytes, err);
	}
	tmo_members_free(&parts);
	return status;
}

static int
take_tensor(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
            struct layout *p, struct tmo_error *err)
{
	enum tmo_type type;
	char shape[80];

	if (to_safetensors_type(in, item, &type, err) < 0 ||
	    to_safetensors_add(p, item, type, err) < 0)
		return -1;
	tmo_note(run, "%s %s", tmo_st_dtype_of(type)->name,
	         tmo_shape_text(item->rank, item->shape, shape, sizeof(shape)));
	return 0;
}

/* A weight that stayed in the graph, a bias mostly: a tensor like the others. */
static int
take_small(void *arg, const char *name, const struct tmo_array *a, struct tmo_error *err)
{
	struct tmo_item item = { .kind = TMO_ITEM_TENSOR, .name = name, .dtype = a->type,
	                         .rank = a->rank, .count = a->count };

	memcpy(item.shape, a->shape, sizeof(item.shape));
	return to_safetensors_add(arg, &item, a->type, err);
}

/* The first pass: what there is. */
static int
make_layout(struct tmo_run *run, struct layout *p, struct tmo_error *err)
{
	struct tmo_reader *const in = tmo_run_reader(run, err);
	struct tmo_item item;
	int status;

	if (in == NULL)
		return -1;
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if ((item.kind == TMO_ITEM_TENSOR ? take_tensor(run, in, &item, p, err) :
		     take_other(run, in, &item, p, err)) < 0)
			return -1;
	if (status < 0)
		return -1;
	if (tmo_reader_graph(in) != NULL) {
		const struct tmo_member *const graph = tmo_reader_graph(in);

		tmo_note(run, "graph.onnx: only weights are taken: safetensors has no place for it");
		if (tmo_onnx_each_small(graph->data, graph->bytes, take_small, p, err) < 0)
			return -1;
	}
	return to_safetensors_finish(p, err);
}

/* Output i, which comes next: where it belongs, and how much of it there is. */
static int
turn_to(struct output *o, const struct layout *p, size_t i, struct tmo_error *err)
{
	if (o->fd >= 0 && lseek(o->fd, (off_t)p->offset[i], SEEK_SET) < 0)
		return tmo_fail(err, "cannot seek in the temporary file; set TMPDIR to another folder");
	o->left = p->size[i];
	return 0;
}

/* Tensor i of the stream, which is the reader's current item. */
static int
put_tensor(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
           const struct layout *p, size_t i, struct output *o, struct tmo_error *err)
{
	if (i >= p->count || strcmp(item->name, p->name[i]) != 0)
		return tmo_fail(err, "it was not there before: the input changed while it was read");
	if (turn_to(o, p, i, err) < 0 ||
	    to_safetensors_elements(in, item, tmo_threads(run), to_output, o, err) < 0)
		return -1;
	return o->left == 0 ? 0 : tmo_fail(err, "%ju bytes too few; write the stream again",
	                                   (uintmax_t)o->left);
}

/* The weights that stayed in the graph, in the order in which take_small saw them. */
struct small {
	const struct layout *layout;
	struct output *output;
	size_t next;		/* in the layout */
};

static int
put_small(void *arg, const char *name, const struct tmo_array *a, struct tmo_error *err)
{
	struct small *const s = arg;
	const size_t i = s->next++, size = a->count * tmo_type_size(a->type);

	(void)name;
	if (i >= s->layout->count)
		return tmo_fail(err, "the input changed while it was read");
	if (turn_to(s->output, s->layout, i, err) < 0)
		return -1;
	return to_output(s->output, a->data, size, err);
}

/* The second pass: the data. */
static int
put_tensors(struct tmo_run *run, const struct layout *p, struct output *o, struct tmo_error *err)
{
	struct tmo_reader *in;
	struct tmo_item item;
	size_t i = 0;
	int status;

	if (tmo_run_rewind(run, err) < 0 || (in = tmo_run_reader(run, err)) == NULL)
		return -1;
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if (item.kind == TMO_ITEM_TENSOR && put_tensor(run, in, &item, p, i++, o, err) < 0)
			return -1;
	if (status < 0)
		return -1;
	if (tmo_reader_graph(in) != NULL) {
		const struct tmo_member *const graph = tmo_reader_graph(in);
		struct small small = { p, o, i };

		if (tmo_onnx_each_small(graph->data, graph->bytes, put_small, &small, err) < 0)
			return -1;
		i = small.next;
	}
	return i == p->count ? 0 : tmo_fail(err, "the input changed while it was read");
}

/* What was gathered in its order. */
static int
copy_data(const struct output *o, uint64_t bytes, struct tmo_error *err)
{
	unsigned char *const block = tmo_alloc(TMO_IO_BLOCK, 1, err);
	int status = block == NULL ? -1 : 0;

	for (uint64_t at = 0; at < bytes && status == 0; at += TMO_IO_BLOCK) {
		const size_t n = bytes - at < TMO_IO_BLOCK ? (size_t)(bytes - at) : TMO_IO_BLOCK;
		size_t got;

		status = tmo_pread_full(o->fd, block, n, at, &got, err);
		if (status == 0 && got < n)
			status = tmo_fail(err, "the temporary file lost data; set TMPDIR to another folder");
		if (status == 0)
			status = tmo_sink_write(o->sink, block, n, err);
	}
	free(block);
	return status;
}

static int
put_header(struct tmo_sink *sink, const struct layout *p, struct tmo_error *err)
{
	unsigned char length[TMO_ST_LENGTH];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (unsigned char)((uint64_t)p->header.size >> 8 * i & 0xff);
	if (tmo_sink_write(sink, length, sizeof(length), err) < 0)
		return -1;
	return tmo_sink_write(sink, p->header.data, p->header.size, err);
}

static int
to_safetensors(struct tmo_run *run, struct tmo_error *err)
{
	struct output o = { .sink = tmo_run_sink(run), .fd = -1 };
	struct layout p = {0};
	int fd, status = -1;

	if (tmo_run_seekable(run, &fd, err) < 0 || tmo_run_rewind(run, err) < 0 ||
	    make_layout(run, &p, err) < 0)
		goto out;
	if (!p.in_order && (o.fd = tmo_temporary(tmo_run_temporary_dir(run), err)) < 0)
		goto out;
	if (put_header(o.sink, &p, err) == 0)
		status = put_tensors(run, &p, &o, err);
	if (status == 0 && o.fd >= 0)
		status = copy_data(&o, p.data_bytes, err);
out:
	if (o.fd >= 0)
		close(o.fd);
	to_safetensors_layout_free(&p);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "to-safetensors", .summary = "tensor stream to safetensors file",
		.example = "tmo-to-safetensors model.tar.zst >model.safetensors", .kind = TMO_SINK,
		.options = options, .options_size = 0,
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION, .run = to_safetensors,
	};

	return tmo_main(&filter, argc, argv);
}
