/* SPDX-License-Identifier: Apache-2.0 */
/* coded_tensor.c: reads the arrays of an encoded tensor out of the forms that models have them in. */
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/memory.h"
#include "formats/onnx/dequantize/coded_tensor.h"
#include "formats/onnx/dequantize/rounded_codes.h"
#include "tensor/tensor.h"

#define PIECE ((size_t)1 << 15)		/* bytes of codes that are unpacked at a time */
#define TILE_BYTES ((size_t)1 << 20)	/* of a transpose on its way out */
#define TILE_ROWS 64

void
tmo_onnx_coded_free(struct tmo_onnx_coded *form)
{
	for (int i = 0; i < form->part_count; i++) {
		free(form->part[i].data.location);
		free(form->part[i].factor.location);
		free(form->part[i].grid.scale.location);
		free(form->part[i].grid.zero.location);
	}
	form->part_count = 0;
}

void
tmo_onnx_unpack_codes(const unsigned char *in, size_t first, size_t n, int bits, unsigned flip,
                      unsigned less, unsigned char *out)
{
	const unsigned mask = (1u << bits) - 1;
	const int shift = bits == 2 ? 2 : bits == 4 ? 1 : 0;	/* 1 << shift codes a byte */

	for (size_t i = 0; i < n; i++) {
		const size_t at = first + i;
		const unsigned code = (unsigned)in[at >> shift] >>
		                      ((at & ((1u << shift) - 1)) * (unsigned)bits) & mask;

		out[i] = (unsigned char)((code ^ flip) - less);
	}
}

/* Codes on their way through. */
struct unpacking {
	const struct tmo_onnx_coded_part *part;
	const struct tmo_onnx_out *to;
	size_t left;
	unsigned char *codes;		/* what PIECE bytes hold */
};

static int
unpack_piece(void *arg, const void *data, size_t size, struct tmo_error *err)
{
	struct unpacking *u = arg;
	const struct tmo_onnx_coded_part *p = u->part;
	const unsigned char *in = data;

	while (size > 0) {
		const size_t bytes = size < PIECE ? size : PIECE;
		size_t n = bytes * (8 / (size_t)p->bits);

		if (n > u->left)	/* the last byte's rest */
			n = u->left;
		tmo_onnx_unpack_codes(in, 0, n, p->bits, p->flip, p->less, u->codes);
		if (n > 0 && u->to->write(u->to->arg, u->codes, n, err) < 0)
			return -1;
		u->left -= n;
		in += bytes;
		size -= bytes;
	}
	return 0;
}

static int
read_packed(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *p,
            const struct tmo_onnx_out *out, struct tmo_error *err)
{
	const size_t each = 8 / (size_t)p->bits;
	struct unpacking u = {
		.part = p, .to = out, .left = p->count, .codes = tmo_alloc(PIECE, each, err)
	};
	const struct tmo_onnx_out through = { unpack_piece, &u };
	int status = -1;

	if (u.codes != NULL)
		status = tmo_onnx_read_data(files, &p->data, TMO_U8,
		                            p->count / each + (p->count % each != 0), &through, err);
	free(u.codes);
	return status;
}

/* Codes first to first + n of each row, which are rows of the transpose, into tile; a square at a time. */
static void
turn_codes(const struct tmo_onnx_coded_part *p, const unsigned char *in, size_t row_bytes,
           size_t first, size_t n, unsigned char *tile)
{
	unsigned char square[TILE_ROWS][TILE_ROWS];

	for (size_t r = 0; r < p->rows; r += TILE_ROWS) {
		const size_t height = p->rows - r < TILE_ROWS ? p->rows - r : TILE_ROWS;

		for (size_t i = 0; i < height; i++, in += row_bytes)
			tmo_onnx_unpack_codes(in, first, n, p->bits, p->flip, p->less, square[i]);
		for (size_t k = 0; k < n; k++)
			for (size_t i = 0; i < height; i++)
				tile[k * p->rows + r + i] = square[i][k];
	}
}

/* The same for whole elements, which are scales: few. */
static void
turn_elements(const struct tmo_onnx_coded_part *p, const unsigned char *in, size_t row_bytes,
              size_t first, size_t n, unsigned char *tile)
{
	const size_t size = tmo_type_size(p->type);

	for (size_t r = 0; r < p->rows; r++, in += row_bytes)
		for (size_t k = 0; k < n; k++)
			memcpy(tile + (k * p->rows + r) * size, in + (first + k) * size, size);
}

static int
read_transposed(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *p,
                const struct tmo_onnx_out *out, struct tmo_error *err)
{
	const enum tmo_type stored = p->bits == 0 ? p->type : TMO_U8;
	const size_t each = p->bits == 0 ? 1 : 8 / (size_t)p->bits;
	const size_t row = p->row / each + (p->row % each != 0);	/* stored elements */
	struct tmo_buffer in = {0};
	unsigned char *tile = NULL;
	size_t stored_count, height, width;
	int status = -1;

	if (tmo_mul_size(p->rows, row, &stored_count, err) < 0 ||
	    tmo_mul_size(p->rows, tmo_type_size(p->type), &width, err) < 0 ||
	    tmo_onnx_load(files, &p->data, stored, stored_count, &in, err) < 0)
		goto out;
	height = TILE_BYTES / (width + 1) + 1;
	if (height > TILE_ROWS)
		height = TILE_ROWS;
	tile = tmo_alloc(height, width, err);
	if (tile == NULL)
		goto out;
	status = 0;
	for (size_t k = 0; k < p->keep && status == 0; k += height) {
		const size_t n = p->keep - k < height ? p->keep - k : height;

		if (p->bits != 0)
			turn_codes(p, in.data, row, k, n, tile);
		else
			turn_elements(p, in.data, row * tmo_type_size(stored), k, n, tile);
		status = out->write(out->arg, tile, n * width, err);
	}
out:
	free(tile);
	tmo_buffer_free(&in);
	return status;
}

static int
read_product(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *p,
             const struct tmo_onnx_out *out, struct tmo_error *err)
{
	struct tmo_buffer numbers = {0}, factor = {0};
	float f;
	int status = -1;

	if (tmo_onnx_load(files, &p->factor, TMO_F32, 1, &factor, err) < 0 ||
	    tmo_onnx_load(files, &p->data, TMO_F32, p->count, &numbers, err) < 0)
		goto out;
	memcpy(&f, factor.data, sizeof(f));
	for (size_t i = 0; i < p->count; i++) {
		float x;

		memcpy(&x, numbers.data + i * sizeof(x), sizeof(x));
		x *= f;
		memcpy(numbers.data + i * sizeof(x), &x, sizeof(x));
	}
	status = out->write(out->arg, numbers.data, numbers.size, err);
out:
	tmo_buffer_free(&numbers);
	tmo_buffer_free(&factor);
	return status;
}

int
tmo_onnx_read_part(struct tmo_onnx_files *files, const struct tmo_onnx_coded_part *part,
                   const struct tmo_onnx_out *out, struct tmo_error *err)
{
	if (part->is_rounded)
		return tmo_onnx_read_rounded(files, part, out, err);
	if (part->transposed)
		return read_transposed(files, part, out, err);
	if (part->bits != 0)
		return read_packed(files, part, out, err);
	if (part->is_product)
		return read_product(files, part, out, err);
	return tmo_onnx_read_data(files, &part->data, part->type, part->count, out, err);
}
