/* SPDX-License-Identifier: Apache-2.0 */
/* node_to_weight.h: nodes that make way for the weight that they make. */
#ifndef TMO_NODE_TO_WEIGHT_H
#define TMO_NODE_TO_WEIGHT_H

#include "formats/onnx/rewrite.h"

/*
 * The name without what quantizers append to that of a weight, for its codes or for what a node makes
 * of them, if that is free; owned; NULL: no memory.
 */
char *tmo_onnx_base_name(const struct tmo_onnx_rewrite *rw, const char *name, bool of_codes);
/* Is the node at the site (NOWHERE: no) a Cast? The type it makes, or TMO_NONE. */
enum tmo_type tmo_onnx_cast_to(const struct tmo_onnx_rewrite *rw, size_t site);
/* Has the node one output, which nothing but nodes uses? */
bool tmo_onnx_may_go(const struct tmo_onnx_rewrite *rw, size_t site);
/* The node goes, the weight of this form, which is taken over, is its output from now on. */
int tmo_onnx_become(struct tmo_onnx_rewrite *rw, size_t site, const struct tmo_onnx_const *anchor,
                    struct tmo_onnx_coded *form);

#endif
