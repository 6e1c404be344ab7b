/* SPDX-License-Identifier: Apache-2.0 */
/* onnx_elements.h: the elements of a stream's tensor as ONNX has them. */
#ifndef TO_ONNX_ONNX_ELEMENTS_H
#define TO_ONNX_ONNX_ELEMENTS_H

#include "formats/onnx/onnx_write.h"
#include "stream/stream.h"

/*
 * The reader's current tensor, which is item, decoded, in its own type, little-endian in C order: *bytes
 * bytes at *data, which is the caller's to free, also on failure.
 */
int to_onnx_elements(struct tmo_reader *r, const struct tmo_item *item, int threads, void **data,
                 size_t *bytes, struct tmo_error *err);

/*
 * Loads the current tensor, which is to stay encoded, into t (freed by the caller). Fails if its arrays
 * have other types or shapes than in the first pass, when the slot got its facts: the file was changed.
 */
int to_onnx_load(struct tmo_reader *r, const struct tmo_onnx_slot *slot, struct tmo_tensor *t,
                 struct tmo_error *err);
/* Whether the codes are the values themselves, so that nothing is to be decoded. */
bool to_onnx_is_plain(const struct tmo_tensor *t);

#endif
