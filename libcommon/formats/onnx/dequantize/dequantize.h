/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dequantize.h: weights that a network holds in few bits, as codes and what they need. A
 * DequantizeLinear of constants, a Cast of one, a Gather from shared values become the weight
 * that they make; operators over integers become those over floats that they stand for.
 */
#ifndef TMO_DEQUANTIZE_H
#define TMO_DEQUANTIZE_H

#include "formats/onnx/rewrite.h"

/*
 * Takes all of these out of the model's graphs; weights (empty) says what took their place. What is
 * not exactly as known stays as it is. No payload is read but those of zero points and shapes.
 */
int tmo_onnx_dequantize(Onnx__ModelProto *model, struct tmo_onnx_files *files,
                        struct tmo_onnx_weights *weights, struct tmo_error *err);

/* ---- for the files of this family: what constants make ---- */

/* How a stream has numbers that a model has in one of its types. */
struct tmo_onnx_storage {
	enum tmo_type type;		/* of codes.npy */
	enum tmo_type code;		/* the float type whose bit patterns they are, or TMO_NONE */
	int bits;			/* that count */
	int packed;			/* bits that a code takes in the model; 0: whole bytes */
	unsigned flip, less;		/* see struct tmo_onnx_coded_part */
};
bool tmo_onnx_storage(const Onnx__TensorProto *t, struct tmo_onnx_storage *s);
/* The tensor's shape; false: it makes no sense. */
bool tmo_onnx_dims(const Onnx__TensorProto *t, int *rank, size_t *shape, size_t *count);
/* Is c (NULL: no) a single number, by its rank 0 or 1? */
bool tmo_onnx_is_one(const struct tmo_onnx_const *c);

/* The integers of a constant; owned, NULL on failure. *fits: it has so many. */
int tmo_onnx_numbers(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_const *from, size_t count,
                     int64_t **numbers, bool *fits);

/* Parts of a form; what fails leaves its other parts for tmo_onnx_coded_free. */
int tmo_onnx_add_part(struct tmo_onnx_rewrite *rw, struct tmo_onnx_coded *form, const char *role,
                      const struct tmo_onnx_storage *s, int rank, const size_t *shape,
                      const Onnx__TensorProto *from);
int tmo_onnx_add_codes(struct tmo_onnx_rewrite *rw, struct tmo_onnx_coded *form,
                       const struct tmo_onnx_const *from, const struct tmo_onnx_storage *s);

/* Constants that make a weight: (codes - zero) * scale. */
struct tmo_onnx_affine {
	struct tmo_onnx_const *codes, *scale, *zero;	/* zero: NULL if there is none */
	int64_t axis;			/* of scale and zero, if they have more than one entry */
	int64_t block;			/* along it; 0: none */
};
/* The constants behind the node's inputs; false: one of them is none. The zero point may be absent. */
bool tmo_onnx_affine_inputs(const struct tmo_onnx_rewrite *rw, const Onnx__NodeProto *n,
                            size_t codes, size_t scale, size_t zero, struct tmo_onnx_affine *a);
/*
 * How that stands in a stream; *fits is false, and the form empty, if a stream cannot have it or it
 * makes no sense.
 */
int tmo_onnx_affine_form(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a,
                         struct tmo_onnx_coded *form, bool *fits);
/* The scale and zero point of a alone, of f32 and of this type, beside 8-bit codes that the form has. */
int tmo_onnx_affine_parameters(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a,
                               enum tmo_type codes, struct tmo_onnx_coded *form, bool *fits);
/* They are part of a weight now. */
void tmo_onnx_take_affine(const struct tmo_onnx_affine *a);
/* The weight of this form, which is taken over, under a name like that of its codes; owned. */
char *tmo_onnx_affine_weight(struct tmo_onnx_rewrite *rw, const struct tmo_onnx_affine *a,
                             const char *codes_name, struct tmo_onnx_coded *form);

/* ---- and what nodes do ---- */

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

/*
 * The form of what the DequantizeLinear at the site makes, after a Reshape that makes the weight of a
 * view of it (scale_layout.h): *last becomes that node, and the form is that of the weight. Nothing
 * happens if no such node follows.
 */
int tmo_onnx_undo_view(struct tmo_onnx_rewrite *rw, size_t site, const char *codes_name,
                       struct tmo_onnx_coded *form, size_t *last);

/* Each sets *done if the node at the site was one of its kind and is gone. */
int tmo_onnx_lift_rounded(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_gathered(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_linear(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_dynamic(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
int tmo_onnx_lift_nbits(struct tmo_onnx_rewrite *rw, size_t site, bool *done);
/* The chain of nodes that begins at the site, if there is one. */
int tmo_onnx_lift_arithmetic(struct tmo_onnx_rewrite *rw, size_t site);

#endif
