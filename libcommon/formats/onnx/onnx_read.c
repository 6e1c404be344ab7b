/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_read.c: takes a model apart into graph.onnx and tensors. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "base/string_index.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/hoist.h"
#include "formats/onnx/onnx_read.h"
#include "formats/onnx/origin.h"
#include "stream/member_name.h"
#include "tensor/npy.h"

struct tmo_onnx_reader {
	struct tmo_onnx_files files;
	Onnx__ModelProto *model, *origin;	/* origin: as it came in */
	uint64_t text_bytes;
	struct tmo_onnx_weights weights;	/* those that are in codes */
	size_t count;
	struct tmo_onnx_tensor *tensor;
};

/* What the stream needs to know of an initializer that leaves; its data's place out of it. */
static int
take_tensor(struct tmo_onnx_reader *r, Onnx__TensorProto *t, size_t coded, struct tmo_error *err)
{
	struct tmo_onnx_tensor *out = &r->tensor[r->count];

	out->name = t->name;
	out->type = tmo_onnx_type(t);
	out->rank = (int)t->n_dims;
	out->form = coded != SIZE_MAX ? &r->weights.list[coded].form : NULL;
	if (tmo_onnx_shape(t, out->type, out->shape, &out->count, err) < 0 ||
	    tmo_onnx_take_data(t, &r->files.table, &out->data, err) < 0)
		return tmo_fail_at(err, t->name);
	r->count++;
	out->stem = tmo_name_encode(t->name, &out->cut, err);
	return out->stem == NULL ? -1 : 0;
}

/* The initializers that leave, in order. No two may have one name. */
static int
take_tensors(struct tmo_onnx_reader *r, struct tmo_error *err)
{
	const Onnx__GraphProto *g = r->model->graph;
	struct tmo_string_index names = {0};
	int status = 0;

	r->tensor = tmo_alloc(g->n_initializer, sizeof(*r->tensor), err);
	if (r->tensor == NULL)
		return -1;
	for (size_t i = 0; i < g->n_initializer && status == 0; i++) {
		Onnx__TensorProto *t = g->initializer[i];
		const size_t coded = tmo_string_index_get(&r->weights.names, tmo_onnx_text(t->name));
		bool stays = false;

		if (coded == SIZE_MAX &&
		    tmo_onnx_stays(t, tmo_onnx_text(t->name), &stays, err) < 0) {
			status = -1;
		} else if (!stays && tmo_string_index_get(&names, t->name) != SIZE_MAX) {
			tmo_fail(err, "two initializers have this name; give each its own");
			status = tmo_fail_at(err, t->name);
		} else if (!stays) {
			status = tmo_string_index_set(&names, t->name, 1, err);
			if (status == 0)
				status = take_tensor(r, t, coded, err);
		}
	}
	tmo_string_index_free(&names);
	return status;
}

/* For tmo_onnx_each_tensor: a tensor that is still in the graph gets its data back. */
static int
put_back(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct tmo_onnx_reader *r = arg;

	if (tmo_onnx_put_back(&r->files, t, err) < 0)
		return tmo_fail_at(err, tmo_onnx_text(t->name));
	return 0;
}

/* Points the initializers that left at the stream's members. */
static int
point_at_stream(struct tmo_onnx_reader *r, struct tmo_error *err)
{
	const Onnx__GraphProto *g = r->model->graph;
	char *path;
	size_t next = 0;
	int status = 0;

	for (size_t i = 0; i < g->n_initializer && next < r->count && status == 0; i++) {
		const struct tmo_onnx_tensor *t = &r->tensor[next];

		if (g->initializer[i]->name != t->name)
			continue;
		next++;
		path = tmo_member_path(t->stem, ".npy", err);
		status = path == NULL ? -1 :
		         tmo_onnx_set_external(g->initializer[i], path,
		                               tmo_npy_header_length(t->type, t->rank, t->shape),
		                               t->count * tmo_type_size(t->type), err);
		free(path);
	}
	return status;
}

/* The model twice, without text that is not wanted: one to be changed, one as it came in. */
static int
read_models(struct tmo_onnx_reader *r, const struct tmo_onnx_strip *strip, struct tmo_error *err)
{
	struct tmo_buffer skeleton = {0};

	if (tmo_wire_skeleton(r->files.fd, &skeleton, &r->files.table, err) == 0)
		r->model = tmo_onnx_unpack_checked(skeleton.data, skeleton.size, err);
	if (r->model != NULL)
		r->origin = tmo_onnx_unpack_checked(skeleton.data, skeleton.size, err);
	tmo_buffer_free(&skeleton);
	if (r->origin == NULL)
		return -1;
	if (!strip->text && strip->keys == NULL) {
		r->text_bytes = tmo_onnx_text_bytes(r->model);
		return 0;
	}
	r->text_bytes = tmo_onnx_strip(r->model, strip);
	tmo_onnx_strip(r->origin, strip);
	return 0;
}

static int
open_model(struct tmo_onnx_reader *r, const struct tmo_onnx_options *o, struct tmo_error *err)
{
	if (read_models(r, &o->strip, err) < 0 || tmo_onnx_raise_version(r->model, err) < 0 ||
	    tmo_onnx_lift(r->model->graph, NULL, err) < 0 ||
	    (!o->keep_quantized &&
	     tmo_onnx_dequantize(r->model, &r->files, &r->weights, NULL, err) < 0) ||
	    take_tensors(r, err) < 0 ||
	    tmo_onnx_point_origin(r->origin, r->model, &r->files, r->tensor, r->count, err) < 0 ||
	    tmo_onnx_each_tensor(&r->model->base, put_back, r, err) < 0)
		return -1;
	return point_at_stream(r, err);
}

struct tmo_onnx_reader *
tmo_onnx_open(int fd, const char *dir, const struct tmo_onnx_options *options,
              struct tmo_error *err)
{
	static const struct tmo_onnx_options none = {0};
	struct tmo_onnx_reader *r = tmo_alloc(1, sizeof(*r), err);

	if (r == NULL)
		return NULL;
	r->files = (struct tmo_onnx_files){ .fd = fd, .dir = dir };
	if (open_model(r, options != NULL ? options : &none, err) < 0) {
		tmo_onnx_close(r);
		return NULL;
	}
	return r;
}

void
tmo_onnx_close(struct tmo_onnx_reader *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->count; i++) {
		free(r->tensor[i].stem);
		free(r->tensor[i].data.location);
	}
	free(r->tensor);
	tmo_onnx_weights_free(&r->weights);
	tmo_onnx_free(r->model);
	tmo_onnx_free(r->origin);
	tmo_onnx_files_close(&r->files);
	free(r);
}

const Onnx__ModelProto *
tmo_onnx_model(const struct tmo_onnx_reader *r)
{
	return r->model;
}

uint64_t
tmo_onnx_text_found(const struct tmo_onnx_reader *r)
{
	return r->text_bytes;
}

int
tmo_onnx_graph(const struct tmo_onnx_reader *r, struct tmo_buffer *out, struct tmo_error *err)
{
	if (tmo_onnx_pack(&r->model->base, out, err) < 0)
		return -1;
	return tmo_onnx_append_origin(r->origin, out, err);
}

size_t
tmo_onnx_count(const struct tmo_onnx_reader *r)
{
	return r->count;
}

const struct tmo_onnx_tensor *
tmo_onnx_tensor(const struct tmo_onnx_reader *r, size_t i)
{
	return &r->tensor[i];
}

int
tmo_onnx_read(struct tmo_onnx_reader *r, size_t i, const struct tmo_onnx_out *out,
              struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = &r->tensor[i];

	return tmo_onnx_read_data(&r->files, &t->data, t->type, t->count, out, err);
}

int
tmo_onnx_read_one_part(struct tmo_onnx_reader *r, size_t i, int part,
                       const struct tmo_onnx_out *out, struct tmo_error *err)
{
	return tmo_onnx_read_part(&r->files, &r->tensor[i].form->part[part], out, err);
}

/* What codes of a byte have in common. */
struct extent {
	bool is_signed;
	unsigned all;		/* bits that any has set; of a negative one, those of its complement */
};

static int
widen_extent(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	struct extent *e = arg;
	const unsigned char *codes = data;

	(void)err;
	for (size_t i = 0; i < size; i++)
		e->all |= e->is_signed && codes[i] >= 128 ? 255u - codes[i] : codes[i];
	return 0;
}

int
tmo_onnx_code_bits(struct tmo_onnx_reader *r, size_t i, int *bits, struct tmo_error *err)
{
	const struct tmo_onnx_coded *form = r->tensor[i].form;
	const struct tmo_onnx_coded_part *codes = &form->part[0], *book = &form->part[1];
	struct extent e = { .is_signed = codes->type == TMO_I8 };
	const struct tmo_onnx_out out = { widen_extent, &e };

	*bits = form->bits;
	if (form->code != TMO_NONE || tmo_type_size(codes->type) != 1)
		return 0;
	if (form->part_count > 1 && strcmp(book->role, "codebook") == 0)
		e.all = (unsigned)book->shape[book->rank - 1] - 1;
	else if (tmo_onnx_read_part(&r->files, codes, &out, err) < 0)
		return -1;
	for (*bits = 0; e.all != 0; e.all >>= 1)
		++*bits;
	*bits += e.is_signed;
	if (*bits == 0)
		*bits = 1;
	return 0;
}

uint64_t
tmo_onnx_bytes(const struct tmo_onnx_reader *r, size_t i)
{
	const struct tmo_onnx_tensor *t = &r->tensor[i];
	uint64_t bytes = 0;

	if (t->form == NULL)
		return (uint64_t)t->count * tmo_type_size(t->type);
	for (int k = 0; k < t->form->part_count; k++)
		bytes += (uint64_t)t->form->part[k].count * tmo_type_size(t->form->part[k].type);
	return bytes;
}
