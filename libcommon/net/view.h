/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h: values of a network that are an initializer, or parts of some, in another form:
 * transposed, reshaped, cast, sliced, put together.
 */
#ifndef TMO_VIEW_H
#define TMO_VIEW_H

#include "formats/onnx/proto.h"

#define TMO_VIEW_UNKNOWN SIZE_MAX
#define TMO_VIEW_LAST SIZE_MAX

struct tmo_view {
	size_t tensor;			/* which initializer */
	bool is_float;
	int rank;			/* of the value; -1: its shape is not known */
	size_t dim[TMO_RANK_MAX];	/* of the value; TMO_VIEW_UNKNOWN */
	int axis[TMO_RANK_MAX];		/* the initializer's axis that each axis is; -1: none */
	size_t next;			/* another view of the same value; TMO_VIEW_LAST */
};

/* Constants as a network has them: a tensor, or the value_ints of a Constant. Either may be NULL. */
struct tmo_view_constant {
	const Onnx__TensorProto *tensor;
	const Onnx__AttributeProto *integers;
};

/* Looks up the value of a small integer tensor by name, as Reshape's shape; NULL if not constant. */
struct tmo_view_constants {
	const struct tmo_view_constant *(*find)(void *arg, const char *name);
	void *arg;
};

/* An initializer itself. Fails on dimensions that make no sense. */
int tmo_view_initializer(struct tmo_view *view, size_t tensor, const Onnx__TensorProto *t,
                         struct tmo_error *err);
/*
 * Whether the node's outputs (*outputs of them, from the first on) are its input number `input`, or
 * have it in them, in another form: then *out says which.
 */
bool tmo_view_through(const Onnx__NodeProto *node, size_t input, const struct tmo_view *in,
                      const struct tmo_view_constants *constants, struct tmo_view *out,
                      size_t *outputs);

#endif
