/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "formats/onnx/small_tensor.h"

/* Elements that protobuf has as 32-bit numbers, one each, whatever their own size. */
static void
take_narrow(const Onnx__TensorProto *t, struct tmo_array *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const uint32_t bits = (uint32_t)t->int32_data[i];

		switch (tmo_type_size(a->type)) {
		case 1: ((uint8_t *)a->data)[i] = (uint8_t)bits; break;
		case 2: ((uint16_t *)a->data)[i] = (uint16_t)bits; break;
		default: ((uint32_t *)a->data)[i] = bits; break;
		}
	}
}

/* How many elements the tensor's own field has; *from: they lie there as they are in the array. */
static size_t
field_elements(const Onnx__TensorProto *t, enum tmo_type type, const void **from)
{
	*from = NULL;
	switch (type) {
	case TMO_F32: *from = t->float_data; return t->n_float_data;
	case TMO_F64: *from = t->double_data; return t->n_double_data;
	case TMO_I64: *from = t->int64_data; return t->n_int64_data;
	case TMO_U64: *from = t->uint64_data; return t->n_uint64_data;
	case TMO_U32: return t->n_uint64_data;
	default: return t->n_int32_data;
	}
}

static int
take_elements(const Onnx__TensorProto *t, struct tmo_array *a, struct tmo_error *err)
{
	const size_t size = tmo_type_size(a->type);
	const void *from = t->raw_data.data;
	size_t have;

	if (t->has_raw_data)
		have = t->raw_data.len % size == 0 ? t->raw_data.len / size : SIZE_MAX;
	else
		have = field_elements(t, a->type, &from);
	if (have != a->count)
		return tmo_fail(err, "the data are not the %zu elements of its shape; the model is "
		                "damaged", a->count);
	if (a->count == 0)
		return 0;
	if (from != NULL)
		memcpy(a->data, from, a->count * size);
	else if (a->type != TMO_U32)
		take_narrow(t, a);
	else
		for (size_t i = 0; i < a->count; i++)
			((uint32_t *)a->data)[i] = (uint32_t)t->uint64_data[i];
	return 0;
}

int
tmo_onnx_small_tensor(const Onnx__TensorProto *t, struct tmo_array *a, struct tmo_error *err)
{
	const enum tmo_type type = tmo_onnx_type(t);
	size_t shape[TMO_RANK_MAX], count;

	if (type == TMO_NONE || tmo_onnx_is_external(t))
		return 0;
	if (tmo_onnx_shape(t, type, shape, &count, err) < 0 ||
	    tmo_array_new(a, type, (int)t->n_dims, shape, err) < 0)
		return -1;
	if (take_elements(t, a, err) == 0)
		return 0;
	tmo_array_free(a);
	return -1;
}
