/* SPDX-License-Identifier: Apache-2.0 */
/*
 * strip.h: text in a model that is for people, not for runtimes: doc strings, and what exporters note
 * beside nodes, values, tensors, graphs and functions (metadata_props, as traces of the stack with
 * the paths of whoever exported it).
 */
#ifndef TMO_ONNX_STRIP_H
#define TMO_ONNX_STRIP_H

#include "formats/onnx/proto.h"

struct tmo_onnx_strip {
	bool text;			/* all of the above */
	/*
	 * Patterns (tmo_glob) of keys of the model's own metadata_props, which runtimes and programs
	 * around them may need (an alphabet): nothing else takes those out. NULL: none.
	 */
	const struct tmo_list *keys;
};

/* Takes it out of the model. Returns how many bytes it took there. */
uint64_t tmo_onnx_strip(Onnx__ModelProto *model, const struct tmo_onnx_strip *what);

/* How many bytes `text` would take out; the model stays as it is. */
uint64_t tmo_onnx_text_bytes(Onnx__ModelProto *model);
/* The same of a ModelProto's bytes, as of a stream's graph.onnx. */
int tmo_onnx_count_text(const void *model, size_t size, uint64_t *bytes, struct tmo_error *err);

#endif
