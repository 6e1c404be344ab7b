/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_import.h: an ONNX model as a tensor stream. */
#ifndef TMO_ONNX_IMPORT_H
#define TMO_ONNX_IMPORT_H

#include "formats/import.h"
#include "formats/onnx/onnx_read.h"
#include "stream/stream.h"

/*
 * Writes the network (graph.onnx, without weights) and its weights. model->fd must be able to seek.
 * options: NULL is all zero.
 */
int tmo_onnx_import(const struct tmo_import *model, const struct tmo_onnx_options *options,
                    struct tmo_writer *out, struct tmo_error *err);

#endif
