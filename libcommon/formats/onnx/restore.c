/* SPDX-License-Identifier: Apache-2.0 */
/* restore.c: the network of an origin, without what has changed since. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/read_write.h"
#include "base/text.h"
#include "codec/bit_packing.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/dequantize/dequantize.h"
#include "formats/onnx/hoist.h"
#include "formats/onnx/origin.h"
#include "formats/onnx/restore.h"

/* What the origin says of a weight that it has in codes. */
struct coded {
	struct tmo_onnx_storage storage;	/* of the codes */
	size_t count;				/* elements of the origin's tensor */
	struct tmo_onnx_turned turned;
	char digest[TMO_ONNX_DIGEST_TEXT];	/* of the other parts; "-": they cannot go back */
};

struct tmo_onnx_origin {
	unsigned char *field;		/* owned: the whole field's bytes, */
	const unsigned char *model;	/* and in it those of the ModelProto */
	size_t bytes;
	struct tmo_string_index stems;	/* -> coded */
	size_t count, room;
	struct coded *coded;
};

/* ---- reading it ---- */

bool
tmo_onnx_codes_of(const Onnx__StringStringEntryProto *entry, char stem[TMO_STEM_MAX + 1],
                  const char **digest)
{
	const char *text = tmo_onnx_text(entry->value);
	const size_t length = strcspn(text, " ");

	if (strcmp(tmo_onnx_text(entry->key), TMO_ONNX_CODES_OF) != 0 || length > TMO_STEM_MAX ||
	    text[length] == '\0')
		return false;
	memcpy(stem, text, length);
	stem[length] = '\0';
	*digest = text + length + 1;
	return true;
}

/* For tmo_onnx_each_tensor: notes which weights the tensor has the codes of. */
static int
note_codes(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct tmo_onnx_origin *o = arg;
	char stem[TMO_STEM_MAX + 1];
	const char *text;
	size_t shape[TMO_RANK_MAX];
	int rank;

	TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, t, external_data) {
		struct coded *c;

		if (!tmo_onnx_codes_of(*e, stem, &text))
			continue;
		if (tmo_grow(&o->coded, o->count, &o->room, sizeof(*o->coded), err) < 0)
			return -1;
		c = &o->coded[o->count];
		*c = (struct coded){ .digest = "-" };
		c->turned = tmo_onnx_turned(t);
		if (tmo_onnx_storage(t, &c->storage) && tmo_onnx_dims(t, &rank, shape, &c->count) &&
		    strlen(text) < sizeof(c->digest))
			memcpy(c->digest, text, strlen(text) + 1);
		if (tmo_string_index_set(&o->stems, stem, o->count++, err) < 0)
			return -1;
	}
	return 0;
}

static int
read_origin(struct tmo_onnx_origin *o, struct tmo_error *err)
{
	Onnx__ModelProto *model = tmo_onnx_unpack(o->model, o->bytes, err);
	int status = -1;

	if (model != NULL)
		status = tmo_onnx_each_tensor(&model->base, note_codes, o, err);
	tmo_onnx_free(model);
	return status;
}

/* The field's bytes, which are the caller's then, out of the model; NULL: it has none. */
static unsigned char *
take_field(Onnx__ModelProto *model, size_t *size)
{
	ProtobufCMessage *m = &model->base;
	unsigned char *data = NULL;
	unsigned kept = 0;

	for (unsigned i = 0; i < m->n_unknown_fields; i++) {
		const ProtobufCMessageUnknownField u = m->unknown_fields[i];

		if (u.tag != TMO_ONNX_ORIGIN || u.wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED) {
			m->unknown_fields[kept++] = u;
			continue;
		}
		free(data);	/* of several the last one counts */
		data = u.data;
		*size = u.len;
	}
	m->n_unknown_fields = kept;
	if (kept == 0) {
		free(m->unknown_fields);
		m->unknown_fields = NULL;
	}
	return data;
}

/* Whether the digest is the model's, which has no origin any more. */
static int
is_of(const Onnx__ModelProto *model, const unsigned char *digest, bool *same, struct tmo_error *err)
{
	unsigned char own[TMO_SHA256_BYTES];
	struct tmo_buffer bytes = {0};

	if (tmo_onnx_pack(&model->base, &bytes, err) < 0) {
		tmo_buffer_free(&bytes);
		return -1;
	}
	tmo_sha256_of(bytes.data, bytes.size, own);
	*same = memcmp(own, digest, sizeof(own)) == 0;
	tmo_buffer_free(&bytes);
	return 0;
}

int
tmo_onnx_take_origin(Onnx__ModelProto *model, struct tmo_onnx_origin **origin, bool *changed,
                     struct tmo_error *err)
{
	size_t size = 0;
	unsigned char *field = take_field(model, &size);
	const unsigned char *at = field;
	struct tmo_onnx_origin *o = NULL;
	uint64_t length;
	bool same = false;
	int status = -1;

	*origin = NULL;
	*changed = false;
	if (field == NULL)
		return 0;
	if (!tmo_wire_varint(&at, field + size, &length) ||
	    length != size - (size_t)(at - field) || length < TMO_SHA256_BYTES) {
		tmo_fail(err, "what it was before is damaged; import the model again");
		goto out;
	}
	if (is_of(model, at, &same, err) < 0)
		goto out;
	status = 0;
	*changed = !same;
	if (!same)
		goto out;
	status = -1;
	o = tmo_alloc(1, sizeof(*o), err);
	if (o == NULL)
		goto out;
	o->field = field;
	o->model = at + TMO_SHA256_BYTES;
	o->bytes = (size_t)length - TMO_SHA256_BYTES;
	field = NULL;
	status = read_origin(o, err);
	if (status == 0) {
		*origin = o;
		o = NULL;
	}
out:
	tmo_onnx_free_origin(o);
	free(field);
	return status;
}

void
tmo_onnx_free_origin(struct tmo_onnx_origin *o)
{
	if (o == NULL)
		return;
	free(o->field);
	free(o->coded);
	tmo_string_index_free(&o->stems);
	free(o);
}

/* ---- what is still as it was ---- */

static const struct coded *
coded_of(const struct tmo_onnx_origin *o, const char *stem)
{
	const size_t i = tmo_string_index_get(&o->stems, stem);

	return i == SIZE_MAX ? NULL : &o->coded[i];
}

bool
tmo_onnx_origin_has_codes(const struct tmo_onnx_origin *o, const char *stem)
{
	return coded_of(o, stem) != NULL;
}

static void
digest(const struct tmo_tensor *t, bool with_codes, char text[TMO_ONNX_DIGEST_TEXT])
{
	const struct tmo_array *const parts[] = { &t->codes, &t->codebook, &t->scale, &t->zero_point };
	struct tmo_sha256 sha;

	tmo_sha256_begin(&sha);
	for (int i = !with_codes; i < 4; i++) {
		if (parts[i]->data == NULL)
			continue;
		tmo_onnx_digest_part(&sha, tmo_onnx_digest_order[i], parts[i]->type, parts[i]->rank,
		                     parts[i]->shape);
		tmo_sha256_add(&sha, parts[i]->data, parts[i]->count * tmo_type_size(parts[i]->type));
	}
	tmo_onnx_digest_text(&sha, with_codes, text);
}

/* Whether codes are what the origin's tensor can hold, as many as it does. */
static bool
holds(const struct coded *c, const struct tmo_tensor *t)
{
	const enum tmo_type type = c->turned.rows == 0 ? c->storage.type :
	                           c->turned.less == 0 ? TMO_U8 : TMO_I8;
	const int bits = c->turned.rows == 0 ? c->storage.packed : c->turned.bits;

	/* Whether a transposed one has as many is asked where it is written. */
	return t->codes.data != NULL && t->codes.type == type && t->code == c->storage.code &&
	       (c->turned.rows > 0 || t->codes.count == c->count) &&
	       (bits == 0 || tmo_bits_width(t->codes.data, type, t->codes.count) <= bits);
}

bool
tmo_onnx_origin_fits(const struct tmo_onnx_origin *o, const char *stem, const struct tmo_tensor *t)
{
	const struct coded *c = coded_of(o, stem);
	char text[TMO_ONNX_DIGEST_TEXT];

	if (c == NULL || c->digest[0] == '-' || !holds(c, t))
		return false;
	digest(t, c->digest[0] == '=', text);
	return strcmp(text, c->digest) == 0;
}

/* ---- the network ---- */

bool
tmo_onnx_points_at(const Onnx__TensorProto *t, char stem[TMO_STEM_MAX + 1], int *part)
{
	static const char *const roles[] = {
		[TMO_ONNX_CODES] = "/codes.npy", [TMO_ONNX_CODEBOOK] = "/codebook.npy",
		[TMO_ONNX_SCALE] = "/scale.npy",
	};
	const char *location = tmo_onnx_is_external(t) ? tmo_onnx_external(t, "location") : NULL;
	const char *inside = location == NULL ? NULL : tmo_member_in_tensors(location), *slash;
	size_t length;

	if (inside == NULL || !tmo_ends_with(inside, ".npy"))
		return false;
	slash = strchr(inside, '/');
	length = slash != NULL ? (size_t)(slash - inside) : strlen(inside) - strlen(".npy");
	if (length > TMO_STEM_MAX)
		return false;
	memcpy(stem, inside, length);
	stem[length] = '\0';
	*part = TMO_ONNX_WHOLE;
	for (int i = 0; slash != NULL && i < (int)(sizeof(roles) / sizeof(roles[0])); i++)
		if (strcmp(slash, roles[i]) == 0)
			*part = i;
	return slash == NULL || *part != TMO_ONNX_WHOLE;
}

struct tmo_onnx_turned
tmo_onnx_turned(const Onnx__TensorProto *t)
{
	const char *text = tmo_onnx_external(t, TMO_ONNX_TURNED);
	struct tmo_onnx_turned turned = {0};

	if (text == NULL || sscanf(text, "%zu %zu %d %u", &turned.rows, &turned.row, &turned.bits,
	                           &turned.less) != 4 ||
	    (turned.bits != 0 && turned.bits != 2 && turned.bits != 4 && turned.bits != 8))
		turned.rows = 0;
	return turned;
}

/* A choice: does a tensor of the origin belong to a weight that leaves? */
static bool
leaves(void *arg, const Onnx__TensorProto *t)
{
	const struct tmo_onnx_leaving *l = arg;
	char stem[TMO_STEM_MAX + 1];
	const char *digest_of;
	int part;

	if (tmo_onnx_points_at(t, stem, &part) && l->leaves(l->arg, stem))
		return true;
	TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, t, external_data)
		if (tmo_onnx_codes_of(*e, stem, &digest_of) && l->leaves(l->arg, stem))
			return true;
	return false;
}

/* A weight is called what it is in the stream; its codes have no name there. */
static const char *
called(void *arg, const Onnx__TensorProto *t)
{
	const struct tmo_onnx_leaving *l = arg;
	char stem[TMO_STEM_MAX + 1];
	int part;

	return tmo_onnx_points_at(t, stem, &part) && part == TMO_ONNX_WHOLE ? l->name(l->arg, stem) : NULL;
}

static bool
moves(void *arg, const Onnx__TensorProto *t)
{
	const struct tmo_onnx_leaving *l = arg;

	return l->none_inside || leaves(arg, t);
}

/* What was taken out of operators points at the stream, as the others do. */
static int
point_weights(const struct tmo_onnx_weights *weights, struct tmo_error *err)
{
	for (size_t i = 0; i < weights->count; i++) {
		Onnx__TensorProto *t = weights->list[i].declared;
		bool cut;
		char *stem = tmo_name_encode(tmo_onnx_text(t->name), &cut, err);
		char *path = stem == NULL ? NULL : tmo_member_path(stem, ".npy", err);
		const int status = path == NULL ? -1 : tmo_onnx_set_external(t, path, 0, 0, err);

		free(stem);
		free(path);
		if (status < 0)
			return -1;
	}
	return 0;
}

/* For tmo_onnx_each_tensor: what points at the stream goes on doing so, the others get their data. */
static int
finish_tensor(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	if (tmo_onnx_is_external(t)) {
		tmo_onnx_drop_mark(t);
		return 0;
	}
	tmo_onnx_clear_external(t);
	return tmo_onnx_put_back(arg, t, err);
}

static int
restore(const struct tmo_onnx_origin *o, const struct tmo_onnx_leaving *leaving,
        struct tmo_onnx_files *files, Onnx__ModelProto **model, struct tmo_error *err)
{
	const struct tmo_onnx_choice moving = { moves, called, (void *)leaving };
	const struct tmo_onnx_choice leaving_codes = { leaves, called, (void *)leaving };
	struct tmo_onnx_weights weights = {0};
	struct tmo_buffer skeleton = {0};
	int status = -1;

	if (tmo_write_full(files->fd, o->model, o->bytes, err) == 0 &&
	    tmo_wire_skeleton(files->fd, &skeleton, &files->table, err) == 0)
		*model = tmo_onnx_unpack_checked(skeleton.data, skeleton.size, err);
	tmo_buffer_free(&skeleton);
	if (*model != NULL && tmo_onnx_lift((*model)->graph, &moving, err) == 0 &&
	    tmo_onnx_dequantize(*model, files, &weights, &leaving_codes, err) == 0 &&
	    point_weights(&weights, err) == 0)
		status = tmo_onnx_each_tensor(&(*model)->base, finish_tensor, files, err);
	tmo_onnx_weights_free(&weights);
	return status;
}

Onnx__ModelProto *
tmo_onnx_restore(const struct tmo_onnx_origin *o, const struct tmo_onnx_leaving *leaving,
                 const char *temporary_dir, struct tmo_error *err)
{
	const int fd = tmo_temporary(temporary_dir, err);
	struct tmo_onnx_files files = { .fd = fd };
	Onnx__ModelProto *model = NULL;

	if (fd < 0)
		return NULL;
	if (restore(o, leaving, &files, &model, err) < 0) {
		tmo_onnx_free(model);
		model = NULL;
	}
	tmo_onnx_files_close(&files);
	close(fd);
	return model;
}
