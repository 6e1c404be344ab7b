/* SPDX-License-Identifier: Apache-2.0 */
/* graph.h: what a network says of its tensors. Beside the layers; knows ONNX and select. */
#ifndef TMO_GRAPH_H
#define TMO_GRAPH_H

#include "run/selection.h"

/*
 * How the network in graph.onnx (bytes of a ModelProto) uses each of its initializers: operators
 * and nodes that consume it, whether it is a layer's weight, and its axes, also through Transpose,
 * Reshape, Identity, Cast, Squeeze, Unsqueeze. Nodes inside If, Loop and Scan bodies count.
 */
int tmo_graph_uses(const void *onnx, size_t size, struct tmo_uses *uses, struct tmo_error *err);

#endif
