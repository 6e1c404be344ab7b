/* SPDX-License-Identifier: Apache-2.0 */
/* fused_conv.h: what onnxruntime's FusedConv does behind a convolution. */
#ifndef TMO_FUSED_CONV_H
#define TMO_FUSED_CONV_H

#include "net/step.h"

/* Fails unless its activation is known, and its input 3, if there is one, goes with the result. */
int tmo_fused_conv_check(const struct tmo_step *step, struct tmo_error *err);
/* Elements first … first + count - 1 of the result are those of the convolution: the rest is done with them. */
void tmo_fused_conv_finish(const struct tmo_step *step, const struct tmo_work *work, size_t first, size_t count);

#endif
