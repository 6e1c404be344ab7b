/* SPDX-License-Identifier: Apache-2.0 */
/* Elements of tensors inside a model: the same out of raw_data and out of each type's own field. */
#include <string.h>

#include "formats/onnx/onnx_dtype.h"
#include "formats/onnx/small_tensor.h"
#include "tensor/tensor.h"
#include "tests/unit/check.h"

enum { COUNT = 6 };

/* What the fields hold, by type: -2 to 3, or what is left of it, and one more. */
struct typed {
	int32_t narrow[COUNT + 1];
	int64_t wide[COUNT + 1];
	uint64_t positive[COUNT + 1];
	float real[COUNT + 1];
	double precise[COUNT + 1];
};

static void
put_typed(Onnx__TensorProto *t, enum tmo_type type, struct typed *v, size_t count)
{
	for (size_t i = 0; i <= COUNT; i++) {
		const int64_t number = (int64_t)i - 2;

		v->narrow[i] = (int32_t)number;
		v->wide[i] = number;
		v->positive[i] = (uint64_t)number;
		v->real[i] = (float)number;
		v->precise[i] = (double)number;
	}
	switch (type) {
	case TMO_F32: t->float_data = v->real; t->n_float_data = count; break;
	case TMO_F64: t->double_data = v->precise; t->n_double_data = count; break;
	case TMO_I64: t->int64_data = v->wide; t->n_int64_data = count; break;
	case TMO_U32: case TMO_U64: t->uint64_data = v->positive; t->n_uint64_data = count; break;
	default: t->int32_data = v->narrow; t->n_int32_data = count;
	}
}

static void
check_type(enum tmo_type type)
{
	int64_t dims[] = {2, 3};
	struct tmo_error err = {0};
	struct tmo_array typed = {0}, raw = {0};
	struct typed v;
	Onnx__TensorProto t = ONNX__TENSOR_PROTO__INIT;

	t.n_dims = 2;
	t.dims = dims;
	t.has_data_type = true;
	t.data_type = tmo_onnx_type_of(type);
	t.name = (char[]){"t"};
	for (size_t count = COUNT - 1; count <= COUNT + 1; count += 2) {
		put_typed(&t, type, &v, count);
		CHECK(tmo_onnx_small_tensor(&t, &typed, &err) < 0 && typed.data == NULL,
		      "%s: %zu elements for 6", tmo_type_name(type), count);
	}
	put_typed(&t, type, &v, COUNT);
	CHECK(tmo_onnx_small_tensor(&t, &typed, &err) == 0 && typed.count == COUNT && typed.rank == 2,
	      "%s: %s", tmo_type_name(type), err.text);
	for (size_t i = 0; i < COUNT && !tmo_type_is_float(type); i++) {
		const int bits = 8 * (int)tmo_type_size(type);
		const int64_t wanted = type == TMO_BOOL ? i != 2 : (int64_t)i - 2;
		const int64_t got = tmo_array_integer(&typed, i);

		CHECK(((uint64_t)got ^ (uint64_t)wanted) << (64 - bits) == 0, "%s: element %zu is %lld",
		      tmo_type_name(type), i, (long long)got);
	}
	t.has_raw_data = true;
	t.raw_data = (ProtobufCBinaryData){COUNT * tmo_type_size(type), typed.data};
	CHECK(tmo_onnx_small_tensor(&t, &raw, &err) == 0 &&
	      memcmp(raw.data, typed.data, t.raw_data.len) == 0, "%s: raw data", tmo_type_name(type));
	tmo_array_free(&raw);
	t.raw_data.len--;
	CHECK(tmo_onnx_small_tensor(&t, &raw, &err) < 0, "%s: a byte too few", tmo_type_name(type));
	tmo_array_free(&typed);
}

int
main(void)
{
	for (int type = TMO_BOOL; type <= TMO_F8E5M2; type++)
		check_type((enum tmo_type)type);
	return check_status();
}
