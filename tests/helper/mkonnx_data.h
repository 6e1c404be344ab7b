/* SPDX-License-Identifier: Apache-2.0 */
/* mkonnx_data.h: what mkonnx.c puts into tensors. */
#ifndef MKONNX_DATA_H
#define MKONNX_DATA_H

static void *
allocate(size_t count, size_t size)
{
	void *p = calloc(count > 0 ? count : 1, size > 0 ? size : 1);

	if (p == NULL) {
		fprintf(stderr, "mkonnx: out of memory\n");
		exit(2);
	}
	return p;
}

/* The element's bits in raw_data. */
static uint64_t
element(size_t i, enum tmo_type type)
{
	const unsigned v = (unsigned)((7 * i + 3) % 101);
	const double d = v / 4.0;
	const float f = (float)d;
	uint64_t bits = 0;
	uint32_t half;

	if (type == TMO_F64) {
		memcpy(&bits, &d, sizeof(bits));
		return bits;
	}
	memcpy(&half, &f, sizeof(half));
	return type == TMO_F32 ? half : type == TMO_BOOL ? v & 1 : v;
}

/* Two of 4 bits a byte, the first one in its low half. */
static void
set_nibbles(Onnx__TensorProto *t, size_t count, unsigned char *bytes)
{
	for (size_t i = 0; i < count; i++)
		bytes[i / 2] |= (unsigned char)((element(i, TMO_U8) & 15) << (i % 2 * 4));
	t->has_raw_data = true;
	t->raw_data = (ProtobufCBinaryData){ count / 2 + count % 2, bytes };
}

static void
set_raw(Onnx__TensorProto *t, size_t count)
{
	const enum tmo_type type = tmo_onnx_type(t);
	const size_t size = type == TMO_NONE ? 1 : tmo_type_size(type);

	if (t->data_type == 21 || t->data_type == 22) {
		set_nibbles(t, count, allocate(count, 1));
		return;
	}
	t->has_raw_data = true;
	t->raw_data.len = count * size;
	t->raw_data.data = allocate(count, size);
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < size; k++)
			t->raw_data.data[i * size + k] =
				(unsigned char)(element(i, type) >> (8 * k));
}

#define FILL(list, value) do { \
		t->n_##list = count; \
		t->list = allocate(count, sizeof(t->list[0])); \
		for (size_t i = 0; i < count; i++) \
			t->list[i] = (value); \
	} while (0)

static void
set_typed(Onnx__TensorProto *t, size_t count)
{
	const enum tmo_type type = tmo_onnx_type(t);
	unsigned char *nibbles;

	if (t->data_type == 21 || t->data_type == 22) {	/* a byte an int32 */
		nibbles = allocate(count, 1);
		set_nibbles(t, count, nibbles);
		count = t->raw_data.len;
		FILL(int32_data, nibbles[i]);
		free(nibbles);
		t->has_raw_data = false;
		t->raw_data = (ProtobufCBinaryData){0};
		return;
	}
	switch (type) {
	case TMO_F32:
		FILL(float_data, (float)((7 * i + 3) % 101) / 4.0f);
		break;
	case TMO_F64:
		FILL(double_data, (double)((7 * i + 3) % 101) / 4.0);
		break;
	case TMO_I64:
		FILL(int64_data, (int64_t)element(i, type));
		break;
	case TMO_U32:
	case TMO_U64:
		FILL(uint64_data, element(i, type));
		break;
	default:
		FILL(int32_data, (int32_t)element(i, type));
	}
}

/* The typed field as one unknown field an element: protobuf-c itself writes packed ones. */
static void
set_single(Onnx__TensorProto *t, size_t count)
{
	const bool is_float = tmo_onnx_type(t) == TMO_F32;
	ProtobufCMessageUnknownField *u = allocate(count, sizeof(*u));

	for (size_t i = 0; i < count; i++) {
		const uint64_t v = element(i, tmo_onnx_type(t));

		u[i].tag = is_float ? 4 : tmo_onnx_type(t) == TMO_I64 ? 7 : 5;
		u[i].wire_type = is_float ? PROTOBUF_C_WIRE_TYPE_32BIT : PROTOBUF_C_WIRE_TYPE_VARINT;
		u[i].len = is_float ? 4 : 1;
		u[i].data = allocate(u[i].len, 1);
		for (size_t k = 0; k < u[i].len; k++)
			u[i].data[k] = (unsigned char)(v >> (8 * k));
	}
	t->base.unknown_fields = u;
	t->base.n_unknown_fields = (unsigned)count;
}

#endif
