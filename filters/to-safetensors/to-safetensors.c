/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-to-safetensors: a tensor stream as a safetensors file. */
#include <string.h>

#include "formats/onnx/inline_weights.h"
#include "run/run.h"
#include "safetensors_elements.h"
#include "safetensors_layout.h"
#include "safetensors_output.h"

static const struct tmo_option options[] = {
	TMO_OPTIONS_END
};

/* A member that is no tensor. */
static int
take_other(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
           struct safetensors_layout *p, struct tmo_error *err)
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
		status = to_safetensors_layout_keep(p, text, parts.member[0].bytes, err);
	}
	tmo_members_free(&parts);
	return status;
}

static int
take_tensor(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
            struct safetensors_layout *p, struct tmo_error *err)
{
	enum tmo_type type;
	char shape[80];

	if (to_safetensors_type(in, item, &type, err) < 0 ||
	    to_safetensors_layout_add(p, item, type, err) < 0)
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
	return to_safetensors_layout_add(arg, &item, a->type, err);
}

/* The first pass: what there is. */
static int
make_layout(struct tmo_run *run, struct safetensors_layout *p, struct tmo_error *err)
{
	struct tmo_reader *const in = tmo_run_reader(run, err);
	struct tmo_item item;
	int status;

	if (in == NULL)
		return -1;
	tmo_run_pass(run, 1);
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
	return to_safetensors_layout_finish(p, err);
}

/* Tensor i of the stream, which is the reader's current item. */
static int
put_tensor(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
           size_t i, struct safetensors_output *o, struct tmo_error *err)
{
	if (i >= o->layout->count || strcmp(item->name, o->layout->name[i]) != 0)
		return tmo_fail(err, "it was not there before: the input changed while it was read");
	if (to_safetensors_output_begin(o, i, err) < 0 ||
	    to_safetensors_elements(in, item, tmo_threads(run), to_safetensors_output_write, o,
	                            err) < 0)
		return -1;
	return to_safetensors_output_end(o, err);
}

/* The weights that stayed in the graph, in the order in which take_small saw them. */
struct small {
	struct safetensors_output *output;
	size_t next;		/* in its layout */
};

static int
put_small(void *arg, const char *name, const struct tmo_array *a, struct tmo_error *err)
{
	struct small *const s = arg;
	const size_t i = s->next++, size = a->count * tmo_type_size(a->type);

	(void)name;
	if (i >= s->output->layout->count)
		return tmo_fail(err, "the input changed while it was read");
	if (to_safetensors_output_begin(s->output, i, err) < 0)
		return -1;
	return to_safetensors_output_write(s->output, a->data, size, err);
}

/* The second pass: the data. */
static int
put_tensors(struct tmo_run *run, struct safetensors_output *o, struct tmo_error *err)
{
	struct tmo_reader *in;
	struct tmo_item item;
	size_t i = 0;
	int status;

	if (tmo_run_rewind(run, err) < 0 || (in = tmo_run_reader(run, err)) == NULL)
		return -1;
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if (item.kind == TMO_ITEM_TENSOR && put_tensor(run, in, &item, i++, o, err) < 0)
			return -1;
	if (status < 0)
		return -1;
	if (tmo_reader_graph(in) != NULL) {
		const struct tmo_member *const graph = tmo_reader_graph(in);
		struct small small = { o, i };

		if (tmo_onnx_each_small(graph->data, graph->bytes, put_small, &small, err) < 0)
			return -1;
		i = small.next;
	}
	return i == o->layout->count ? 0 : tmo_fail(err, "the input changed while it was read");
}

static int
to_safetensors(struct tmo_run *run, struct tmo_error *err)
{
	struct safetensors_output o = { .fd = -1 };
	struct safetensors_layout layout = {0};
	int fd, status = -1;

	if (tmo_run_seekable(run, &fd, err) == 0 && tmo_run_rewind(run, err) == 0 &&
	    make_layout(run, &layout, err) == 0 &&
	    to_safetensors_output_open(&o, tmo_run_sink(run), &layout, tmo_run_temporary_dir(run),
	                               err) == 0 &&
	    put_tensors(run, &o, err) == 0)
		status = to_safetensors_output_finish(&o, err);
	to_safetensors_output_close(&o);
	to_safetensors_layout_free(&layout);
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
