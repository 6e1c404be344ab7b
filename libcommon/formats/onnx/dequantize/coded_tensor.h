/* SPDX-License-Identifier: Apache-2.0 */
/*
 * coded_tensor.h: how a tensor of a model stands in a stream that has it in codes: its parts, and where
 * in the model the bytes of each of these are.
 */
#ifndef TMO_CODED_TENSOR_H
#define TMO_CODED_TENSOR_H

#include "formats/onnx/tensor_data.h"

#define TMO_ONNX_PARTS_MAX 4		/* codes, codebook, scale, zero_point */

/*
 * One array of the stream, and what the model has in its place. Mostly the same elements in the same
 * order: `data` says where, and all below it is 0. Else one of: a matrix of which the stream has the
 * transpose (`transposed`), codes packed into bits (`bits`), numbers to be multiplied by one more
 * (`is_product`), floats to be rounded to codes (`is_rounded`). Transposed codes may be packed, too.
 */
struct tmo_onnx_coded_part {
	const char *role;		/* "codes", …: its name in the tensor's folder */
	enum tmo_type type;
	int rank;
	size_t shape[TMO_RANK_MAX];
	size_t count;
	struct tmo_onnx_data data;
	bool transposed;
	size_t rows, row, keep;		/* transposed: of `row` elements, the first `keep` count */
	int bits;			/* 2, 4 or 8: so many a code, the lowest first, each row from a
					   byte on; 0: whole elements */
	unsigned flip, less;		/* packed code c is (c ^ flip) - less in the stream */
	bool is_product;		/* of f32 numbers: `factor` holds one */
	struct tmo_onnx_data factor;
	bool is_rounded;		/* codes that a QuantizeLinear makes of f32 numbers, on this grid: */
	struct tmo_onnx_grid {
		struct tmo_onnx_data scale, zero;	/* f32; of the part's type, if there is one */
		bool has_zero;
		size_t entries, each;	/* entry number (i / each) mod entries counts for number i */
	} grid;
};

struct tmo_onnx_coded {
	enum tmo_type dtype;		/* what it decodes to */
	int rank;
	size_t shape[TMO_RANK_MAX];
	enum tmo_type code;		/* TMO_NONE: integers */
	int bits;
	bool blocked;
	size_t block[TMO_RANK_MAX];
	int part_count;			/* the codes come first */
	struct tmo_onnx_coded_part part[TMO_ONNX_PARTS_MAX];
};
void tmo_onnx_coded_free(struct tmo_onnx_coded *form);	/* what it holds */

/* Hands the part's elements out, as they stand in its .npy, in pieces. */
int tmo_onnx_read_part(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *part,
                       const struct tmo_onnx_out *out, struct tmo_error *err);

/* Codes `first` to first + n of a row that starts at `in`, a byte each. */
void tmo_onnx_unpack_codes(const unsigned char *in, size_t first, size_t n, int bits, unsigned flip,
                           unsigned less, unsigned char *out);

#endif
