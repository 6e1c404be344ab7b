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

/* Which tensors are to leave their places: all, if there is no choice (NULL). */
struct tmo_onnx_choice {
	bool (*takes)(void *arg, const Onnx__TensorProto *t);
	/* What it is called where it goes, if that is free; NULL: as always. Borrowed. */
	const char *(*name)(void *arg, const Onnx__TensorProto *t);
	void *arg;
};

/*
 * Moves what would not stay, and was chosen, out of Constant nodes and inner graphs to the initializers of the main
 * graph, behind those that are there. What a name meant, it means afterwards.
 */
int tmo_onnx_lift(Onnx__GraphProto *graph, const struct tmo_onnx_choice *choice,
                  struct tmo_error *err);

/*
 * Raises IR version 3 to 4: that demands that initializers are inputs, this takes those for defaults
 * only.
 */
int tmo_onnx_raise_version(Onnx__ModelProto *model, struct tmo_error *err);

#endif
