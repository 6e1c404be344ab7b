/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-from-safetensors: a safetensors model as a tensor stream. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/element_type.h"
#include "run/main.h"
#include "run/run.h"
#include "safetensors_model.h"
#include "stream/manifest.h"
#include "stream/member_name.h"
#include "stream/tensor_yaml.h"
#include "tensor/encoding.h"

struct from_safetensors {
	const char *dir;
};

static const struct tmo_option options[] = {
	TMO_TEXT(0, "dir", struct from_safetensors, dir, "DIR", NULL,
	         "folder of the files that an index names [its own]"),
	TMO_OPTIONS_END
};

/* A tensor as it goes into the stream. */
struct stored {
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	char *stem;
	bool cut;
};

static int
to_writer(void *writer, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_writer_data(writer, data, size, err);
}

/* A member that is an array: header and elements. */
static int
put_array(struct tmo_writer *w, struct tmo_st_model *m, size_t i, const struct stored *s,
          enum tmo_type type, const char *path, struct tmo_error *err)
{
	struct tmo_buffer header = {0};
	int status = -1;

	if (tmo_npy_header(type, s->rank, s->shape, &header, err) == 0 &&
	    tmo_writer_begin(w, path, header.size + (m->tensor[i].end - m->tensor[i].start),
	                     err) == 0 &&
	    tmo_writer_data(w, header.data, header.size, err) == 0)
		status = tmo_st_model_read(m, i, to_writer, w, err);
	tmo_buffer_free(&header);
	return status;
}

/* bf16 and the 8-bit floats have no .npy type: their bit patterns are codes. */
static int
put_encoded(struct tmo_writer *w, struct tmo_st_model *m, size_t i, const struct stored *s,
            struct tmo_error *err)
{
	struct tmo_tensor head = {
		.dtype = s->type, .code = s->type, .rank = s->rank,
		.bits = (int)(8 * tmo_type_size(s->type)),
	};
	struct tmo_buffer yaml = {0}, path = {0};
	int status = -1;

	memcpy(head.shape, s->shape, (size_t)s->rank * sizeof(head.shape[0]));
	if (tmo_shape_count(s->rank, s->shape, 1, &head.count, err) < 0 ||
	    tmo_tensor_yaml(&head, &yaml, err) < 0 ||
	    tmo_buffer_printf(&path, err, "tensors/%s/tensor.yaml", s->stem) < 0 ||
	    tmo_writer_member(w, (const char *)path.data, yaml.data, yaml.size, err) < 0)
		goto out;
	path.size = 0;
	if (tmo_buffer_printf(&path, err, "tensors/%s/codes.npy", s->stem) == 0)
		status = put_array(w, m, i, s, tmo_type_size(s->type) == 2 ? TMO_U16 : TMO_U8,
		                   (const char *)path.data, err);
out:
	tmo_buffer_free(&yaml);
	tmo_buffer_free(&path);
	return status;
}

static int
put_tensor(struct tmo_run *run, struct tmo_writer *w, struct tmo_st_model *m, size_t i,
           struct tmo_error *err)
{
	const struct tmo_st_tensor *t = &m->tensor[i];
	struct tmo_buffer path = {0};
	struct stored s;
	char shape[80];
	int status = -1;

	tmo_st_stored(t, &s.type, &s.rank, s.shape);
	tmo_run_about(run, t->name);
	tmo_note(run, "%s %s%s", t->dtype_name,
	         tmo_shape_text(t->rank, t->shape, shape, sizeof(shape)),
	         t->dtype == NULL || t->dtype->type == TMO_NONE ? ", kept as bytes" : "");
	s.stem = tmo_name_encode(t->name, &s.cut, err);
	if (s.stem == NULL)
		return -1;
	if (!tmo_type_has_npy(s.type))
		status = put_encoded(w, m, i, &s, err);
	else if (tmo_buffer_printf(&path, err, "tensors/%s.npy", s.stem) == 0)
		status = put_array(w, m, i, &s, s.type, (const char *)path.data, err);
	tmo_buffer_free(&path);
	free(s.stem);
	return status;
}

static const char *
name_of(const void *model, size_t i)
{
	const struct tmo_st_model *const m = model;

	return m->tensor[i].name;
}

/* Without a name: the bytes are the same whatever the file is called, and through a pipe. */
static int
put_manifest(struct tmo_writer *w, const struct tmo_st_model *m, struct tmo_error *err)
{
	struct tmo_yaml *manifest = tmo_manifest_new(err), *source, *totals;
	struct tmo_buffer text = {0};
	uint64_t bytes = 0;
	int status = -1;

	if (manifest == NULL)
		return -1;
	for (size_t i = 0; i < m->count; i++)
		bytes += m->tensor[i].end - m->tensor[i].start;
	if ((source = tmo_yaml_add_map(manifest, "source")) == NULL ||
	    tmo_yaml_add_text(source, "format", "safetensors") == NULL ||
	    (totals = tmo_yaml_add_map(manifest, "totals")) == NULL ||
	    tmo_yaml_add_size(totals, "tensors", m->count) == NULL ||
	    tmo_yaml_add_size(totals, "bytes", bytes) == NULL) {
		tmo_fail_memory(err, 0);
		goto out;
	}
	totals->flow = true;
	if (tmo_manifest_names(manifest, m->count, name_of, m, err) == 0 &&
	    tmo_yaml_emit(manifest, &text, err) == 0)
		status = tmo_writer_member(w, "model.yaml", text.data, text.size, err);
out:
	tmo_buffer_free(&text);
	tmo_yaml_free(manifest);
	return status;
}

static int
put_all(struct tmo_run *run, struct tmo_st_model *m, struct tmo_error *err)
{
	struct tmo_writer *w = tmo_run_writer(run, err);

	if (w == NULL || put_manifest(w, m, err) < 0 ||
	    (m->member.size > 0 && tmo_writer_member(w, TMO_ST_MEMBER, m->member.data,
	                                             m->member.size, err) < 0))
		return -1;
	tmo_run_expect(run, m->count, 0);
	for (size_t i = 0; i < m->count; i++) {
		tmo_run_progress(run);
		if (put_tensor(run, w, m, i, err) < 0)
			return -1;
	}
	tmo_run_about(run, NULL);
	return 0;
}

static int
from_safetensors(struct tmo_run *run, struct tmo_error *err)
{
	const struct from_safetensors *o = tmo_options(run);
	const char *const name = tmo_run_input_name(run);
	struct tmo_st_model m;
	int status = tmo_st_model_open(&m, tmo_run_input(run), name, o->dir, err);

	if (status < 0)
		tmo_fail_at(err, m.path != NULL ? m.path : name);
	else if ((status = put_all(run, &m, err)) == 0 && (status = tmo_st_model_end(&m, err)) < 0)
		tmo_fail_at(err, m.path != NULL ? m.path : name);
	tmo_st_model_close(&m);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "from-safetensors", .summary = "safetensors model to tensor stream",
		.operands = "[FILE|FOLDER]",
		.example = "tmo-from-safetensors model.safetensors | tmo-quant >weights.tar",
		.kind = TMO_SOURCE, .options = options, .options_size = sizeof(struct from_safetensors),
		.accepts = TMO_TAKES_FOLDER, .traits = TMO_NO_HISTORY | TMO_NO_SELECTION,
		.run = from_safetensors,
	};

	return tmo_main_with(&filter, TMO_ABI, NULL, argc, argv);
}
