/* SPDX-License-Identifier: Apache-2.0 */
/* constant_parts.c: what constants of a model are as parts of a weight in a stream; their numbers. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "formats/onnx/dequantize/constant_parts.h"
#include "formats/onnx/onnx_dtype.h"
#include "tensor/tensor.h"

bool
tmo_onnx_storage(const Onnx__TensorProto *t, struct tmo_onnx_storage *s)
{
	static const struct {
		int32_t data_type;
		struct tmo_onnx_storage storage;
	} kinds[] = {
		{ TMO_ONNX_INT8, { TMO_I8, TMO_NONE, 8, 0, 0, 0 } },
		{ TMO_ONNX_UINT8, { TMO_U8, TMO_NONE, 8, 0, 0, 0 } },
		{ TMO_ONNX_INT16, { TMO_I16, TMO_NONE, 16, 0, 0, 0 } },
		{ TMO_ONNX_UINT16, { TMO_U16, TMO_NONE, 16, 0, 0, 0 } },
		{ TMO_ONNX_INT32, { TMO_I32, TMO_NONE, 32, 0, 0, 0 } },
		{ TMO_ONNX_UINT4, { TMO_U8, TMO_NONE, 4, 4, 0, 0 } },
		{ TMO_ONNX_INT4, { TMO_I8, TMO_NONE, 4, 4, 8, 8 } },
		{ TMO_ONNX_UINT2, { TMO_U8, TMO_NONE, 2, 2, 0, 0 } },
		{ TMO_ONNX_INT2, { TMO_I8, TMO_NONE, 2, 2, 2, 2 } },
		{ TMO_ONNX_F8E4M3FN, { TMO_U8, TMO_F8E4M3, 8, 0, 0, 0 } },
		{ TMO_ONNX_F8E5M2, { TMO_U8, TMO_F8E5M2, 8, 0, 0, 0 } },
		{ TMO_ONNX_FLOAT16, { TMO_U16, TMO_F16, 16, 0, 0, 0 } },
		{ TMO_ONNX_BFLOAT16, { TMO_U16, TMO_BF16, 16, 0, 0, 0 } },
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].data_type == t->data_type) {
			*s = kinds[i].storage;
			return true;
		}
	return false;
}

bool
tmo_onnx_dims(const Onnx__TensorProto *t, int *rank, size_t *shape, size_t *count)
{
	struct tmo_error ignored = {0};

	if (t->n_dims > TMO_RANK_MAX || t->segment != NULL ||
	    tmo_onnx_shape(t, TMO_F64, shape, count, &ignored) < 0)
		return false;
	*rank = (int)t->n_dims;
	return true;
}

bool
tmo_onnx_is_one(const struct tmo_onnx_const *c)
{
	size_t shape[TMO_RANK_MAX], count;
	int rank;

	return c != NULL && c->tensor->n_dims <= 1 &&
	       tmo_onnx_dims(c->tensor, &rank, shape, &count) && count == 1;
}

int
tmo_onnx_numbers(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_const *from, size_t count,
                 int64_t **numbers, bool *fits)
{
	const enum tmo_type type = tmo_onnx_type(from->tensor);
	size_t shape[TMO_RANK_MAX], have;
	struct tmo_onnx_data data = {0};
	struct tmo_buffer bytes = {0};
	struct tmo_array a = {.type = type, .count = count};
	int rank, status = -1;

	*numbers = NULL;
	*fits = (type == TMO_I64 || type == TMO_I32 || type == TMO_U16 || type == TMO_U8) &&
	        tmo_onnx_dims(from->tensor, &rank, shape, &have) && have == count;
	if (!*fits)
		return 0;
	if (tmo_onnx_find_data(from->tensor, &rw->files->table, &data, rw->err) < 0 ||
	    tmo_onnx_load(rw->files, &data, type, count, &bytes, rw->err) < 0 ||
	    (*numbers = tmo_alloc(count, sizeof(**numbers), rw->err)) == NULL)
		goto out;
	a.data = bytes.data;
	for (size_t i = 0; i < count; i++)
		(*numbers)[i] = tmo_array_integer(&a, i);
	status = 0;
out:
	free(data.location);
	tmo_buffer_free(&bytes);
	return status == 0 ? 0 : tmo_fail_at(rw->err, tmo_onnx_text(from->tensor->name));
}

int
tmo_onnx_add_part(struct tmo_onnx_rewrite *rw, struct tmo_onnx_coded *form, const char *role,
                  const struct tmo_onnx_storage *s, int rank, const size_t *shape,
                  const Onnx__TensorProto *from)
{
	struct tmo_onnx_coded_part *p = &form->part[form->part_count];

	*p = (struct tmo_onnx_coded_part){
		.role = role, .type = s->type, .rank = rank, .bits = s->packed, .flip = s->flip,
		.less = s->less,
	};
	memcpy(p->shape, shape, (size_t)rank * sizeof(*shape));
	if (tmo_shape_count(rank, shape, tmo_type_size(s->type), &p->count, rw->err) < 0 ||
	    tmo_onnx_find_data(from, &rw->files->table, &p->data, rw->err) < 0)
		return tmo_fail_at(rw->err, tmo_onnx_text(from->name));
	form->part_count++;
	return 0;
}

int
tmo_onnx_add_codes(struct tmo_onnx_rewrite *rw, struct tmo_onnx_coded *form,
                   const struct tmo_onnx_const *from, const struct tmo_onnx_storage *s)
{
	form->code = s->code;
	form->bits = s->bits;
	return tmo_onnx_add_part(rw, form, "codes", s, form->rank, form->shape, from->tensor);
}
