/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_elements.h: the elements of a stream's tensor as ONNX has them. */
#ifndef TO_ONNX_ONNX_ELEMENTS_H
#define TO_ONNX_ONNX_ELEMENTS_H

#include "formats/onnx/onnx_write.h"
#include "stream/stream.h"

/*
 * The current tensor of the reader, decoded, in its own type: *bytes bytes at *data, which is
 * malloc'd.
 */
int to_onnx_data(struct tmo_reader *r, const struct tmo_item *item, int threads, void **data,
                 size_t *bytes, struct tmo_error *err);

/* The current tensor, which is to stay encoded, in memory: as it was when the slot got its facts. */
int to_onnx_load(struct tmo_reader *r, const struct tmo_onnx_slot *slot, struct tmo_tensor *t,
                 struct tmo_error *err);
/* Whether the codes are the values themselves, so that nothing is to be decoded. */
bool to_onnx_is_plain(const struct tmo_tensor *t);

#endif
