/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/buffer.h"
#include "formats/onnx/small_tensor.h"
#include "formats/onnx/tensor_data.h"

/* An array that is filled piece by piece: the decoder hands out as many bytes as it has. */
struct filling {
	unsigned char *data;
	size_t done;
};

static int
fill(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	struct filling *const f = arg;

	(void)err;
	memcpy(f->data + f->done, data, size);
	f->done += size;
	return 0;
}

/* protobuf-c has taken the fields apart. Few models have any: they are put together for the decoder. */
static int
take_typed(const Onnx__TensorProto *t, struct tmo_array *a, struct tmo_error *err)
{
	struct filling filling = {.data = a->data};
	const struct tmo_onnx_out out = {fill, &filling};
	struct tmo_buffer fields = {0};
	int status = tmo_onnx_pack(&t->base, &fields, err);

	if (status == 0)
		status = tmo_onnx_decode_typed(fields.data, fields.size, a->type, a->count, &out, err);
	tmo_buffer_free(&fields);
	return status;
}

static int
take_elements(const Onnx__TensorProto *t, struct tmo_array *a, struct tmo_error *err)
{
	if (!t->has_raw_data)
		return take_typed(t, a, err);
	if (t->raw_data.len != a->count * tmo_type_size(a->type))
		return tmo_fail(err, "the data are not the %zu elements of its shape; the model is "
		                "damaged", a->count);
	if (a->count > 0)
		memcpy(a->data, t->raw_data.data, t->raw_data.len);
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
