/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-onnx: an ONNX model as a tensor stream. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "describe.h"
#include "encoding.h"
#include "run.h"

struct from_onnx {
	const char *dir;
};

static const struct tmo_option options[] = {
	TMO_TEXT(0, "dir", struct from_onnx, dir, "DIR", NULL,
	         "folder of external data [that of the model]"),
	TMO_OPTIONS_END
};

static int
to_writer(void *writer, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_writer_data(writer, data, size, err);
}

/* The folder of the model's file; the current one for stdin. */
static char *
model_dir(struct tmo_run *run, struct tmo_error *err)
{
	const char *name = tmo_run_input_name(run);
	const char *slash = strrchr(name, '/');
	char *dir = tmo_copy_string(slash == NULL ? "." : slash == name ? "/" : name, err);

	if (dir != NULL && slash != NULL && slash != name)
		dir[slash - name] = '\0';
	return dir;
}

/* A member that is an array: header and elements. */
static int
put_array(struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i, enum tmo_type type,
          const char *path, struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	const struct tmo_onnx_out out = { to_writer, w };
	struct tmo_buffer header = {0};
	int status = -1;

	if (tmo_npy_header(type, t->rank, t->shape, &header, err) == 0 &&
	    tmo_writer_begin(w, path, header.size + (uint64_t)t->count * tmo_type_size(type),
	                     err) == 0 &&
	    tmo_writer_data(w, header.data, header.size, err) == 0)
		status = tmo_onnx_read(in, i, &out, err);
	tmo_buffer_free(&header);
	return status;
}

/* bf16 and the 8-bit floats have no .npy type: their bit patterns are codes. */
static int
put_encoded(struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i, struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	struct tmo_tensor head = {
		.dtype = t->type, .code = t->type, .rank = t->rank, .count = t->count,
		.bits = (int)(8 * tmo_type_size(t->type)),
	};
	struct tmo_buffer yaml = {0}, path = {0};
	int status = -1;

	memcpy(head.shape, t->shape, sizeof(head.shape));
	if (tmo_tensor_yaml(&head, &yaml, err) < 0 ||
	    tmo_buffer_printf(&path, err, "tensors/%s/tensor.yaml", t->stem) < 0 ||
	    tmo_writer_member(w, (const char *)path.data, yaml.data, yaml.size, err) < 0)
		goto out;
	path.size = 0;
	if (tmo_buffer_printf(&path, err, "tensors/%s/codes.npy", t->stem) < 0)
		goto out;
	status = put_array(w, in, i, tmo_type_size(t->type) == 2 ? TMO_U16 : TMO_U8,
	                   (const char *)path.data, err);
out:
	tmo_buffer_free(&yaml);
	tmo_buffer_free(&path);
	return status;
}

static int
put_tensor(struct tmo_run *run, struct tmo_writer *w, struct tmo_onnx_reader *in, size_t i,
           struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = tmo_onnx_tensor(in, i);
	struct tmo_buffer path = {0};
	char shape[80];
	int status;

	tmo_run_about(run, t->name);
	tmo_note(run, "%s %s", tmo_type_name(t->type),
	         tmo_shape_text(t->rank, t->shape, shape, sizeof(shape)));
	if (t->type == TMO_BF16 || t->type == TMO_F8E4M3 || t->type == TMO_F8E5M2)
		return put_encoded(w, in, i, err);
	status = tmo_buffer_printf(&path, err, "tensors/%s.npy", t->stem);
	if (status == 0)
		status = put_array(w, in, i, t->type, (const char *)path.data, err);
	tmo_buffer_free(&path);
	return status;
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
	char *dir = o->dir != NULL ? tmo_copy_string(o->dir, err) : model_dir(run, err);
	struct tmo_onnx_reader *in = NULL;
	struct tmo_writer *w;
	int fd, status = -1;

	if (dir == NULL || tmo_run_seekable(run, &fd, err) < 0 ||
	    (in = tmo_onnx_open(fd, dir, err)) == NULL) {
		tmo_fail_at(err, tmo_run_input_name(run));
		goto out;
	}
	w = tmo_run_writer(run, err);
	if (w == NULL || put_head(run, w, in, err) < 0)
		goto out;
	status = 0;
	for (size_t i = 0; i < tmo_onnx_count(in) && status == 0; i++)
		status = put_tensor(run, w, in, i, err);
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
		.no_history = true, .no_selection = true, .run = from_onnx,
	};

	return tmo_main(&filter, argc, argv);
}
