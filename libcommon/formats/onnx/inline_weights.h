/* SPDX-License-Identifier: Apache-2.0 */
/*
 * inline_weights.h: the small weights that stay in graph.onnx, biases above all, for formats that have no
 * network and would lose them.
 */
#ifndef TMO_INLINE_WEIGHTS_H
#define TMO_INLINE_WEIGHTS_H

#include "tensor/tensor.h"

/*
 * Calls fn with the name and the values of every float initializer that the graph (a ModelProto) has
 * with its data. a is fn's to read only; types that .npy cannot name are f32 in it.
 */
int tmo_onnx_each_small(const void *graph, size_t bytes,
                        int (*fn)(void *arg, const char *name, const struct tmo_array *a,
                                  struct tmo_error *err),
                        void *arg, struct tmo_error *err);

#endif
