/* SPDX-License-Identifier: Apache-2.0 */
/* hoist.h: which tensors of a network leave it for the stream, and where they then stand. */
#ifndef TMO_HOIST_H
#define TMO_HOIST_H

#include "formats/onnx/proto.h"

#define TMO_ONNX_STAYS_BYTES 1024	/* shape inference reads what is smaller */

/*
 * Whether a tensor that goes by this name stays in the graph with its data: small integers and
 * vectors, and what a stream has no name or no type for. Fails if its dimensions make no sense.
 */
int tmo_onnx_stays(const Onnx__TensorProto *t, const char *name, bool *stays,
                   struct tmo_error *err);

/*
 * Moves what would not stay out of Constant nodes and inner graphs to the initializers of the main
 * graph, behind those that are there. What a name meant, it means afterwards.
 */
int tmo_onnx_lift(Onnx__GraphProto *graph, struct tmo_error *err);

#endif
