/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/minifloat.h"
#include "formats/onnx/inline_weights.h"
#include "formats/onnx/proto.h"
#include "formats/onnx/small_tensor.h"

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
		struct tmo_array a = {0};

		if (!tmo_type_is_float(tmo_onnx_type(*t)) || tmo_onnx_is_external(*t) ||
		    tmo_onnx_text((*t)->name)[0] == '\0')
			continue;
		status = tmo_onnx_small_tensor(*t, &a, err);
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
