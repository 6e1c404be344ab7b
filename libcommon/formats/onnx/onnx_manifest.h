/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_manifest.h: model.yaml for a model that comes from ONNX. */
#ifndef TMO_ONNX_MANIFEST_H
#define TMO_ONNX_MANIFEST_H

#include "base/buffer.h"
#include "formats/onnx/onnx_read.h"

/* Appends model.yaml's text. file: the model's, for a name if the graph has none; "stdin" is none. */
int tmo_onnx_manifest(const struct tmo_onnx_reader *in, const char *file, struct tmo_buffer *out,
                      struct tmo_error *err);

#endif
