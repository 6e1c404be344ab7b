/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-to-npz: a tensor stream as NumPy's .npz. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/element_type.h"
#include "base/read_write.h"
#include "base/string_map.h"
#include "formats/npz/npz.h"
#include "formats/onnx/inline_weights.h"
#include "run/run.h"
#include "tensor/encoding.h"

struct to_npz {
	bool compress;
};

static const struct tmo_option options[] = {
	TMO_FLAG('c', "compress", struct to_npz, compress,
	         "deflate the arrays, as numpy.savez_compressed does"),
	TMO_OPTIONS_END
};

/* What the archive is written with. */
struct job {
	struct tmo_run *run;
	struct tmo_npz_writer *zip;
	struct tmo_string_map *seen;		/* members so far */
};

static int
put_part(struct job *job, const char *path, const struct tmo_member *part, struct tmo_error *err)
{
	if (tmo_npz_writer_begin(job->zip, path, (uint64_t)part->head_bytes + part->bytes, err) < 0 ||
	    tmo_npz_write(job->zip, part->head, part->head_bytes, err) < 0)
		return -1;
	for (size_t at = 0; at < part->bytes; at += TMO_IO_BLOCK) {	/* deflating takes its time */
		const size_t left = part->bytes - at;

		tmo_run_tensor_part(job->run, (double)at / (double)part->bytes);
		if (tmo_npz_write(job->zip, (const char *)part->data + at,
		                  left < TMO_IO_BLOCK ? left : TMO_IO_BLOCK, err) < 0)
			return -1;
	}
	return 0;
}

/* As it is in the stream. */
static int
plain_part(struct tmo_run *run, struct tmo_members *parts, struct tmo_error *err)
{
	return tmo_reader_members(tmo_run_reader(run, err), parts, err);
}

/* Decoded; what .npy has no name for as the f32 that hold its values exactly. */
static int
decoded_part(struct tmo_run *run, struct tmo_members *parts, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = tmo_reader_load(tmo_run_reader(run, err), &t, err);

	if (status == 0)
		status = tmo_make_plain(&t, tmo_threads(run), err);
	if (status == 0) {
		if (!tmo_type_has_npy(t.dtype)) {
			tmo_note(run, "decoded, %s as f32", tmo_type_name(t.dtype));
			t.dtype = TMO_F32;
		} else {
			tmo_note(run, "decoded");
		}
		status = tmo_tensor_to_members(&t, NULL, parts, err);
	}
	tmo_tensor_free(&t);
	return status;
}

static int
put_tensor(struct job *job, const struct tmo_item *item, const char *path, struct tmo_error *err)
{
	struct tmo_members parts = {0};
	int status = (item->encoded ? decoded_part : plain_part)(job->run, &parts, err);

	if (status == 0)
		status = put_part(job, path, &parts.member[0], err);
	tmo_members_free(&parts);
	return status;
}

/* What came from a .npz goes there again; what is about the stream itself does not. */
static int
put_other(struct job *job, const struct tmo_item *item, struct tmo_error *err)
{
	struct tmo_reader *in = tmo_run_reader(job->run, err);
	const void *data;
	size_t size = 1;

	if (tmo_npz_writer_begin(job->zip, item->path, item->bytes, err) < 0)
		return -1;
	while (size > 0)
		if (tmo_reader_some(in, &data, &size, err) < 0 ||
		    tmo_npz_write(job->zip, data, size, err) < 0)
			return -1;
	return 0;
}

static int
put_item(struct job *job, const struct tmo_item *item, struct tmo_error *err)
{
	const bool tensor = item->kind == TMO_ITEM_TENSOR;
	struct tmo_buffer path = {0};
	bool added = false;
	int status;

	if (!tensor && (strcmp(item->path, "activations.yaml") == 0 ||
	                strcmp(item->path, "names.yaml") == 0)) {
		tmo_note(job->run, "left out: it is about the stream");
		return 0;
	}
	status = tmo_buffer_printf(&path, err, "%s%s", tensor ? item->name : item->path,
	                           tensor ? ".npy" : "");
	if (status == 0)
		status = tmo_string_map_add(job->seen, (const char *)path.data, NULL, &added, err);
	if (status == 0 && !added) {
		status = tmo_fail(err, "a second member of this name in the .npz; leave one out");
		tmo_fail_at(err, (const char *)path.data);
	}
	if (status == 0)
		status = tensor ? put_tensor(job, item, (const char *)path.data, err) :
		                  put_other(job, item, err);
	tmo_buffer_free(&path);
	return status;
}

/* A weight that stayed in graph.onnx, for tmo_onnx_each_small. */
static int
put_small(void *arg, const char *name, const struct tmo_array *a, struct tmo_error *err)
{
	struct job *job = arg;
	struct tmo_buffer path = {0}, header = {0};
	bool added = false;
	int status = tmo_buffer_printf(&path, err, "%s.npy", name);

	if (status == 0)
		status = tmo_string_map_add(job->seen, (const char *)path.data, NULL, &added, err);
	if (status == 0 && added) {
		tmo_run_about(job->run, name);
		tmo_note(job->run, "out of graph.onnx");
		status = tmo_npy_header(a->type, a->rank, a->shape, &header, err);
		if (status == 0)
			status = put_part(job, (const char *)path.data, &(struct tmo_member){
				.head = header.data, .head_bytes = header.size, .data = a->data,
				.bytes = a->count * tmo_type_size(a->type) }, err);
	}
	tmo_buffer_free(&header);
	tmo_buffer_free(&path);
	return status;
}

static int
put_items(struct job *job, struct tmo_error *err)
{
	struct tmo_reader *in = tmo_run_reader(job->run, err);
	const struct tmo_member *graph = tmo_reader_graph(in);
	struct tmo_item item;
	int status;

	while ((status = tmo_run_next(job->run, &item, err)) == 0 && item.kind != TMO_ITEM_END)
		if (put_item(job, &item, err) < 0)
			return -1;
	if (status < 0)
		return -1;
	if (graph != NULL && tmo_onnx_each_small(graph->data, graph->bytes, put_small, job, err) < 0)
		return tmo_fail_at(err, "graph.onnx");
	return tmo_npz_writer_finish(job->zip, err);
}

static int
to_npz(struct tmo_run *run, struct tmo_error *err)
{
	const struct to_npz *o = tmo_options(run);
	struct job job = { .run = run };
	int status = -1;

	if (tmo_run_reader(run, err) != NULL && (job.seen = tmo_string_map_new(err)) != NULL)
		job.zip = tmo_npz_writer_open(tmo_run_sink(run), o->compress, err);
	if (job.zip != NULL)
		status = put_items(&job, err);
	tmo_npz_writer_close(job.zip);
	tmo_string_map_free(job.seen);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "to-npz", .summary = "tensor stream to NumPy's .npz",
		.example = "tmo-to-npz model.tar.zst >model.npz", .kind = TMO_SINK,
		.options = options, .options_size = sizeof(struct to_npz),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION, .run = to_npz,
	};

	return tmo_main(&filter, argc, argv);
}
