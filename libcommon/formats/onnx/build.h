/* SPDX-License-Identifier: Apache-2.0 */
/* build.h: new nodes for ONNX graphs, and names for what they make. */
#ifndef TMO_BUILD_H
#define TMO_BUILD_H

#include "base/string_index.h"
#include "formats/onnx/proto.h"

/* Every name in the model, whatever its scope: a name that is not here is new everywhere. */
int tmo_onnx_all_names(const Onnx__ModelProto *model, struct tmo_string_index *names,
                       struct tmo_error *err);
/* A name that is not in the index, base and suffix joined, with a number where needed; enters it. */
char *tmo_onnx_fresh(struct tmo_string_index *names, const char *base, const char *suffix,
                     struct tmo_error *err);

/* A growing list of nodes, owned. {0} is empty. */
struct tmo_onnx_nodes {
	size_t count, room;
	Onnx__NodeProto **node;
};
/* n is taken over, also on failure. */
int tmo_onnx_nodes_add(struct tmo_onnx_nodes *list, Onnx__NodeProto *n, struct tmo_error *err);
void tmo_onnx_nodes_free(struct tmo_onnx_nodes *list);

/* A node of one output and no inputs; NULL: no memory. */
Onnx__NodeProto *tmo_onnx_node(const char *op, const char *output, struct tmo_error *err);
/* One more input; "" for one that is left out. */
int tmo_onnx_add_input(Onnx__NodeProto *n, const char *name, struct tmo_error *err);
/* Sets an attribute, whether it was there or not. */
int tmo_onnx_set_int(Onnx__NodeProto *n, const char *name, int64_t value, struct tmo_error *err);
int tmo_onnx_set_text(Onnx__NodeProto *n, const char *name, const char *value,
                      struct tmo_error *err);
void tmo_onnx_drop_attribute(Onnx__NodeProto *n, const char *name);

/* A tensor with raw_data of `bytes` bytes (copied). dims NULL: rank 0. */
Onnx__TensorProto *tmo_onnx_raw_tensor(const char *name, int32_t type, size_t rank,
                                       const int64_t *dims, const void *data, size_t bytes,
                                       struct tmo_error *err);
/* A Constant: `count` numbers of 8 bytes (int64) or 4 (float), a vector or, if scalar, one. */
Onnx__NodeProto *tmo_onnx_constant(const char *output, int32_t type, const void *values,
                                   size_t count, bool scalar, struct tmo_error *err);

#endif
