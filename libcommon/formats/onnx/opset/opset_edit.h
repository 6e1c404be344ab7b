/* SPDX-License-Identifier: Apache-2.0 */
/* opset_edit.h: what rules do to nodes, and ask of them. Private to the files of opset. */
#ifndef TMO_OPSET_EDIT_H
#define TMO_OPSET_EDIT_H

#include "formats/onnx/opset/opset_rules.h"

/* The node's input i becomes a constant, called by its output and the suffix. */
int tmo_onnx_constant_input(struct tmo_onnx_raising *r, Onnx__NodeProto *n, size_t i,
                            const char *suffix, int32_t type, const void *values, size_t count,
                            bool scalar);
/* Whether an attribute is this text. */
bool tmo_onnx_text_is(const Onnx__NodeProto *n, const char *attribute, const char *text);

#endif
