/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_import.h: an ONNX model as a tensor stream. */
#ifndef TMO_ONNX_IMPORT_H
#define TMO_ONNX_IMPORT_H

#include "formats/import.h"
#include "stream/stream.h"

/*
 * Writes the network (graph.onnx, without weights) and its weights. model->fd must be able to seek.
 * keep_quantized: operators that decode weights stay in the network; else such weights are encoded
 * tensors, and the network is that over floats.
 */
int tmo_onnx_import(const struct tmo_import *model, bool keep_quantized, struct tmo_writer *out,
                    struct tmo_error *err);

#endif
