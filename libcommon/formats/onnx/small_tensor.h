/* SPDX-License-Identifier: Apache-2.0 */
/* small_tensor.h: the elements of tensors that stay inside a model, out of whichever field has them. */
#ifndef TMO_SMALL_TENSOR_H
#define TMO_SMALL_TENSOR_H

#include "formats/onnx/proto.h"

/*
 * Makes a (empty) the tensor's elements, as its own type has them: bf16 and fp8 as bit patterns. Fails
 * if its dimensions make no sense or its data are not so many elements. a stays empty (.data NULL) if
 * the data are elsewhere, or of a type that a stream cannot name.
 */
int tmo_onnx_small_tensor(const Onnx__TensorProto *t, struct tmo_array *a, struct tmo_error *err);

#endif
