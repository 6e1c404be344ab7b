/* SPDX-License-Identifier: Apache-2.0 */
/* proto.c: small helpers over protobuf-c's structs of ONNX. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "formats/onnx/proto.h"
#include "formats/onnx/wire.h"
#include "net/operators.h"
#include "tensor/tensor.h"

static void *
allocate(void *refused, size_t size)
{
	void *data = malloc(size);

	if (data == NULL)
		*(size_t *)refused = size;
	return data;
}

static void
release(void *refused, void *data)
{
	(void)refused;
	free(data);
}

/* protobuf-c says the same of bytes that are no message and of memory that was refused: NULL. */
void *
tmo_onnx_unpack_message(const ProtobufCMessageDescriptor *type, const void *data, size_t size,
                        const char *wrong, struct tmo_error *err)
{
	size_t refused = 0;
	ProtobufCAllocator allocator = {allocate, release, &refused};
	ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, size, data);

	if (message == NULL && refused != 0)
		tmo_fail_memory(err, refused);
	else if (message == NULL)
		tmo_fail(err, "%s", wrong);
	return message;
}

Onnx__ModelProto *
tmo_onnx_unpack_checked(const void *data, size_t size, struct tmo_error *err)
{
	Onnx__ModelProto *model = tmo_onnx_unpack_message(&onnx__model_proto__descriptor, data, size,
	                                                  "not an ONNX model, or a damaged one", err);

	if (model != NULL && (model->graph == NULL || model->n_opset_import == 0)) {
		tmo_fail(err, "an ONNX model without %s; is it an ONNX file, and whole?",
		         model->graph == NULL ? "a graph" : "an opset_import");
		tmo_onnx_free(model);
		model = NULL;
	}
	return model;
}

Onnx__ModelProto *
tmo_onnx_unpack(const void *data, size_t size, struct tmo_error *err)
{
	if (tmo_wire_check(data, size, err) < 0)
		return NULL;
	return tmo_onnx_unpack_checked(data, size, err);
}

void
tmo_onnx_free(Onnx__ModelProto *model)
{
	if (model != NULL)
		onnx__model_proto__free_unpacked(model, NULL);
}

int
tmo_onnx_pack(const ProtobufCMessage *message, struct tmo_buffer *out, struct tmo_error *err)
{
	const size_t size = protobuf_c_message_get_packed_size(message);

	if (tmo_buffer_reserve(out, size, err) < 0)
		return -1;
	out->size += protobuf_c_message_pack(message, out->data + out->size);
	return 0;
}

enum tmo_type
tmo_onnx_element_type(int32_t data_type)
{
	static const enum tmo_type types[] = {
		[ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT] = TMO_F32,
		[ONNX__TENSOR_PROTO__DATA_TYPE__UINT8] = TMO_U8,
		[ONNX__TENSOR_PROTO__DATA_TYPE__INT8] = TMO_I8,
		[ONNX__TENSOR_PROTO__DATA_TYPE__UINT16] = TMO_U16,
		[ONNX__TENSOR_PROTO__DATA_TYPE__INT16] = TMO_I16,
		[ONNX__TENSOR_PROTO__DATA_TYPE__INT32] = TMO_I32,
		[ONNX__TENSOR_PROTO__DATA_TYPE__INT64] = TMO_I64,
		[ONNX__TENSOR_PROTO__DATA_TYPE__BOOL] = TMO_BOOL,
		[ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT16] = TMO_F16,
		[ONNX__TENSOR_PROTO__DATA_TYPE__DOUBLE] = TMO_F64,
		[ONNX__TENSOR_PROTO__DATA_TYPE__UINT32] = TMO_U32,
		[ONNX__TENSOR_PROTO__DATA_TYPE__UINT64] = TMO_U64,
		[ONNX__TENSOR_PROTO__DATA_TYPE__BFLOAT16] = TMO_BF16,
		[TMO_ONNX_F8E4M3FN] = TMO_F8E4M3,
		[TMO_ONNX_F8E5M2] = TMO_F8E5M2,
	};

	if (data_type < 0 || (size_t)data_type >= sizeof(types) / sizeof(types[0]))
		return TMO_NONE;
	return types[data_type];
}

enum tmo_type
tmo_onnx_type(const Onnx__TensorProto *t)
{
	return tmo_onnx_element_type(t->data_type);
}

int
tmo_onnx_shape(const Onnx__TensorProto *t, enum tmo_type type, size_t *shape, size_t *count,
               struct tmo_error *err)
{
	if (t->n_dims > TMO_RANK_MAX)
		return tmo_fail(err, "%zu axes, at most %d are possible", t->n_dims, TMO_RANK_MAX);
	for (size_t i = 0; i < t->n_dims; i++) {
		if (t->dims[i] < 0)
			return tmo_fail(err, "dimension %zu is %" PRId64 "; the model is damaged",
			                i, t->dims[i]);
		shape[i] = (size_t)t->dims[i];
	}
	return tmo_shape_count((int)t->n_dims, shape, tmo_type_size(type), count, err);
}

bool
tmo_onnx_is_external(const Onnx__TensorProto *t)
{
	return t->has_data_location &&
	       t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
}

const char *
tmo_onnx_external(const Onnx__TensorProto *t, const char *key)
{
	TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, t, external_data)
		if (strcmp(tmo_onnx_text((*e)->key), key) == 0)
			return tmo_onnx_text((*e)->value);
	return NULL;
}

void
tmo_onnx_clear_external(Onnx__TensorProto *t)
{
	TMO_ONNX_EACH(Onnx__StringStringEntryProto, e, t, external_data)
		onnx__string_string_entry_proto__free_unpacked(*e, NULL);
	free(t->external_data);
	t->external_data = NULL;
	t->n_external_data = 0;
	t->has_data_location = false;
	t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__DEFAULT;
}

int
tmo_onnx_add_external(Onnx__TensorProto *t, const char *key, const char *value,
                      struct tmo_error *err)
{
	Onnx__StringStringEntryProto *e, **list;

	list = realloc(t->external_data, (t->n_external_data + 1) * sizeof(*list));
	if (list == NULL)
		return tmo_fail_memory(err, 0);
	t->external_data = list;
	e = tmo_alloc(1, sizeof(*e), err);
	if (e == NULL)
		return -1;
	onnx__string_string_entry_proto__init(e);
	list[t->n_external_data++] = e;
	e->key = tmo_copy_string(key, err);
	e->value = tmo_copy_string(value, err);
	return e->key != NULL && e->value != NULL ? 0 : -1;
}

int
tmo_onnx_set_external(Onnx__TensorProto *t, const char *location, uint64_t offset,
                      uint64_t length, struct tmo_error *err)
{
	char at[24], bytes[24];

	tmo_onnx_clear_external(t);
	t->has_data_location = true;
	t->data_location = ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL;
	snprintf(at, sizeof(at), "%" PRIu64, offset);
	snprintf(bytes, sizeof(bytes), "%" PRIu64, length);
	if (tmo_onnx_add_external(t, "location", location, err) < 0 ||
	    tmo_onnx_add_external(t, "offset", at, err) < 0)
		return -1;
	return tmo_onnx_add_external(t, "length", bytes, err);
}

bool
tmo_onnx_is(const Onnx__NodeProto *node, const char *op)
{
	const char *domain = tmo_onnx_text(node->domain);

	return (domain[0] == '\0' || strcmp(domain, "ai.onnx") == 0) &&
	       strcmp(tmo_onnx_text(node->op_type), op) == 0;
}

const struct tmo_operator *
tmo_onnx_operator(const Onnx__NodeProto *node)
{
	return tmo_operator_find(tmo_onnx_text(node->domain), tmo_onnx_text(node->op_type));
}

Onnx__AttributeProto *
tmo_onnx_attribute(const Onnx__NodeProto *node, const char *name)
{
	TMO_ONNX_EACH(Onnx__AttributeProto, a, node, attribute)
		if (strcmp(tmo_onnx_text((*a)->name), name) == 0)
			return *a;
	return NULL;
}

int64_t
tmo_onnx_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise)
{
	const Onnx__AttributeProto *a = tmo_onnx_attribute(node, name);

	return a != NULL && a->has_i ? a->i : otherwise;
}

const char *
tmo_onnx_text(const char *string)
{
	return string != NULL ? string : "";
}

int
tmo_onnx_replace(char **string, const char *text, struct tmo_error *err)
{
	char *copy = tmo_copy_string(text, err);

	if (copy == NULL)
		return -1;
	if (*string != (char *)(uintptr_t)protobuf_c_empty_string)
		free(*string);
	*string = copy;
	return 0;
}

int
tmo_onnx_each_tensor(ProtobufCMessage *message,
                     int (*fn)(void *arg, Onnx__TensorProto *t, struct tmo_error *err),
                     void *arg, struct tmo_error *err)
{
	const ProtobufCMessageDescriptor *d = message->descriptor;
	char *base = (char *)message;

	if (d == &onnx__tensor_proto__descriptor)
		return fn(arg, (Onnx__TensorProto *)(void *)message, err);
	for (unsigned i = 0; i < d->n_fields; i++) {
		const ProtobufCFieldDescriptor *f = &d->fields[i];
		void *member = base + f->offset;
		ProtobufCMessage **list = member;
		size_t n = 1;

		if (f->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if (f->label == PROTOBUF_C_LABEL_REPEATED) {
			memcpy(&n, base + f->quantifier_offset, sizeof(n));
			memcpy(&list, member, sizeof(list));
		} else if ((f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
			continue;	/* types and dimensions: no tensors there */
		}
		for (size_t k = 0; k < n; k++)
			if (list[k] != NULL && tmo_onnx_each_tensor(list[k], fn, arg, err) < 0)
				return -1;
	}
	return 0;
}
