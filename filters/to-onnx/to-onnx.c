/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-to-onnx: a tensor stream with a network as an ONNX model. */
#include <stdlib.h>
#include <string.h>

#include "base/sink.h"
#include "external_file.h"
#include "first_pass.h"
#include "onnx_elements.h"
#include "run/run.h"

struct to_onnx {
	struct tmo_choice weights;
	const char *external;
};

static const struct tmo_option options[] = {
	TMO_CHOICE('w', "weights", struct to_onnx, weights, "quantized|dense", "quantized",
	           "encoded weights stay small, or are decoded"),
	TMO_TEXT('e', "external", struct to_onnx, external, "FILE", NULL,
	         "weights of 1 KiB and more go to FILE, in the model's folder"),
	TMO_OPTIONS_END
};

/* Where the data are written: the model, or the file beside it. */
struct output {
	struct tmo_run *run;
	struct tmo_onnx_writer *w;
	struct external_file external;
	char *location;		/* how the model calls that file; owned; NULL: there is none */
};

static int
put_blob(struct output *o, const struct tmo_onnx_blob *blob, const void *data,
         struct tmo_error *err)
{
	struct tmo_sink *sink = tmo_run_sink(o->run);

	if (blob->external)
		return to_onnx_external_write(&o->external, data, (size_t)blob->bytes, blob->offset,
		                              err);
	if (tmo_onnx_write_blob(o->w, blob, sink, err) < 0)
		return -1;
	return tmo_sink_write(sink, data, (size_t)blob->bytes, err);
}

static int
put_dense(struct output *o, struct tmo_reader *in, const struct tmo_item *item,
          const struct tmo_onnx_slot *slot, struct tmo_error *err)
{
	void *data = NULL;
	size_t bytes;
	int status = to_onnx_elements(in, item, tmo_threads(o->run), &data, &bytes, err);

	if (status == 0 && bytes != slot->blob[0].bytes)
		status = tmo_fail(err, "%zu bytes of data for %zu elements; write the stream again",
		                  bytes, slot->count);
	if (status == 0)
		status = put_blob(o, &slot->blob[0], data, err);
	free(data);
	tmo_note(o->run, "written%s%s", slot->facts != NULL ? " dense" : "",
	         slot->blob[0].external ? " to the external file" : "");
	return status;
}

/* Fails: the stream has no tensor for the slot. */
static int
lacks(const struct output *o, const struct tmo_onnx_slot *slot, struct tmo_error *err)
{
	tmo_run_about(o->run, slot->name);
	return tmo_fail(err, "the graph needs it, and the stream does not have it");
}

static int
put_encoded(struct output *o, struct tmo_reader *in, const struct tmo_onnx_slot *slot,
            struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = to_onnx_load(in, slot, &t, err);

	for (size_t i = 0; i < slot->form.count && status == 0; i++) {
		void *data = NULL;

		status = tmo_onnx_part_data(&slot->form.part[i], &t, &data, err);
		if (status == 0)
			status = put_blob(o, &slot->blob[i], data, err);
		free(data);
	}
	tmo_tensor_free(&t);
	tmo_note(o->run, "written as %s", slot->text);
	return status;
}

static int
put_tensor(struct output *o, struct tmo_reader *in, const struct tmo_item *item,
           const struct tmo_onnx_slot *slot, struct tmo_error *err)
{
	if (slot->form.count > 0)
		return put_encoded(o, in, slot, err);
	if (slot->blob_count > 0)
		return put_dense(o, in, item, slot, err);
	tmo_note(o->run, "written where it was");
	return 0;
}

/* The stream's tensor of the slot, next or from the front on. */
static int
find_tensor(struct output *o, const struct tmo_onnx_slot *slot, struct tmo_item *item,
            struct tmo_error *err)
{
	for (int pass = 0; pass < 2; pass++) {
		do {
			if (tmo_run_next(o->run, item, err) < 0)
				return -1;
			if (item->kind == TMO_ITEM_TENSOR && strcmp(item->name, slot->name) == 0)
				return 0;
		} while (item->kind != TMO_ITEM_END);
		if (tmo_run_rewind(o->run, err) < 0)
			return -1;
	}
	return lacks(o, slot, err);
}

/* A weight, or part of one, that stands in a Constant or in an inner graph. */
static int
fill_hole(void *arg, const struct tmo_onnx_hole *hole, struct tmo_error *err)
{
	struct output *o = arg;
	struct tmo_onnx_slot *slot = hole->slot;
	struct tmo_reader *in;
	struct tmo_tensor t = {0};
	struct tmo_item item;
	void *data = NULL;
	size_t bytes = (size_t)hole->part.bytes;
	int status = -1;

	if (find_tensor(o, slot, &item, err) < 0 || to_onnx_check(&item, slot, err) < 0 ||
	    (in = tmo_run_reader(o->run, err)) == NULL)
		return -1;
	if (hole->is_whole)
		status = to_onnx_elements(in, &item, tmo_threads(o->run), &data, &bytes, err);
	else if (to_onnx_load(in, slot, &t, err) == 0)
		status = tmo_onnx_part_data(&hole->part, &t, &data, err);
	if (status == 0 && bytes != hole->part.bytes)
		status = tmo_fail(err, "%zu bytes of data for %zu elements; write the stream again",
		                  bytes, slot->count);
	if (status == 0)
		status = tmo_sink_write(tmo_run_sink(o->run), data, bytes, err);
	free(data);
	tmo_tensor_free(&t);
	return status;
}

static int
put_tensors(struct output *o, struct tmo_error *err)
{
	struct tmo_run *const run = o->run;
	struct tmo_onnx_writer *const w = o->w;
	struct tmo_item item;
	struct tmo_onnx_slot *slot;
	struct tmo_reader *in = tmo_run_reader(run, err);
	int status;

	if (in == NULL)
		return -1;
	while ((status = tmo_run_next(run, &item, err)) == 0 && item.kind != TMO_ITEM_END) {
		if (item.kind != TMO_ITEM_TENSOR)
			continue;
		slot = tmo_onnx_writer_find(w, item.name);
		if (slot == NULL) {
			tmo_note(run, "left out: the graph has no such initializer");
			continue;
		}
		if (to_onnx_check(&item, slot, err) < 0 || put_tensor(o, in, &item, slot, err) < 0)
			return -1;
		slot->filled = true;
	}
	if (status < 0)
		return -1;
	for (size_t i = 0; i < tmo_onnx_writer_count(w); i++) {
		slot = tmo_onnx_writer_slot(w, i);
		if (slot->filled)
			continue;
		return lacks(o, slot, err);
	}
	return tmo_onnx_write_tail(w, tmo_run_sink(run), err);
}

/* The stream's graph, read. */
static struct tmo_onnx_writer *
open_graph(struct tmo_reader *in, struct tmo_error *err)
{
	const struct tmo_member *graph = tmo_reader_graph(in);
	struct tmo_onnx_writer *w;

	if (graph == NULL) {
		tmo_fail(err, "the stream has no graph.onnx, so no network; only streams "
		         "from tmo-from-onnx can become ONNX again");
		return NULL;
	}
	w = tmo_onnx_writer_open(graph->data, graph->bytes, err);
	if (w == NULL)
		tmo_fail_at(err, "graph.onnx");
	return w;
}

static int
write_model(struct output *o, const char *external, struct tmo_error *err)
{
	size_t holes;

	tmo_run_about(o->run, NULL);
	if (tmo_onnx_writer_go_back(o->w, external != NULL, tmo_run_temporary_dir(o->run), err) < 0 ||
	    tmo_onnx_writer_begin(o->w, o->location, err) < 0)
		return -1;
	tmo_onnx_writer_holes(o->w, &holes);
	if (tmo_onnx_writer_note(o->w)[0] != '\0')
		tmo_note(o->run, "%s", tmo_onnx_writer_note(o->w));
	if ((external != NULL && to_onnx_external_open(&o->external, external,
	                                               tmo_onnx_writer_external_bytes(o->w),
	                                               err) < 0) ||
	    tmo_onnx_write_head(o->w, fill_hole, o, tmo_run_sink(o->run), err) < 0 ||
	    (holes > 0 && tmo_run_rewind(o->run, err) < 0) ||
	    put_tensors(o, err) < 0)
		return -1;
	return to_onnx_external_finish(&o->external, err);
}

/* What --external asks for, before anything is read. */
static int
check_external(struct output *o, const char *external, struct tmo_error *err)
{
	const char *model = tmo_run_common(o->run)->output;

	if (external == NULL)
		return 0;
	if (model != NULL && strcmp(model, "-") == 0)
		model = NULL;
	if (to_onnx_external_is_model(external, model))
		return tmo_fail_usage(err, "--external %s is where the model goes; give it another name",
		                      external);
	return to_onnx_external_location(external, model, &o->location, err);
}

static int
to_onnx(struct tmo_run *run, struct tmo_error *err)
{
	const struct to_onnx *asked = tmo_options(run);
	const bool quantized = asked->weights.index == 0;
	struct output o = { .run = run };
	struct tmo_reader *in;
	int fd, status = -1;

	if (check_external(&o, asked->external, err) < 0 || tmo_run_seekable(run, &fd, err) < 0 ||
	    tmo_run_rewind(run, err) < 0 ||
	    (in = tmo_run_reader(run, err)) == NULL)
		goto out;
	o.w = open_graph(in, err);
	if (o.w != NULL && (!quantized || to_onnx_first_pass(run, o.w, asked->external != NULL, err) == 0))
		status = write_model(&o, asked->external, err);
	to_onnx_external_close(&o.external);
	tmo_onnx_writer_close(o.w);
out:
	free(o.location);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "to-onnx", .summary = "tensor stream to ONNX model",
		.example = "tmo-to-onnx model.tar.zst >model.onnx", .kind = TMO_SINK,
		.options = options, .options_size = sizeof(struct to_onnx),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION, .run = to_onnx,
	};

	return tmo_main(&filter, argc, argv);
}
