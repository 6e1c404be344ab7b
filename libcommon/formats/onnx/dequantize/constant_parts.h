/* SPDX-License-Identifier: Apache-2.0 */
/* constant_parts.h: what constants of a model are as parts of a weight in a stream; their numbers. */
#ifndef TMO_CONSTANT_PARTS_H
#define TMO_CONSTANT_PARTS_H

#include "formats/onnx/rewrite.h"

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

#endif
