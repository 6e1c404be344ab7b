/* SPDX-License-Identifier: Apache-2.0 */
/* unconverted.h: what -v says of operators over integers that stayed in the network. */
#ifndef FROM_ONNX_UNCONVERTED_H
#define FROM_ONNX_UNCONVERTED_H

#include "formats/onnx/proto.h"

/* A note for each node whose weight would be in codes if the nodes around it were as expected. */
void from_onnx_unconverted(struct tmo_run *run, const Onnx__ModelProto *model);

#endif
