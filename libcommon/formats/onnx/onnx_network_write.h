/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_network_write.h: a network that was changed, back in its ONNX model. */
#ifndef TMO_ONNX_NETWORK_WRITE_H
#define TMO_ONNX_NETWORK_WRITE_H

#include "base/buffer.h"
#include "net/edit.h"

/*
 * Appends to out the model that the network was made of (tmo_onnx_network of the same bytes), with what
 * net/edit.h changed in it. What nobody touched comes out byte for byte as it came in, and in its order:
 * nodes, initializers, names and texts, fields that nobody knows; the same bytes if nothing was changed.
 * New nodes stand where the network has them, new initializers after those of their graph; a weight
 * whose data are the stream's points at its member. What the model declared of values that are gone or
 * others now is left out; an IR version under 4 becomes 4 with the first new initializer.
 */
int tmo_onnx_network_write(const struct tmo_net *net, const void *graph, size_t bytes,
                           struct tmo_buffer *out, struct tmo_error *err);

#endif
