/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/path.h"
#include "formats/onnx/onnx_import.h"
#include "formats/onnx/onnx_manifest.h"
#include "formats/onnx/onnx_read.h"
#include "formats/onnx/unconverted.h"

static int
to_writer(void *writer, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_writer_data(writer, data, size, err);
}

/* A tensor that the model has as an array. */
static int
put_plain(struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	const struct tmo_onnx_out out = { to_writer, w };

	if (tmo_writer_begin_tensor(w, t->name, t->type, t->rank, t->shape, err) < 0)
		return -1;
	return tmo_onnx_read(in, i, &out, err);
}

/* One that it has in codes. */
static int
put_coded(struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	const struct tmo_onnx_out out = { to_writer, w };
	struct tmo_tensor head = {
		.dtype = t->type, .code = t->form->code, .rank = t->rank, .count = t->count,
		.blocked = t->form->blocked,
	};

	memcpy(head.shape, t->shape, sizeof(head.shape));
	memcpy(head.block, t->form->block, sizeof(head.block));
	if (tmo_onnx_code_bits(in, i, &head.bits, err) < 0 ||
	    tmo_writer_tensor_yaml(w, t->name, &head, err) < 0)
		return -1;
	for (int k = 0; k < t->form->part_count; k++) {
		const struct tmo_onnx_coded_part *p = &t->form->part[k];

		if (tmo_writer_begin_array(w, t->name, p->role, p->type, p->rank, p->shape, err) < 0 ||
		    tmo_onnx_read_one_part(in, i, k, &out, err) < 0)
			return -1;
	}
	return 0;
}

static int
put_tensors(const struct tmo_import *model, struct tmo_writer *w, struct tmo_onnx_reader *in,
            struct tmo_error *err)
{
	char shape[80];

	tmo_import_expect(model, tmo_onnx_count(in));
	for (size_t i = 0; i < tmo_onnx_count(in); i++) {
		const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);

		tmo_import_step(model);
		tmo_import_about(model, t->name);
		tmo_import_note(model, "%s %s%s", tmo_type_name(t->type),
		                tmo_shape_text(t->rank, t->shape, shape, sizeof(shape)),
		                t->form != NULL ? ", in codes" : "");
		if ((t->form != NULL ? put_coded(w, in, i, err) : put_plain(w, in, i, err)) < 0)
			return -1;
	}
	tmo_import_about(model, NULL);
	return 0;
}

static int
put_head(const struct tmo_import *model, struct tmo_writer *w, struct tmo_onnx_reader *in,
         struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = -1;

	if (tmo_onnx_manifest(in, model->name, &text, err) < 0 ||
	    tmo_writer_member(w, "model.yaml", text.data, text.size, err) < 0)
		goto out;
	text.size = 0;
	if (tmo_onnx_graph(in, &text, err) == 0)
		status = tmo_writer_member(w, "graph.onnx", text.data, text.size, err);
out:
	tmo_buffer_free(&text);
	return status;
}

/* What text for people there was. */
static void
note_text(const struct tmo_import *model, uint64_t bytes, bool stripped)
{
	if (stripped)
		tmo_import_note(model, "%" PRIu64 " bytes of doc strings and metadata left out", bytes);
	else if (bytes > 0)
		tmo_import_note(model, "%" PRIu64 " bytes of doc strings and metadata that no runtime "
		                "reads; --strip leaves them out", bytes);
}

int
tmo_onnx_import(const struct tmo_import *model, const struct tmo_onnx_options *options,
                struct tmo_writer *out, struct tmo_error *err)
{
	char *folder = model->folder != NULL ? tmo_copy_string(model->folder, err) :
	                                       tmo_path_folder(model->name, err);
	struct tmo_onnx_reader *in = NULL;
	int status = -1;

	if (folder != NULL)
		in = tmo_onnx_open(model->fd, folder, options, err);
	if (in == NULL) {
		tmo_fail_at(err, model->name);
	} else if (put_head(model, out, in, err) == 0) {
		note_text(model, tmo_onnx_text_found(in),
		          options != NULL && (options->strip.text || options->strip.keys != NULL));
		if (model->note == NULL ||
		    tmo_onnx_note_unconverted(model, tmo_onnx_model(in), err) == 0)
			status = put_tensors(model, out, in, err);
	}
	tmo_onnx_close(in);
	free(folder);
	return status;
}
