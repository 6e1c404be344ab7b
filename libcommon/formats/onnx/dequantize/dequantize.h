/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dequantize.h: weights that a network holds in few bits, as codes and what they need. A
 * DequantizeLinear of constants, a Cast of one, a Gather from shared values become the weight
 * that they make; operators over integers become those over floats that they stand for.
 */
#ifndef TMO_DEQUANTIZE_H
#define TMO_DEQUANTIZE_H

#include "formats/onnx/hoist.h"
#include "formats/onnx/rewrite.h"

/*
 * Takes all of these out of the model's graphs, or those of which one constant was chosen; weights (empty) says what took their place. What is
 * not exactly as known stays as it is. No payload is read but those of zero points and shapes.
 */
int tmo_onnx_dequantize(Onnx__ModelProto *model, struct tmo_onnx_files *files,
                        struct tmo_onnx_weights *weights, const struct tmo_onnx_choice *choice,
                        struct tmo_error *err);

/* ---- the kinds, which dequantize.c asks ---- */

/* Each sets *done if the node at the site was one of its kind and is gone. */
int tmo_onnx_lift_dequantize(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_cast(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_rounded(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_gathered(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_linear(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_dynamic(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_nbits(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
/* The chain of nodes that begins at the site, if there is one with a codebook, or else one without. */
int tmo_onnx_lift_arithmetic(struct tmo_onnx_rewrite *rw, size_t site, bool books);

#endif
