/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-onnx: an ONNX model as a tensor stream. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/element_type.h"
#include "base/memory.h"
#include "base/path.h"
#include "onnx_manifest.h"
#include "run/run.h"
#include "stream/tensor_yaml.h"
#include "tensor/encoding.h"
#include "unconverted.h"

struct from_onnx {
	const char *dir;
	bool keep;
};

static const struct tmo_option options[] = {
	TMO_TEXT(0, "dir", struct from_onnx, dir, "DIR", NULL,
	         "folder of external data [that of the model]"),
	TMO_FLAG(0, "keep-quantized", struct from_onnx, keep,
	         "leave nodes that decode weights in the graph"),
	TMO_OPTIONS_END
};

static int
to_writer(void *writer, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_writer_data(writer, data, size, err);
}

/* Writes what kind of number the codes are. */
static int
put_yaml(struct tmo_writer *w, const struct tmo_onnx_tensor *t, const struct tmo_onnx_coded *form,
         int bits, struct tmo_error *err)
{
	struct tmo_tensor head = {
		.dtype = t->type, .code = form->code, .rank = t->rank, .count = t->count, .bits = bits,
		.blocked = form->blocked,
	};
	struct tmo_buffer yaml = {0}, path = {0};
	int status = -1;

	memcpy(head.shape, t->shape, sizeof(head.shape));
	memcpy(head.block, form->block, sizeof(head.block));
	if (tmo_tensor_yaml(&head, &yaml, err) == 0 &&
	    tmo_buffer_printf(&path, err, "tensors/%s/tensor.yaml", t->stem) == 0)
		status = tmo_writer_member(w, (const char *)path.data, yaml.data, yaml.size, err);
	tmo_buffer_free(&yaml);
	tmo_buffer_free(&path);
	return status;
}

/* A member that is an array, up to its elements; part: its name in the tensor's folder, or NULL. */
static int
begin_array(struct tmo_writer *w, const struct tmo_onnx_tensor *t, const char *part,
            enum tmo_type type, int rank, const size_t *shape, struct tmo_error *err)
{
	struct tmo_buffer header = {0}, path = {0};
	size_t count;
	int status = -1;

	if (tmo_shape_count(rank, shape, tmo_type_size(type), &count, err) == 0 &&
	    tmo_buffer_printf(&path, err, "tensors/%s%s%s.npy", t->stem, part != NULL ? "/" : "",
	                      part != NULL ? part : "") == 0 &&
	    tmo_npy_header(type, rank, shape, &header, err) == 0 &&
	    tmo_writer_begin(w, (const char *)path.data,
	                     header.size + (uint64_t)count * tmo_type_size(type), err) == 0)
		status = tmo_writer_data(w, header.data, header.size, err);
	tmo_buffer_free(&header);
	tmo_buffer_free(&path);
	return status;
}

/* A tensor that the model has as an array. */
static int
put_plain(struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	const struct tmo_onnx_out out = { to_writer, w };
	const struct tmo_onnx_coded bits = { .code = t->type };
	enum tmo_type type = t->type;

	if (!tmo_type_has_npy(type)) {
		/* These have no .npy type: their bit patterns are codes. */
		type = tmo_type_size(type) == 2 ? TMO_U16 : TMO_U8;
		if (put_yaml(w, t, &bits, (int)(8 * tmo_type_size(type)), err) < 0)
			return -1;
	}
	if (begin_array(w, t, type == t->type ? NULL : "codes", type, t->rank, t->shape, err) < 0)
		return -1;
	return tmo_onnx_read(in, i, &out, err);
}

/* One that it has in codes. */
static int
put_coded(struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	const struct tmo_onnx_out out = { to_writer, w };
	int bits;

	if (tmo_onnx_code_bits(in, i, &bits, err) < 0 || put_yaml(w, t, t->form, bits, err) < 0)
		return -1;
	for (int k = 0; k < t->form->part_count; k++) {
		const struct tmo_onnx_coded_part *p = &t->form->part[k];

		if (begin_array(w, t, p->role, p->type, p->rank, p->shape, err) < 0 ||
		    tmo_onnx_read_one_part(in, i, k, &out, err) < 0)
			return -1;
	}
	return 0;
}

static int
put_tensor(struct tmo_run *run, struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i,
           struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	char shape[80];

	tmo_run_about(run, t->name);
	tmo_note(run, "%s %s%s", tmo_type_name(t->type),
	         tmo_shape_text(t->rank, t->shape, shape, sizeof(shape)),
	         t->form != NULL ? ", in codes" : "");
	return t->form != NULL ? put_coded(w, in, i, err) : put_plain(w, in, i, err);
}

static int
put_head(struct tmo_run *run, struct tmo_writer *w, struct tmo_onnx_reader *in,
         struct tmo_error *err)
{
	struct tmo_buffer text = {0};
	int status = -1;

	if (from_onnx_manifest(in, tmo_run_input_name(run), &text, err) < 0 ||
	    tmo_writer_member(w, "model.yaml", text.data, text.size, err) < 0)
		goto out;
	text.size = 0;
	if (tmo_onnx_graph(in, &text, err) == 0)
		status = tmo_writer_member(w, "graph.onnx", text.data, text.size, err);
out:
	tmo_buffer_free(&text);
	return status;
}

static int
from_onnx(struct tmo_run *run, struct tmo_error *err)
{
	const struct from_onnx *o = tmo_options(run);
	char *dir = o->dir != NULL ? tmo_copy_string(o->dir, err) :
	                             tmo_path_folder(tmo_run_input_name(run), err);
	struct tmo_onnx_reader *in = NULL;
	struct tmo_writer *w;
	int fd, status = -1;

	if (dir == NULL || tmo_run_seekable(run, &fd, err) < 0 ||
	    (in = tmo_onnx_open(fd, dir, o->keep, err)) == NULL) {
		tmo_fail_at(err, tmo_run_input_name(run));
		goto out;
	}
	w = tmo_run_writer(run, err);
	if (w == NULL || put_head(run, w, in, err) < 0)
		goto out;
	if (tmo_run_common(run)->verbose)
		from_onnx_unconverted(run, tmo_onnx_model(in));
	status = 0;
	tmo_run_expect(run, tmo_onnx_count(in), 0);
	for (size_t i = 0; i < tmo_onnx_count(in) && status == 0; i++) {
		tmo_run_progress(run);
		status = put_tensor(run, w, in, i, err);
	}
out:
	if (status == 0)
		tmo_run_about(run, NULL);
	tmo_onnx_close(in);
	free(dir);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "from-onnx", .summary = "ONNX model to tensor stream",
		.example = "tmo-from-onnx model.onnx | tmo-quant >model.tar", .kind = TMO_SOURCE,
		.options = options, .options_size = sizeof(struct from_onnx),
		.traits = TMO_NO_HISTORY | TMO_NO_SELECTION, .run = from_onnx,
	};

	return tmo_main(&filter, argc, argv);
}
