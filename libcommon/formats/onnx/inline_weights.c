/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/minifloat.h"
#include "formats/onnx/inline_weights.h"
#include "formats/onnx/proto.h"

/* The elements out of whichever field has them; the array is made already. */
static int
take_elements(const Onnx__TensorProto *t, struct tmo_array *a, struct tmo_error *err)
{
	const size_t bytes = a->count * tmo_type_size(a->type);
	size_t have = 0;

	if (t->has_raw_data) {
		have = t->raw_data.len;
		if (have == bytes && bytes > 0)
			memcpy(a->data, t->raw_data.data, bytes);
	} else if (a->type == TMO_F32) {
		have = t->n_float_data * sizeof(float);
		if (have == bytes && bytes > 0)
			memcpy(a->data, t->float_data, bytes);
	} else if (a->type == TMO_F64) {
		have = t->n_double_data * sizeof(double);
		if (have == bytes && bytes > 0)
			memcpy(a->data, t->double_data, bytes);
	} else {	/* bit patterns, one a number */
		have = t->n_int32_data * tmo_type_size(a->type);
		for (size_t i = 0; i < a->count && have == bytes; i++) {
			const uint32_t bits = (uint32_t)t->int32_data[i];

			if (tmo_type_size(a->type) == 2)
				((uint16_t *)a->data)[i] = (uint16_t)bits;
			else
				((uint8_t *)a->data)[i] = (uint8_t)bits;
		}
	}
	return have == bytes ? 0 : tmo_fail(err, "%zu bytes of data for %zu elements; write the "
	                                    "model again", have, a->count);
}

/* bf16 and the 8-bit floats as f32. */
static int
make_nameable(struct tmo_array *a, struct tmo_error *err)
{
	struct tmo_array wide = {0};

	if (a->type == TMO_F16 || a->type == TMO_F32 || a->type == TMO_F64)
		return 0;
	if (tmo_array_new(&wide, TMO_F32, a->rank, a->shape, err) < 0)
		return -1;
	tmo_to_f32(wide.data, a->type, a->data, a->count);
	tmo_array_free(a);
	*a = wide;
	return 0;
}

int
tmo_onnx_each_small(const void *graph, size_t bytes,
                    int (*fn)(void *arg, const char *name, const struct tmo_array *a,
                              struct tmo_error *err),
                    void *arg, struct tmo_error *err)
{
	Onnx__ModelProto *model = tmo_onnx_unpack(graph, bytes, err);
	int status = model != NULL ? 0 : -1;

	if (model == NULL || model->graph == NULL)
		goto out;
	TMO_ONNX_EACH(Onnx__TensorProto, t, model->graph, initializer) {
		const enum tmo_type type = tmo_onnx_type(*t);
		struct tmo_array a = {0};
		size_t shape[TMO_RANK_MAX], count;

		if (!tmo_type_is_float(type) || tmo_onnx_is_external(*t) ||
		    tmo_onnx_text((*t)->name)[0] == '\0')
			continue;
		status = tmo_onnx_shape(*t, type, shape, &count, err);
		if (status == 0)
			status = tmo_array_new(&a, type, (int)(*t)->n_dims, shape, err);
		if (status == 0)
			status = take_elements(*t, &a, err);
		if (status == 0)
			status = make_nameable(&a, err);
		if (status == 0)
			status = fn(arg, (*t)->name, &a, err);
		else
			tmo_fail_at(err, (*t)->name);
		tmo_array_free(&a);
		if (status < 0)
			break;
	}
out:
	tmo_onnx_free(model);
	return status;
}
