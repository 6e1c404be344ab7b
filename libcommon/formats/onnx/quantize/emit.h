/* SPDX-License-Identifier: Apache-2.0 */
/* emit.h: initializers and nodes that make one tensor's values. Private to this folder. */
#ifndef TMO_EMIT_H
#define TMO_EMIT_H

#include "formats/onnx/quantize/quantized_form.h"

/* What a node makes, or an initializer. */
struct tmo_emit_value {
	char *name;			/* owned */
	int32_t type;
};

struct tmo_emit {
	const struct tmo_onnx_facts *f;
	const struct tmo_tensor *t;	/* f's */
	const char *name;
	int64_t opset;
	int32_t compute;		/* FLOAT or DOUBLE: what tmo-stream(5) has the steps done in */
	bool split;			/* blocks have an axis of their own */
	struct tmo_string_index *names;
	struct tmo_onnx_form *form;
	struct tmo_error *err;
};

static inline bool
tmo_is_there(const struct tmo_array *a)
{
	return a->type != TMO_NONE;
}

/* An initializer whose data are made of a part of the tensor later on. Borrowed until the next. */
struct tmo_onnx_part *tmo_emit_part(struct tmo_emit *e, struct tmo_emit_value *v,
                                    enum tmo_onnx_part_kind kind, int32_t type, int rank,
                                    const size_t *shape);
/* A small initializer that has its data with it, a vector. */
int tmo_emit_constant(struct tmo_emit *e, struct tmo_emit_value *v, const char *suffix,
                      int32_t type, size_t count, const void *data);

/* A node from v that makes v anew; borrowed, NULL on failure. The others are made of it. */
Onnx__NodeProto *tmo_emit_node(struct tmo_emit *e, struct tmo_emit_value *v, const char *op,
                               const char *suffix);
int tmo_emit_cast(struct tmo_emit *e, struct tmo_emit_value *v, int32_t type);
int tmo_emit_binary(struct tmo_emit *e, struct tmo_emit_value *v, const char *op,
                    const char *suffix, const struct tmo_emit_value *other);
int tmo_emit_reshape(struct tmo_emit *e, struct tmo_emit_value *v, int rank, const size_t *shape);

/* Gives blocks an axis of their own, if there are any and all are whole; and takes it back. */
int tmo_emit_split(struct tmo_emit *e, struct tmo_emit_value *v);
int tmo_emit_join(struct tmo_emit *e, struct tmo_emit_value *v);
/* A binary node with a parameter a of the tensor, if it is there. */
int tmo_emit_parameter(struct tmo_emit *e, struct tmo_emit_value *v, const char *op,
                       const char *suffix, enum tmo_onnx_part_kind kind,
                       const struct tmo_array *a);
/* (v - zero_point) * scale. */
int tmo_emit_arithmetic(struct tmo_emit *e, struct tmo_emit_value *v);

#endif
