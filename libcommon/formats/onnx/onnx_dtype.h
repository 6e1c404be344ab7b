/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_dtype.h: TensorProto.DataType: sizes, ranges, and the operator sets that know them. */
#ifndef TMO_ONNX_DTYPE_H
#define TMO_ONNX_DTYPE_H

#include "formats/onnx/proto.h"

/* The installed onnx.proto may lack the later ones. */
enum {
	TMO_ONNX_FLOAT = 1, TMO_ONNX_UINT8 = 2, TMO_ONNX_INT8 = 3, TMO_ONNX_UINT16 = 4,
	TMO_ONNX_INT16 = 5, TMO_ONNX_INT32 = 6, TMO_ONNX_INT64 = 7, TMO_ONNX_BOOL = 9,
	TMO_ONNX_FLOAT16 = 10, TMO_ONNX_DOUBLE = 11, TMO_ONNX_UINT32 = 12, TMO_ONNX_UINT64 = 13,
	TMO_ONNX_BFLOAT16 = 16, TMO_ONNX_UINT4 = 21, TMO_ONNX_INT4 = 22, TMO_ONNX_UINT2 = 25,
	TMO_ONNX_INT2 = 26,
};

/* What a stream's type is called; 0 for TMO_NONE. */
int32_t tmo_onnx_type_of(enum tmo_type type);
/* Bits of an element. */
int tmo_onnx_type_bits(int32_t type);
/* Bytes that count elements take. */
uint64_t tmo_onnx_type_bytes(int32_t type, size_t count);
/* The operator set from which on tensors of this type can be cast. */
int64_t tmo_onnx_cast_opset(int32_t type);
/* The same for DequantizeLinear; INT64_MAX: it never takes them. */
int64_t tmo_onnx_dequantize_opset(int32_t type);
/* The IR version that has the type. */
int64_t tmo_onnx_type_ir(int32_t type);
/* Whether an integer type holds all whole numbers from low to high. */
bool tmo_onnx_holds(int32_t type, double low, double high);
/* The least integer type for codes of so many bits that the operator set has. */
int32_t tmo_onnx_code_type(bool is_signed, int bits, int64_t opset);
/* What a scale, zero point or codebook of this type is stored as; 0: as what it is computed in. */
int32_t tmo_onnx_parameter_type(enum tmo_type type);

#endif
