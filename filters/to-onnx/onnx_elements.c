/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/minifloat.h"
#include "onnx_elements.h"
#include "tensor/encoding.h"

/* A plain tensor's bytes as they are, unless they are in another order: not even NaNs change. */
static int
plain_data(struct tmo_reader *r, void **data, size_t *bytes, struct tmo_error *err)
{
	struct tmo_members parts = {0};
	struct tmo_npy npy;
	int status = -1;

	if (tmo_reader_members(r, &parts, err) < 0 ||
	    tmo_npy_parse(parts.member[0].head, parts.member[0].head_bytes, &npy, err) < 0)
		goto out;
	*data = parts.member[0].data;
	*bytes = parts.member[0].bytes;
	parts.member[0].data = NULL;
	status = 0;
	if (npy.swapped || npy.fortran)
		status = tmo_npy_normalize(&npy, data, err);
out:
	tmo_members_free(&parts);
	return status;
}

/* An array leaves its tensor. */
static void
take(struct tmo_array *a, void **data, size_t *bytes)
{
	*data = a->data;
	*bytes = a->count * tmo_type_size(a->type);
	a->data = NULL;
}

bool
to_onnx_is_plain(const struct tmo_tensor *t)
{
	return t->code == t->dtype && t->codebook.data == NULL && t->scale.data == NULL &&
	       t->zero_point.data == NULL && tmo_type_size(t->codes.type) == tmo_type_size(t->dtype);
}

static int
encoded_data(struct tmo_reader *r, int threads, void **data, size_t *bytes, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = -1;

	if (tmo_reader_load(r, &t, err) < 0)
		goto out;
	if (to_onnx_is_plain(&t)) {
		take(&t.codes, data, bytes);
		status = 0;
		goto out;
	}
	if (tmo_make_plain(&t, threads, err) < 0 || tmo_tensor_narrow(&t, err) < 0)
		goto out;
	take(&t.values, data, bytes);
	status = 0;
out:
	tmo_tensor_free(&t);
	return status;
}

/* Whether a is what was seen before, but for its numbers. */
static bool
is_same(const struct tmo_array *a, const struct tmo_array *before)
{
	if (a->data == NULL || before->type == TMO_NONE)
		return a->data == NULL && before->type == TMO_NONE;
	return a->type == before->type && a->rank == before->rank &&
	       memcmp(a->shape, before->shape, (size_t)a->rank * sizeof(a->shape[0])) == 0;
}

int
to_onnx_load(struct tmo_reader *r, const struct tmo_onnx_slot *slot, struct tmo_tensor *t,
             struct tmo_error *err)
{
	const struct tmo_tensor *before = &slot->facts->t;

	if (tmo_reader_load(r, t, err) < 0)
		return -1;
	if (!is_same(&t->codes, &before->codes) || !is_same(&t->codebook, &before->codebook) ||
	    !is_same(&t->scale, &before->scale) ||
	    !is_same(&t->zero_point, &before->zero_point) || t->code != before->code ||
	    t->blocked != before->blocked ||
	    memcmp(t->block, before->block, sizeof(t->block[0]) * (size_t)t->rank) != 0)
		return tmo_fail(err, "it changed while it was read; keep the file as it is");
	return 0;
}

int
to_onnx_elements(struct tmo_reader *r, const struct tmo_item *item, int threads, void **data,
                 size_t *bytes, struct tmo_error *err)
{
	*data = NULL;
	return item->encoded ? encoded_data(r, threads, data, bytes, err) :
	                       plain_data(r, data, bytes, err);
}
