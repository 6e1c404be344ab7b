/* SPDX-License-Identifier: Apache-2.0 */
/* network_fields.h: nodes, attributes, tensors of a network as fields of ONNX messages. */
#ifndef TMO_NETWORK_FIELDS_H
#define TMO_NETWORK_FIELDS_H

#include "base/buffer.h"
#include "formats/onnx/wire_message.h"
#include "net/net.h"

/* Numbers of fields, as in onnx.proto. */
enum {
	TMO_ONNX_MODEL_IR = 1, TMO_ONNX_MODEL_GRAPH = 7, TMO_ONNX_MODEL_OPSET = 8,
	TMO_ONNX_GRAPH_NODE = 1, TMO_ONNX_GRAPH_INITIALIZER = 5, TMO_ONNX_GRAPH_INPUT = 11,
	TMO_ONNX_GRAPH_VALUE_INFO = 13, TMO_ONNX_GRAPH_ANNOTATION = 14, TMO_ONNX_GRAPH_SPARSE = 15,
	TMO_ONNX_NODE_INPUT = 1, TMO_ONNX_NODE_OUTPUT = 2, TMO_ONNX_NODE_NAME = 3, TMO_ONNX_NODE_TYPE = 4,
	TMO_ONNX_NODE_ATTRIBUTE = 5, TMO_ONNX_NODE_DOMAIN = 7,
	TMO_ONNX_ATTRIBUTE_NAME = 1, TMO_ONNX_ATTRIBUTE_GRAPH = 6, TMO_ONNX_ATTRIBUTE_GRAPHS = 11,
	TMO_ONNX_ATTRIBUTE_REFERENCE = 21,
	TMO_ONNX_TENSOR_NAME = 8, TMO_ONNX_SPARSE_VALUES = 1,
};

/* The node's inputs and outputs. */
int tmo_onnx_put_ends(const struct tmo_net *net, const struct tmo_node *node, struct tmo_buffer *out,
                      struct tmo_error *err);
/* The attributes that were set. */
int tmo_onnx_put_attributes(const struct tmo_node *node, struct tmo_buffer *out, struct tmo_error *err);
/* A whole node, as a field of its graph. */
int tmo_onnx_put_new_node(const struct tmo_net *net, const struct tmo_node *node,
                          struct tmo_buffer *out, struct tmo_error *err);
/* The attribute `value` of a Constant that holds the value. */
int tmo_onnx_put_constant(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err);
/*
 * What the model holds, as an initializer. old: what stands there, which keeps its name and what is not
 * of its shape and data; NULL: nothing.
 */
int tmo_onnx_put_initializer(const struct tmo_value *v, const struct tmo_wire_field *old,
                             struct tmo_buffer *out, struct tmo_error *err);
/* The value's type and shape, as an input of its graph. */
int tmo_onnx_put_declared(const struct tmo_value *v, struct tmo_buffer *out, struct tmo_error *err);

#endif
