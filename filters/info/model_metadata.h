/* SPDX-License-Identifier: Apache-2.0 */
/* model_metadata.h: what an ONNX model says of itself. */
#ifndef INFO_MODEL_METADATA_H
#define INFO_MODEL_METADATA_H

#include "contents.h"
#include "formats/onnx/proto.h"

/* Adds the keys of its metadata_props. */
int info_add_model_metadata(struct info_contents *c, const Onnx__ModelProto *model,
                            struct tmo_error *err);

#endif
