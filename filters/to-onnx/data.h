/* SPDX-License-Identifier: Apache-2.0 */
/* data.h: the elements of a stream's tensor as ONNX has them. */
#ifndef TO_ONNX_DATA_H
#define TO_ONNX_DATA_H

#include "stream.h"

/*
 * The current tensor of the reader, decoded, in its own type: *bytes bytes at *data, which is
 * malloc'd.
 */
int to_onnx_data(struct tmo_reader *r, const struct tmo_item *item, int threads, void **data,
                 size_t *bytes, struct tmo_error *err);

#endif
