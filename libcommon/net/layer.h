/* SPDX-License-Identifier: Apache-2.0 */
/* layer.h: operators that have weights: which input it is, and which of its axes are what. */
#ifndef TMO_LAYER_H
#define TMO_LAYER_H

#include "net/view.h"

/*
 * Whether input number `input` of the node, which is this view of an initializer, is the weight of
 * a layer; then its axes in the view, -1 where they are not known.
 */
bool tmo_layer_weight(const Onnx__NodeProto *node, size_t input, const struct tmo_view *view,
                      int *output_axis, int *input_axis);

#endif
