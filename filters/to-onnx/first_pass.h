/* SPDX-License-Identifier: Apache-2.0 */
/* first_pass.h: a first look at the stream: the model's sizes are known before its first byte. */
#ifndef TO_ONNX_FIRST_PASS_H
#define TO_ONNX_FIRST_PASS_H

#include "formats/onnx/onnx_write.h"
#include "run/run.h"

/*
 * Tells the writer of the weights that are encoded. Leaves the stream at its front again. external:
 * the model may be larger than a file of protobuf.
 */
int to_onnx_first_pass(struct tmo_run *run, struct tmo_onnx_writer *w, bool external,
                       struct tmo_error *err);
/* The tensor must be what the graph declares. */
int to_onnx_check(const struct tmo_item *item, const struct tmo_onnx_slot *slot,
                  struct tmo_error *err);

#endif
