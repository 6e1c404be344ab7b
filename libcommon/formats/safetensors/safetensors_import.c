/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buffer.h"
#include "formats/safetensors/safetensors_import.h"
#include "formats/safetensors/safetensors_model.h"
#include "stream/manifest.h"

static int
to_writer(void *writer, const void *data, size_t size, struct tmo_error *err)
{
	return tmo_writer_data(writer, data, size, err);
}

static int
put_tensor(const struct tmo_import *model, struct tmo_writer *w, struct tmo_st_model *m, size_t i,
           struct tmo_error *err)
{
	const struct tmo_st_tensor *t = &m->tensor[i];
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	char shown[80];

	tmo_st_stored(t, &type, &rank, shape);
	tmo_import_about(model, t->name);
	tmo_import_note(model, "%s %s%s", t->dtype_name,
	                tmo_shape_text(t->rank, t->shape, shown, sizeof(shown)),
	                t->dtype == NULL || t->dtype->type == TMO_NONE ? ", kept as bytes" : "");
	if (tmo_writer_begin_tensor(w, t->name, type, rank, shape, err) < 0)
		return -1;
	return tmo_st_model_read(m, i, to_writer, w, err);
}

static const char *
name_of(const void *model, size_t i)
{
	const struct tmo_st_model *const m = model;

	return m->tensor[i].name;
}

/* Without a name: the bytes are the same whatever the file is called, and through a pipe. */
static int
fill_manifest(struct tmo_yaml *manifest, const struct tmo_st_model *m, struct tmo_error *err)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->count; i++)
		bytes += m->tensor[i].end - m->tensor[i].start;
	if (tmo_manifest_source(manifest, "safetensors", err) == NULL ||
	    tmo_manifest_totals(manifest, m->count, bytes, err) < 0)
		return -1;
	return tmo_manifest_names(manifest, m->count, name_of, m, err);
}

static int
put_head(struct tmo_writer *w, const struct tmo_st_model *m, struct tmo_error *err)
{
	struct tmo_yaml *manifest = tmo_manifest_new(err);
	struct tmo_buffer text = {0};
	int status = -1;

	if (manifest != NULL && fill_manifest(manifest, m, err) == 0 &&
	    tmo_yaml_emit(manifest, &text, err) == 0)
		status = tmo_writer_member(w, "model.yaml", text.data, text.size, err);
	if (status == 0 && m->member.size > 0)
		status = tmo_writer_member(w, TMO_ST_MEMBER, m->member.data, m->member.size, err);
	tmo_buffer_free(&text);
	tmo_yaml_free(manifest);
	return status;
}

static int
put_tensors(const struct tmo_import *model, struct tmo_writer *w, struct tmo_st_model *m,
            struct tmo_error *err)
{
	tmo_import_expect(model, m->count);
	for (size_t i = 0; i < m->count; i++) {
		tmo_import_step(model);
		if (put_tensor(model, w, m, i, err) < 0)
			return -1;
	}
	tmo_import_about(model, NULL);
	return 0;
}

int
tmo_st_import(const struct tmo_import *model, struct tmo_writer *out, struct tmo_error *err)
{
	struct tmo_st_model m;
	int status = -1;

	if (tmo_st_model_open(&m, model->fd, model->name, model->folder, err) < 0)
		tmo_fail_at(err, m.path != NULL ? m.path : model->name);
	else if (put_head(out, &m, err) == 0 && put_tensors(model, out, &m, err) == 0 &&
	         (status = tmo_st_model_end(&m, err)) < 0)
		tmo_fail_at(err, m.path != NULL ? m.path : model->name);
	tmo_st_model_close(&m);
	return status;
}
