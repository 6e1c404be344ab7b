/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_network.h: the network of an ONNX model. */
#ifndef TMO_ONNX_NETWORK_H
#define TMO_ONNX_NETWORK_H

#include "net/net.h"

/*
 * The network in a graph.onnx (the bytes of a ModelProto); the caller frees it. Functions that the
 * model defines are inner graphs of the nodes that call them. Initializers of the main graph are
 * weights; those that have their data in the graph have it in the network too, unless it is damaged.
 * NULL on failure.
 */
struct tmo_net *tmo_onnx_network(const void *graph, size_t bytes, struct tmo_error *err);

#endif
