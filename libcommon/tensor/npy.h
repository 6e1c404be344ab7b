/* SPDX-License-Identifier: Apache-2.0 */
/* npy.h: NumPy's .npy format, versions 1.0 to 3.0. */
#ifndef TMO_NPY_H
#define TMO_NPY_H

#include "base/buffer.h"
#include "tensor/tensor.h"

struct tmo_npy {
	enum tmo_type type;	/* TMO_NONE: a type that tmo has no name for (complex, text, …) */
	bool swapped, fortran;	/* big-endian; column-major */
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	size_t header_bytes;	/* where the data starts */
};

#define TMO_NPY_PREFIX 12		/* bytes that tell how long the header is */
#define TMO_NPY_HEADER_MAX 65536	/* a longer one is refused */

/* From the first TMO_NPY_PREFIX bytes (fewer if the file is shorter): the header's length. */
int tmo_npy_header_bytes(const unsigned char *prefix, size_t size, size_t *bytes,
                         struct tmo_error *err);

/* Parses a whole header. */
int tmo_npy_parse(const unsigned char *header, size_t bytes, struct tmo_npy *npy,
                  struct tmo_error *err);

/*
 * The header that tmo writes, and its length: version 1.0, data on a multiple of 64. 0: a type that
 * .npy has no name for. Shapes of TMO_RANK_MAX axes fit, so that 2.0 is never needed.
 */
#define TMO_NPY_HEADER_OWN 1024
size_t tmo_npy_header_text(enum tmo_type type, int rank, const size_t *shape,
                           unsigned char out[TMO_NPY_HEADER_OWN]);
/* Appends it. */
int tmo_npy_header(enum tmo_type type, int rank, const size_t *shape, struct tmo_buffer *out,
                   struct tmo_error *err);
/* How long that header is. */
size_t tmo_npy_header_length(enum tmo_type type, int rank, const size_t *shape);

/*
 * Makes `data` (as it stood in the file, npy->count elements, malloc'd) C order and native byte
 * order. *data may be replaced.
 */
int tmo_npy_normalize(const struct tmo_npy *npy, void **data, struct tmo_error *err);

#endif
