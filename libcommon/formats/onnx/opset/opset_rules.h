/* SPDX-License-Identifier: Apache-2.0 */
/* opset_rules.h: what became of ONNX's operators. Private to the files of opset. */
#ifndef TMO_OPSET_RULES_H
#define TMO_OPSET_RULES_H

#include "formats/onnx/build.h"

/* What the rules work on. */
struct tmo_onnx_raising {
	struct tmo_onnx_nodes *before, *after;	/* of the node; before: with those of the graph so far */
	const Onnx__GraphProto *graph;		/* that the node is in */
	struct tmo_string_index names;		/* of the whole model */
	bool only_f32;				/* no other float type occurs in the model */
	struct tmo_error *err;
};

/* A change of an operator's form. */
struct tmo_onnx_rule {
	const char *op;
	int version;				/* from which on it has the new form */
	int (*rewrite)(struct tmo_onnx_raising *r, Onnx__NodeProto *n,
	               const struct tmo_onnx_rule *rule);
	const char *attribute;			/* that it is about */
	size_t input;				/* that an attribute becomes */
};

typedef int tmo_onnx_rewrite(struct tmo_onnx_raising *r, Onnx__NodeProto *n,
                             const struct tmo_onnx_rule *rule);
/* opset_resize.c */
tmo_onnx_rewrite tmo_onnx_upsample_scales, tmo_onnx_upsample;	/* at 9, at 10: to Resize */
tmo_onnx_rewrite tmo_onnx_resize_10, tmo_onnx_resize_11;	/* to the next version of each */

/* All changes up to TMO_ONNX_OPSET_RAISED that a node may have to follow, by version. */
const struct tmo_onnx_rule *tmo_onnx_rules(size_t *count);

#endif
