/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/onnx/onnx_dtype.h"

int32_t
tmo_onnx_type_of(enum tmo_type type)
{
	static const int32_t types[] = {
		[TMO_BOOL] = TMO_ONNX_BOOL, [TMO_U8] = TMO_ONNX_UINT8, [TMO_U16] = TMO_ONNX_UINT16,
		[TMO_U32] = TMO_ONNX_UINT32, [TMO_U64] = TMO_ONNX_UINT64, [TMO_I8] = TMO_ONNX_INT8,
		[TMO_I16] = TMO_ONNX_INT16, [TMO_I32] = TMO_ONNX_INT32, [TMO_I64] = TMO_ONNX_INT64,
		[TMO_F16] = TMO_ONNX_FLOAT16, [TMO_F32] = TMO_ONNX_FLOAT, [TMO_F64] = TMO_ONNX_DOUBLE,
		[TMO_BF16] = TMO_ONNX_BFLOAT16, [TMO_F8E4M3] = TMO_ONNX_F8E4M3FN,
		[TMO_F8E5M2] = TMO_ONNX_F8E5M2,
	};

	return types[type];
}

struct type_row {
	int bits;
	bool is_integer, is_signed;
	int64_t cast, dequantize, ir;
};

static struct type_row
row_of(int32_t type)
{
	static const struct type_row rows[] = {
		[TMO_ONNX_FLOAT] = { 32, false, false, 1, INT64_MAX, 1 },
		[TMO_ONNX_UINT8] = { 8, true, false, 1, 10, 1 },
		[TMO_ONNX_INT8] = { 8, true, true, 1, 10, 1 },
		[TMO_ONNX_UINT16] = { 16, true, false, 1, 21, 1 },
		[TMO_ONNX_INT16] = { 16, true, true, 1, 21, 1 },
		[TMO_ONNX_INT32] = { 32, true, true, 1, INT64_MAX, 1 },
		[TMO_ONNX_INT64] = { 64, true, true, 1, INT64_MAX, 1 },
		[TMO_ONNX_FLOAT16] = { 16, false, false, 1, INT64_MAX, 1 },
		[TMO_ONNX_DOUBLE] = { 64, false, false, 1, INT64_MAX, 1 },
		[TMO_ONNX_UINT32] = { 32, true, false, 1, INT64_MAX, 1 },
		[TMO_ONNX_UINT64] = { 64, true, false, 1, INT64_MAX, 1 },
		[TMO_ONNX_BFLOAT16] = { 16, false, false, 13, INT64_MAX, 4 },
		[TMO_ONNX_F8E4M3FN] = { 8, false, false, 19, 19, 9 },
		[TMO_ONNX_F8E5M2] = { 8, false, false, 19, 19, 9 },
		[TMO_ONNX_UINT4] = { 4, true, false, 21, 21, 10 },
		[TMO_ONNX_INT4] = { 4, true, true, 21, 21, 10 },
		[TMO_ONNX_UINT2] = { 2, true, false, 25, 25, 13 },
		[TMO_ONNX_INT2] = { 2, true, true, 25, 25, 13 },
	};

	return rows[type];
}

int
tmo_onnx_type_bits(int32_t type)
{
	return row_of(type).bits;
}

uint64_t
tmo_onnx_type_bytes(int32_t type, size_t count)
{
	const uint64_t bits = (uint64_t)tmo_onnx_type_bits(type);

	return bits >= 8 ? count * (bits / 8) : count / (8 / bits) + (count % (8 / bits) != 0);
}

int64_t
tmo_onnx_cast_opset(int32_t type)
{
	return row_of(type).cast;
}

int64_t
tmo_onnx_dequantize_opset(int32_t type)
{
	return row_of(type).dequantize;
}

int64_t
tmo_onnx_type_ir(int32_t type)
{
	return row_of(type).ir;
}

bool
tmo_onnx_holds(int32_t type, double low, double high)
{
	const struct type_row row = row_of(type);
	double least = 0, most = 1;

	if (!row.is_integer)
		return false;
	for (int i = row.is_signed ? 1 : 0; i < row.bits; i++)
		most *= 2;
	if (row.is_signed)
		least = -most;
	return low >= least && high < most;
}

int32_t
tmo_onnx_code_type(bool is_signed, int bits, int64_t opset)
{
	static const int32_t types[][2] = {
		{ TMO_ONNX_UINT2, TMO_ONNX_INT2 }, { TMO_ONNX_UINT4, TMO_ONNX_INT4 },
		{ TMO_ONNX_UINT8, TMO_ONNX_INT8 }, { TMO_ONNX_UINT16, TMO_ONNX_INT16 },
		{ TMO_ONNX_UINT32, TMO_ONNX_INT32 }, { TMO_ONNX_UINT64, TMO_ONNX_INT64 },
	};
	size_t i = 0;

	while (i < 5 && (tmo_onnx_type_bits(types[i][is_signed]) < bits ||
	                 tmo_onnx_cast_opset(types[i][is_signed]) > opset))
		i++;
	return types[i][is_signed];
}

int32_t
tmo_onnx_parameter_type(enum tmo_type type)
{
	switch (type) {
	case TMO_U8:
	case TMO_I8:
	case TMO_U16:
	case TMO_I16:
	case TMO_I32:
	case TMO_F16:
	case TMO_F32:
	case TMO_F64:
		return tmo_onnx_type_of(type);
	default:
		return 0;
	}
}
