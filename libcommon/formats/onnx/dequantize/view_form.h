/* SPDX-License-Identifier: Apache-2.0 */
/* view_form.h: a weight that a network has as a view, whose scales lie along one axis. */
#ifndef TMO_VIEW_FORM_H
#define TMO_VIEW_FORM_H

#include "formats/onnx/rewrite.h"

/*
 * The form of what the DequantizeLinear at the site makes, after a Reshape that makes the weight of a
 * view of it (scale_layout.h): *last becomes that node, and the form is that of the weight. Nothing
 * happens if no such node follows.
 */
int tmo_onnx_undo_view(struct tmo_onnx_rewrite *rw, size_t site, const char *codes_name,
                       struct tmo_onnx_coded *form, size_t *last);

#endif
