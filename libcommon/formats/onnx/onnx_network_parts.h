/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_network_parts.h: types, constants, attributes and inner graphs, for onnx_network.c. */
#ifndef TMO_ONNX_NETWORK_PARTS_H
#define TMO_ONNX_NETWORK_PARTS_H

#include "formats/onnx/proto.h"
#include "net/net.h"

/*
 * The origin of a sparse initializer's value. That of an initializer is its place among its graph's,
 * that of a node its place among its graph's nodes.
 */
#define TMO_ONNX_SPARSE (SIZE_MAX - 1)

/* What a TypeProto (may be NULL) says of a value: type and shape, if it is that of a tensor. */
int tmo_onnx_declare(struct tmo_net *net, size_t value, const Onnx__TypeProto *type,
                     struct tmo_error *err);

/*
 * A tensor that the model holds is the value: its type and shape, and its data if they are here, not
 * large and not damaged.
 */
int tmo_onnx_hold_tensor(struct tmo_net *net, size_t value, const Onnx__TensorProto *t,
                         struct tmo_error *err);
/* What a Constant holds is the value; of the forms that are no tensor those of integers are known. */
int tmo_onnx_hold_constant(struct tmo_net *net, size_t value, const Onnx__NodeProto *n,
                           struct tmo_error *err);

/* A copy of an attribute under this name, in the network's memory. */
int tmo_onnx_take_attribute(struct tmo_net *net, struct tmo_attribute *to, const char *name,
                            const Onnx__AttributeProto *a, struct tmo_error *err);

/* The function of the model that the node calls, or NULL. */
const Onnx__FunctionProto *tmo_onnx_called_function(const Onnx__ModelProto *model,
                                                    const Onnx__NodeProto *call);

/* How the graph hangs in the node: that of an If, Loop, Scan, or of an operator that nobody knows. */
int tmo_onnx_bind_inner(struct tmo_net *net, size_t node, const Onnx__NodeProto *n, size_t graph,
                        struct tmo_inner *inner, struct tmo_error *err);
/* How the body of a function hangs in the node that calls it. */
int tmo_onnx_bind_call(struct tmo_net *net, size_t node, size_t graph, struct tmo_inner *inner,
                       struct tmo_error *err);

#endif
