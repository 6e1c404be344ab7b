/* SPDX-License-Identifier: Apache-2.0 */
/* first_pass.h: a first look at the stream: the model's sizes are known before its first byte. */
#ifndef TO_ONNX_FIRST_PASS_H
#define TO_ONNX_FIRST_PASS_H

#include "formats/onnx/onnx_write.h"
#include "run/run.h"

/*
 * Goes through the stream and tells the writer of the weights that are encoded, so that it can decide
 * how each stands in the model. The stream must be able to seek, and is at its front again afterwards.
 * Fails early if the model would be larger than a file of protobuf can be, unless its weights go to an
 * external file.
 */
int to_onnx_first_pass(struct tmo_run *run, struct tmo_onnx_writer *w, bool external,
                       struct tmo_error *err);
/* Fails unless the tensor has the type and shape that the graph declares, and is the first of its name. */
int to_onnx_check(const struct tmo_item *item, const struct tmo_onnx_slot *slot,
                  struct tmo_error *err);

#endif
