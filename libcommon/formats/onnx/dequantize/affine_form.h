/* SPDX-License-Identifier: Apache-2.0 */
/* affine_form.h: constants that make a weight, (codes - zero point) * scale, as a form. */
#ifndef TMO_AFFINE_FORM_H
#define TMO_AFFINE_FORM_H

#include "formats/onnx/rewrite.h"

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

#endif
