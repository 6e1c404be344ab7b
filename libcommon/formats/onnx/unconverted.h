/* SPDX-License-Identifier: Apache-2.0 */
/* unconverted.h: what is said of operators over integers that stayed in the network. */
#ifndef TMO_ONNX_UNCONVERTED_H
#define TMO_ONNX_UNCONVERTED_H

#include "formats/import.h"
#include "formats/onnx/proto.h"

/* A note for each node whose weight would be in codes if the nodes around it were as expected. */
int tmo_onnx_note_unconverted(const struct tmo_import *model, const Onnx__ModelProto *network,
                              struct tmo_error *err);

#endif
