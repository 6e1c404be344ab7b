/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-to-onnx: a tensor stream with a network as an ONNX model. */
#include <stdlib.h>
#include <string.h>

#include "beside.h"
#include "data.h"
#include "formats/onnx_write.h"
#include "run.h"

struct to_onnx {
	struct tmo_choice weights;
	const char *external;
};

static const struct tmo_option options[] = {
	TMO_CHOICE('w', "weights", struct to_onnx, weights, "dense", "dense",
	           "weights are written decoded, in the types that the graph has"),
	TMO_TEXT('e', "external", struct to_onnx, external, "FILE", NULL,
	         "weights of 1 KiB and more go to FILE, beside the model"),
	TMO_OPTIONS_END
};

/* The tensor must be what the graph declares. */
static int
check_item(const struct tmo_item *item, const struct tmo_onnx_slot *slot, struct tmo_error *err)
{
	char shape[80], wanted[80];

	if (slot->filled)
		return tmo_fail(err, "the stream has it twice");
	if (item->dtype != slot->type)
		return tmo_fail(err, "%s in the stream, %s in graph.onnx; keep the type",
		                tmo_type_name(item->dtype), tmo_type_name(slot->type));
	if (item->rank != slot->rank ||
	    memcmp(item->shape, slot->shape, (size_t)slot->rank * sizeof(item->shape[0])) != 0)
		return tmo_fail(err, "shape %s in the stream, %s in graph.onnx; keep the shape",
		                tmo_shape_text(item->rank, item->shape, shape, sizeof(shape)),
		                tmo_shape_text(slot->rank, slot->shape, wanted, sizeof(wanted)));
	return 0;
}

static int
put_tensor(struct tmo_run *run, struct tmo_reader *in, const struct tmo_item *item,
           struct tmo_onnx_writer *w, struct tmo_onnx_slot *slot, struct beside *beside,
           struct tmo_error *err)
{
	void *data = NULL;
	size_t bytes;
	int status = -1;

	if (check_item(item, slot, err) < 0 ||
	    to_onnx_data(in, item, tmo_threads(run), &data, &bytes, err) < 0)
		goto out;
	if (bytes != slot->count * tmo_type_size(slot->type))
		tmo_fail(err, "%zu bytes of data for %zu elements; write the stream again", bytes,
		         slot->count);
	else if (slot->external)
		status = beside_write(beside, data, bytes, slot->offset, err);
	else if (tmo_onnx_write_slot(w, slot, tmo_run_sink(run), err) == 0)
		status = tmo_sink_write(tmo_run_sink(run), data, bytes, err);
	slot->filled = true;
	tmo_note(run, "written%s", slot->external ? " to the external file" : "");
out:
	free(data);
	return status;
}

static int
put_tensors(struct tmo_run *run, struct tmo_reader *in, struct tmo_onnx_writer *w,
            struct beside *beside, struct tmo_error *err)
{
	struct tmo_item item;
	struct tmo_onnx_slot *slot;

	for (;;) {
		tmo_run_about(run, NULL);
		tmo_run_progress(run);
		if (tmo_reader_next(in, &item, err) < 0)
			return -1;
		if (item.kind == TMO_ITEM_END)
			break;
		if (item.kind != TMO_ITEM_TENSOR)
			continue;
		tmo_run_about(run, item.name);
		slot = tmo_onnx_writer_find(w, item.name);
		if (slot == NULL)
			tmo_note(run, "left out: the graph has no such initializer");
		else if (put_tensor(run, in, &item, w, slot, beside, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < tmo_onnx_writer_count(w); i++) {
		slot = tmo_onnx_writer_slot(w, i);
		if (slot->filled)
			continue;
		tmo_run_about(run, slot->name);
		return tmo_fail(err, "the graph needs it, and the stream does not have it");
	}
	return tmo_onnx_write_tail(w, tmo_run_sink(run), err);
}

static int
to_onnx(struct tmo_run *run, struct tmo_error *err)
{
	const struct to_onnx *o = tmo_options(run);
	const struct tmo_part *graph;
	struct tmo_reader *in = tmo_run_reader(run, err);
	struct tmo_onnx_writer *w = NULL;
	struct beside beside = {0};
	int status = -1;

	if (in == NULL)
		return -1;
	graph = tmo_reader_graph(in);
	if (graph == NULL)
		return tmo_fail(err, "the stream has no graph.onnx, so no network; only streams "
		                "from tmo-from-onnx can become ONNX again");
	w = tmo_onnx_writer_open(graph->data, graph->bytes, beside_name(o->external), err);
	if (w == NULL) {
		tmo_fail_at(err, "graph.onnx");
		goto out;
	}
	if ((o->external != NULL && beside_open(&beside, o->external,
	                                        tmo_onnx_writer_external_bytes(w), err) < 0) ||
	    tmo_onnx_write_head(w, tmo_run_sink(run), err) < 0 ||
	    put_tensors(run, in, w, &beside, err) < 0)
		goto out;
	status = beside_finish(&beside, err);
out:
	beside_close(&beside);
	tmo_onnx_writer_close(w);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "to-onnx", .summary = "tensor stream to ONNX model",
		.example = "tmo-to-onnx model.tar.zst >model.onnx", .kind = TMO_SINK,
		.options = options, .options_size = sizeof(struct to_onnx),
		.no_history = true, .no_selection = true, .run = to_onnx,
	};

	return tmo_main(&filter, argc, argv);
}
