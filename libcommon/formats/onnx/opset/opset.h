/* SPDX-License-Identifier: Apache-2.0 */
/* opset.h: a network in the terms of a later version of ONNX's operators. */
#ifndef TMO_OPSET_H
#define TMO_OPSET_H

#include "formats/onnx/build.h"

#define TMO_ONNX_OPSET_MIN 7		/* before, even addition was another operator */
#define TMO_ONNX_OPSET_RAISED 21	/* up to here operators can be rewritten */

/* The version of ONNX's own operators that the model uses; 0 if it uses none. */
int64_t tmo_onnx_opset(const Onnx__ModelProto *model);

/*
 * Raises it to `version`, in functions of the model too: nodes whose form has changed since are
 * rewritten, to compute what they did. Fails, the model as it was, where a node cannot be.
 */
int tmo_onnx_raise_opset(Onnx__ModelProto **model, int64_t version, struct tmo_error *err);
/* The IR version is at least this from now on. */
void tmo_onnx_raise_ir(Onnx__ModelProto *model, int64_t version);

#endif
