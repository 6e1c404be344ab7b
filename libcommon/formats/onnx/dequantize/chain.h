/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chain.h: a weight that a chain of nodes makes of its codes. Private to arithmetic.c, chain.c, operand.c and
 * gathered_codebook.c.
 */
#ifndef TMO_CHAIN_H
#define TMO_CHAIN_H

#include "formats/onnx/dequantize/constant_parts.h"

#define TMO_ONNX_CHAIN_MAX 48		/* nodes of one weight, and constants: more than can be */
#define TMO_ONNX_AXES_MAX (2 * TMO_RANK_MAX)

struct tmo_onnx_chain {
	struct tmo_onnx_rewrite *rw;
	struct tmo_onnx_const *codes;
	struct tmo_onnx_coded form;
	size_t last;			/* the last node of the chain */
	const char *value;		/* what it makes */
	enum tmo_type compute;		/* f32 or f64 */
	/* The value's axes: blocks may have one of their own, before that within. */
	int rank;
	size_t shape[TMO_ONNX_AXES_MAX];
	int axis[TMO_ONNX_AXES_MAX];	/* of the weight; -1: within a block */
	bool is_split;
	int node_count, constant_count;
	size_t node[TMO_ONNX_CHAIN_MAX];	/* that go with it */
	struct tmo_onnx_const *constant[TMO_ONNX_CHAIN_MAX];
};

/* A part of the weight: a constant, perhaps behind a Cast and behind Gathers that spread blocks. */
struct tmo_onnx_operand {
	struct tmo_onnx_const *from;
	struct tmo_onnx_storage storage;
	size_t entries[TMO_RANK_MAX];	/* along the weight's axes */
};

/* ---- chain.c ---- */

/* The next node, if it is this operator; NOWHERE. */
size_t tmo_onnx_chain_next(const struct tmo_onnx_chain *c, const char *op);
/* The chain goes on through this node. */
void tmo_onnx_chain_step(struct tmo_onnx_chain *c, size_t site);
void tmo_onnx_chain_takes(struct tmo_onnx_chain *c, struct tmo_onnx_const *constant);
/* Takes a Reshape that gives blocks axes of their own, if it comes next. */
int tmo_onnx_chain_split(struct tmo_onnx_chain *c);
/* Takes the Reshape back to the weight's axes, which must come next after a split: *fits. */
int tmo_onnx_chain_join(struct tmo_onnx_chain *c, bool *fits);
/* The value's axes are those of the weight. */
void tmo_onnx_chain_whole(struct tmo_onnx_chain *c);

/* ---- operand.c ---- */

/* What a name is as a part of the weight, in numbers of `compute`; *fits: it can be one. */
int tmo_onnx_chain_operand(struct tmo_onnx_chain *c, const char *name, enum tmo_type compute,
                           struct tmo_onnx_operand *o, bool *fits);
/* What a parameter is stored as; false: as nothing that a stream can have. */
bool tmo_onnx_number_storage(const Onnx__TensorProto *t, struct tmo_onnx_storage *s);

/* ---- gathered_codebook.c ---- */

/* From the Cast of codes to integers through the Gather out of their codebook. *fits: it is one. */
int tmo_onnx_chain_book(struct tmo_onnx_chain *c, bool *fits);

#endif
