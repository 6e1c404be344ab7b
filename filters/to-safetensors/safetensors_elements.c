/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "safetensors_elements.h"
#include "tensor/encoding.h"

typedef int write_hook(void *arg, const void *data, size_t size, struct tmo_error *err);

/* Codes that are bit patterns of a float type and nothing more are tensors of that type. */
static bool
is_cast(const struct tmo_tensor *t)
{
	return t->code != TMO_NONE && t->codebook.data == NULL && t->scale.data == NULL &&
	       t->zero_point.data == NULL && tmo_type_size(t->codes.type) == tmo_type_size(t->code);
}

int
to_safetensors_type(struct tmo_reader *r, const struct tmo_item *item, enum tmo_type *type,
                    struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = 0;

	*type = item->dtype;
	if (item->encoded && (status = tmo_reader_load(r, &t, err)) == 0 && is_cast(&t))
		*type = t.code;
	tmo_tensor_free(&t);
	return status;
}

static int
encoded_data(struct tmo_reader *r, int threads, write_hook *write, void *arg, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	const struct tmo_array *a = &t.codes;
	int status = -1;

	if (tmo_reader_load(r, &t, err) < 0)
		goto out;
	if (!is_cast(&t)) {
		if (tmo_make_plain(&t, threads, err) < 0 || tmo_tensor_narrow(&t, err) < 0)
			goto out;
		a = &t.values;
	}
	status = write(arg, a->data, a->count * tmo_type_size(a->type), err);
out:
	tmo_tensor_free(&t);
	return status;
}

/* One that must be turned around first. */
static int
foreign_data(struct tmo_reader *r, write_hook *write, void *arg, struct tmo_error *err)
{
	struct tmo_tensor t = {0};
	int status = tmo_reader_load(r, &t, err);

	if (status == 0)
		status = write(arg, t.values.data, t.values.count * tmo_type_size(t.values.type),
		               err);
	tmo_tensor_free(&t);
	return status;
}

/* The header comes first, then the elements piece by piece, as they are: not even NaNs change. */
static int
plain_data(struct tmo_reader *r, write_hook *write, void *arg, struct tmo_error *err)
{
	const void *piece;
	size_t size;
	struct tmo_npy npy;

	if (tmo_reader_some(r, &piece, &size, err) < 0 || tmo_npy_parse(piece, size, &npy, err) < 0)
		return -1;
	if (npy.swapped || npy.fortran)
		return foreign_data(r, write, arg, err);
	do {
		if (tmo_reader_some(r, &piece, &size, err) < 0 ||
		    (size > 0 && write(arg, piece, size, err) < 0))
			return -1;
	} while (size > 0);
	return 0;
}

int
to_safetensors_elements(struct tmo_reader *r, const struct tmo_item *item, int threads,
                        write_hook *write,
                        void *arg, struct tmo_error *err)
{
	return item->encoded ? encoded_data(r, threads, write, arg, err) :
	                       plain_data(r, write, arg, err);
}
