/* SPDX-License-Identifier: Apache-2.0 */
/* proto.h: what reading, writing and understanding ONNX models share: protobuf-c's structs. */
#ifndef TMO_PROTO_H
#define TMO_PROTO_H

#include "base/buffer.h"
#include "onnx.pb-c.h"

struct tmo_operator;		/* net/operators.h */

/* Values of TensorProto.DataType that the installed onnx.proto may not have yet. */
enum { TMO_ONNX_F8E4M3FN = 17, TMO_ONNX_F8E5M2 = 19 };

/* Every element of the array of pointers `list` (n_list long) of the message. */
#define TMO_ONNX_EACH(type, item, message, list) \
	for (type **item = (message)->list, \
	          **item##_end = item != NULL ? item + (message)->n_##list : NULL; \
	     item != item##_end; item++)

/* A model from bytes in memory, checked first; NULL on failure. */
Onnx__ModelProto *tmo_onnx_unpack(const void *data, size_t size, struct tmo_error *err);
/* The same from bytes that tmo_wire_… has checked. */
Onnx__ModelProto *tmo_onnx_unpack_checked(const void *data, size_t size, struct tmo_error *err);
/* Any message, freed as protobuf-c's own are; `wrong` is said if the bytes are none. NULL on failure. */
void *tmo_onnx_unpack_message(const ProtobufCMessageDescriptor *type, const void *data, size_t size,
                              const char *wrong, struct tmo_error *err);
void tmo_onnx_free(Onnx__ModelProto *model);	/* NULL is fine */
int tmo_onnx_pack(const ProtobufCMessage *message, struct tmo_buffer *out, struct tmo_error *err);

/* What tmo calls TensorProto.DataType; TMO_NONE for what has no name in a stream. */
enum tmo_type tmo_onnx_element_type(int32_t data_type);
enum tmo_type tmo_onnx_type(const Onnx__TensorProto *t);
/* Its shape: fails if it is negative, overflows or has more axes than tmo takes. */
int tmo_onnx_shape(const Onnx__TensorProto *t, enum tmo_type type, size_t *shape, size_t *count,
                   struct tmo_error *err);
bool tmo_onnx_is_external(const Onnx__TensorProto *t);
const char *tmo_onnx_external(const Onnx__TensorProto *t, const char *key);	/* or NULL */
/* Makes t point at an external file, nothing else. */
int tmo_onnx_set_external(Onnx__TensorProto *t, const char *location, uint64_t offset,
                          uint64_t length, struct tmo_error *err);
/* One more entry of what t says of external data. */
int tmo_onnx_add_external(Onnx__TensorProto *t, const char *key, const char *value,
                          struct tmo_error *err);
/* Takes t's pointer to an external file away. */
void tmo_onnx_clear_external(Onnx__TensorProto *t);

/* Is it ONNX's own operator `op`? */
bool tmo_onnx_is(const Onnx__NodeProto *node, const char *op);
/* Its row in the table of operators, or NULL. */
const struct tmo_operator *tmo_onnx_operator(const Onnx__NodeProto *node);
Onnx__AttributeProto *tmo_onnx_attribute(const Onnx__NodeProto *node, const char *name);
int64_t tmo_onnx_int(const Onnx__NodeProto *node, const char *name, int64_t otherwise);

/* Replaces a string of a message by a copy of text. */
int tmo_onnx_replace(char **string, const char *text, struct tmo_error *err);
/* A string that may be absent. */
const char *tmo_onnx_text(const char *string);

/* Calls fn for every TensorProto in the message, at any depth. */
int tmo_onnx_each_tensor(ProtobufCMessage *message,
                         int (*fn)(void *arg, Onnx__TensorProto *t, struct tmo_error *err),
                         void *arg, struct tmo_error *err);

#endif
