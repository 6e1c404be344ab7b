/* SPDX-License-Identifier: Apache-2.0 */
/* origin.c: notes where in a model the numbers of a stream's tensors stood. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/origin.h"
#include "tensor/npy.h"

#define INLINE_BYTES 1024	/* scales and codebooks of fewer are in the origin itself */
#define PLAIN (-1)

const char *const tmo_onnx_digest_order[4] = { "codes", "codebook", "scale", "zero_point" };

/* What became of one tensor of the model. */
struct fate {
	Onnx__TensorProto *origin;
	bool stays;		/* in the network, with its data */
	size_t uses;		/* by the stream's tensors; */
	size_t as_codes;	/* so many of them as codes */
	size_t tensor;		/* one of those; a plain one if there is any */
	int part;		/* of it, or PLAIN */
};

struct pointing {
	struct tmo_onnx_files *files;
	const struct tmo_onnx_tensor *tensor;
	size_t count, fate_count;
	struct fate *fate;	/* by the tensors' marks */
};

void
tmo_onnx_digest_part(struct tmo_sha256 *sha, const char *role, enum tmo_type type, int rank,
                     const size_t *shape)
{
	char head[40 + 24 * TMO_RANK_MAX];
	int n = snprintf(head, sizeof(head), "%s %s", role, tmo_type_name(type));

	for (int i = 0; i < rank; i++)
		n += snprintf(head + n, sizeof(head) - (size_t)n, " %zu", shape[i]);
	tmo_sha256_add(sha, head, (size_t)n + 1);
}

void
tmo_onnx_digest_text(struct tmo_sha256 *sha, bool with_codes, char text[TMO_ONNX_DIGEST_TEXT])
{
	unsigned char digest[TMO_SHA256_BYTES];

	tmo_sha256_end(sha, digest);
	if (with_codes)
		*text++ = '=';
	for (int i = 0; i < (TMO_ONNX_DIGEST_TEXT - 2) / 2; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
}

/* The fate of the tensor with t's mark; NULL: it has none. */
static struct fate *
fate_of(const struct pointing *p, const Onnx__TensorProto *t)
{
	uint64_t mark;

	return tmo_onnx_mark(t, &mark) && mark < p->fate_count ? &p->fate[mark] : NULL;
}

static int
note_staying(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct fate *f = fate_of(arg, t);

	(void)err;
	if (f != NULL)
		f->stays = true;
	return 0;
}

static int
note_origin(void *arg, Onnx__TensorProto *t, struct tmo_error *err)
{
	struct fate *f = fate_of(arg, t);

	(void)err;
	if (f != NULL)
		f->origin = t;
	return 0;
}

static void
note_use(struct pointing *p, const struct tmo_onnx_data *data, size_t tensor, int part)
{
	struct fate *f = data->payload < p->fate_count ? &p->fate[data->payload] : NULL;

	if (f == NULL)
		return;
	f->as_codes += part == 0;
	if (f->uses++ == 0 || part == PLAIN) {
		f->tensor = tensor;
		f->part = part;
	}
}

static void
note_uses(struct pointing *p)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct tmo_onnx_tensor *t = &p->tensor[i];

		if (t->form == NULL)
			note_use(p, &t->data, i, PLAIN);
		for (int k = 0; t->form != NULL && k < t->form->part_count; k++)
			note_use(p, &t->form->part[k].data, i, k);
	}
}

/* Whether a part is what the model has, but for the rest of rows that nothing reads. */
static bool
is_straight(const struct tmo_onnx_coded_part *p)
{
	return !p->is_product && !p->is_rounded;
}

/* The part that the tensor's numbers are to come from; NULL: the tensor has them itself. */
static const struct tmo_onnx_coded_part *
part_for(const struct pointing *p, const struct fate *f)
{
	const struct tmo_onnx_coded_part *part = &p->tensor[f->tensor].form->part[f->part];

	/* Zero points are looked at when the origin is read again. */
	if (!is_straight(part) || (f->uses > 1 && f->uses != f->as_codes) || strcmp(part->role, "zero_point") == 0 ||
	    (f->part > 0 && part->count * tmo_type_size(part->type) < INLINE_BYTES))
		return NULL;
	return part;
}

/* Points a tensor at a member: what the graph says of a plain one, word for word. */
static int
point(const struct pointing *p, const struct fate *f, const struct tmo_onnx_coded_part *part,
      struct tmo_error *err)
{
	const struct tmo_onnx_tensor *t = &p->tensor[f->tensor];
	struct tmo_onnx_data data;
	char rest[40], turned[80], *path;
	const enum tmo_type type = part != NULL ? part->type : t->type;
	const int rank = part != NULL ? part->rank : t->rank;
	int status;

	snprintf(rest, sizeof(rest), part != NULL ? "/%s.npy" : ".npy",
	         part != NULL ? part->role : "");
	path = tmo_member_path(t->stem, rest, err);
	if (path == NULL)
		return -1;
	status = tmo_onnx_take_data(f->origin, &p->files->table, &data, err);
	free(data.location);
	if (status == 0)
		status = tmo_onnx_set_external(
			f->origin, path,
			tmo_npy_header_length(type, rank, part != NULL ? part->shape : t->shape),
			(part != NULL ? part->count : t->count) * tmo_type_size(type), err);
	free(path);
	if (status == 0 && part != NULL && part->transposed) {
		snprintf(turned, sizeof(turned), "%zu %zu %d %u", part->rows, part->row,
		         part->bits, part->less);
		status = tmo_onnx_add_external(f->origin, TMO_ONNX_TURNED, turned, err);
	}
	return status;
}

static int
place(const struct pointing *p, struct fate *f, struct tmo_error *err)
{
	const struct tmo_onnx_coded_part *part = NULL;

	if (f->origin == NULL)
		return 0;
	if (f->uses > 0 && !f->stays && f->part != PLAIN)
		part = part_for(p, f);
	if (f->uses > 0 && !f->stays && (f->part == PLAIN || part != NULL))
		return point(p, f, part, err);
	if (tmo_onnx_put_back(p->files, f->origin, err) < 0)
		return tmo_fail_at(err, tmo_onnx_text(f->origin->name));
	return 0;
}

static int
add_bytes(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	(void)err;
	tmo_sha256_add(arg, data, size);
	return 0;
}

/* The digest of all parts, or of all but the codes. */
static int
digest(struct tmo_onnx_files *files, const struct tmo_onnx_coded *form, bool with_codes, char *text,
       struct tmo_error *err)
{
	struct tmo_sha256 sha;
	const struct tmo_onnx_out out = { add_bytes, &sha };

	tmo_sha256_begin(&sha);
	for (int r = !with_codes; r < 4; r++)
		for (int k = 0; k < form->part_count; k++) {
			const struct tmo_onnx_coded_part *part = &form->part[k];

			if (strcmp(part->role, tmo_onnx_digest_order[r]) != 0)
				continue;
			tmo_onnx_digest_part(&sha, part->role, part->type, part->rank, part->shape);
			if (tmo_onnx_read_part(files, part, &out, err) < 0)
				return -1;
		}
	tmo_onnx_digest_text(&sha, with_codes, text);
	return 0;
}

/* Says on the tensor that t's codes came from it. */
static int
name_codes(const struct pointing *p, const struct tmo_onnx_tensor *t, struct tmo_error *err)
{
	const struct tmo_onnx_coded_part *codes = &t->form->part[0];
	const struct fate *f = codes->data.payload < p->fate_count ? &p->fate[codes->data.payload] : NULL;
	char text[TMO_ONNX_DIGEST_TEXT] = "-";
	struct tmo_buffer value = {0};
	int status = -1;

	if (f == NULL || f->origin == NULL)
		return 0;
	if (is_straight(codes) && f->uses == f->as_codes && !f->stays &&
	    digest(p->files, t->form, f->uses > 1, text, err) < 0)
		return tmo_fail_at(err, t->name);
	if (tmo_buffer_printf(&value, err, "%s %s", t->stem, text) == 0)
		status = tmo_onnx_add_external(f->origin, TMO_ONNX_CODES_OF, (char *)value.data, err);
	tmo_buffer_free(&value);
	return status;
}

int
tmo_onnx_point_origin(Onnx__ModelProto *origin, Onnx__ModelProto *network,
                      struct tmo_onnx_files *files, const struct tmo_onnx_tensor *tensor,
                      size_t count, struct tmo_error *err)
{
	struct pointing p = {
		.files = files, .tensor = tensor, .count = count,
		.fate_count = files->table.payload_count,
	};
	int status = -1;

	p.fate = tmo_alloc(p.fate_count, sizeof(*p.fate), err);
	if (p.fate == NULL || tmo_onnx_each_tensor(&network->base, note_staying, &p, err) < 0 ||
	    tmo_onnx_each_tensor(&origin->base, note_origin, &p, err) < 0)
		goto out;
	note_uses(&p);
	for (size_t i = 0; i < p.fate_count; i++)
		if (place(&p, &p.fate[i], err) < 0)
			goto out;
	for (size_t i = 0; i < count; i++)
		if (tensor[i].form != NULL && name_codes(&p, &tensor[i], err) < 0)
			goto out;
	status = 0;
out:
	free(p.fate);
	return status;
}

int
tmo_onnx_append_origin(const Onnx__ModelProto *origin, struct tmo_buffer *network,
                       struct tmo_error *err)
{
	unsigned char digest_of[TMO_SHA256_BYTES], head[20];
	struct tmo_buffer bytes = {0};
	size_t n;
	int status = tmo_onnx_pack(&origin->base, &bytes, err);

	if (status < 0 || (bytes.size == network->size &&
	                   memcmp(bytes.data, network->data, bytes.size) == 0))
		goto out;
	tmo_sha256_of(network->data, network->size, digest_of);
	n = tmo_wire_put_varint(head, (uint64_t)TMO_ONNX_ORIGIN << 3 |
	                        PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED);
	n += tmo_wire_put_varint(head + n, sizeof(digest_of) + bytes.size);
	status = -1;
	if (tmo_buffer_append(network, head, n, err) == 0 &&
	    tmo_buffer_append(network, digest_of, sizeof(digest_of), err) == 0)
		status = tmo_buffer_append(network, bytes.data, bytes.size, err);
out:
	tmo_buffer_free(&bytes);
	return status;
}
