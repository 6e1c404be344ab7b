/* SPDX-License-Identifier: Apache-2.0 */
/* rounded_codes.h: the codes that a QuantizeLinear makes of a model's numbers. Private to coded_tensor.c. */
#ifndef TMO_ROUNDED_CODES_H
#define TMO_ROUNDED_CODES_H

#include "formats/onnx/dequantize/coded_tensor.h"

/* tmo_onnx_read_part of a part that is rounded. */
int tmo_onnx_read_rounded(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *part,
                          const struct tmo_onnx_out *out, struct tmo_error *err);

#endif
