/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quantized_form.h: an encoded tensor as ONNX nodes over small initializers: DequantizeLinear where
 * the operator set has it for these types and shapes, else the same arithmetic; Gather from a
 * codebook; Cast. tmo-to-onnx(1) lists the forms.
 */
#ifndef TMO_QUANTIZED_FORM_H
#define TMO_QUANTIZED_FORM_H

#include "formats/onnx/build.h"

/* All of an encoded tensor that decides its form: t without the data of its arrays. */
struct tmo_onnx_facts {
	struct tmo_tensor t;		/* owns nothing; an array that is absent has TMO_NONE */
	int width;			/* bits that hold each of its codes, if they are integers */
	double zero_low, zero_high;	/* of its zero point */
	bool zero_whole;		/* all of it integers */
};
/* Looks at t, which must be encoded. Fails if a code is beyond the codebook. */
int tmo_onnx_facts(const struct tmo_tensor *t, struct tmo_onnx_facts *facts,
                   struct tmo_error *err);

enum tmo_onnx_part_kind { TMO_ONNX_CODES, TMO_ONNX_CODEBOOK, TMO_ONNX_SCALE, TMO_ONNX_ZERO_POINT,
	TMO_ONNX_OFFSETS, TMO_ONNX_BLOCKS };

/* How a matrix that a stream has transposed stands in a model. */
struct tmo_onnx_turned {
	size_t rows, row;		/* there: so many of so many numbers, which may be more than the
					   stream has; rows 0: it is not transposed */
	int bits;			/* of a code in a byte, the lowest first; 0: whole elements */
	unsigned less;			/* that codes are in the stream */
};

/* An initializer that is made from a part of the tensor, or computed from its shape. */
struct tmo_onnx_part {
	enum tmo_onnx_part_kind kind;
	int32_t type;			/* TensorProto.DataType */
	int axis;			/* that the blocks are along */
	int rank;			/* a scale or zero point is repeated to fill these entries */
	size_t entries[TMO_RANK_MAX];
	size_t count;			/* elements */
	struct tmo_onnx_turned turned;
	uint64_t bytes;
	Onnx__TensorProto *proto;	/* its head; owned until taken */
};

#define TMO_ONNX_CONSTANTS_MAX 4

struct tmo_onnx_form {
	size_t count, room;		/* 0: it stays dense */
	struct tmo_onnx_part *part;	/* owned */
	size_t constant_count;		/* small initializers with their data; owned until taken */
	Onnx__TensorProto *constant[TMO_ONNX_CONSTANTS_MAX];
	struct tmo_onnx_nodes nodes;	/* owned until taken; the last one makes the tensor */
	int64_t ir;			/* version that the types need */
};
void tmo_onnx_form_free(struct tmo_onnx_form *form);

/* The operator set that the best form of a tensor of this name needs; 0: any will do. */
int64_t tmo_onnx_form_opset(const struct tmo_onnx_facts *facts, const char *name);
/*
 * The form for a model of this operator set: nodes that make a value called name. Stays empty
 * where that would not be smaller than the values, or is not possible.
 */
int tmo_onnx_form(const struct tmo_onnx_facts *facts, const char *name, int64_t opset,
                  struct tmo_string_index *names, struct tmo_onnx_form *form, struct tmo_error *err);

/* The bytes of a part of t, which has the facts: *data is malloc'd. */
int tmo_onnx_part_data(const struct tmo_onnx_part *part, const struct tmo_tensor *t, void **data,
                       struct tmo_error *err);

#endif
