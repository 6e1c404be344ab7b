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

/* What the rules of opset_rules.c work on. */
struct tmo_onnx_raising {
	struct tmo_onnx_nodes *before, *after;	/* of the node; before: with those of the graph so far */
	const Onnx__GraphProto *graph;		/* that the node is in */
	struct tmo_string_index names;			/* of the whole model */
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
/* The node's input i becomes a constant, called by its output and the suffix. */
int tmo_onnx_constant_input(struct tmo_onnx_raising *r, Onnx__NodeProto *n, size_t i,
                            const char *suffix, int32_t type, const void *values, size_t count,
                            bool scalar);
/* Whether an attribute is this text. */
bool tmo_onnx_text_is(const Onnx__NodeProto *n, const char *attribute, const char *text);

typedef int tmo_onnx_rewrite(struct tmo_onnx_raising *r, Onnx__NodeProto *n,
                             const struct tmo_onnx_rule *rule);
tmo_onnx_rewrite tmo_onnx_upsample_scales, tmo_onnx_upsample;	/* at 9, at 10: to Resize */
tmo_onnx_rewrite tmo_onnx_resize_10, tmo_onnx_resize_11;	/* to the next version of each */

/* All changes up to TMO_ONNX_OPSET_RAISED that a node may have to follow, by version. */
const struct tmo_onnx_rule *tmo_onnx_rules(size_t *count);

#endif
