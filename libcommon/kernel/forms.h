/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forms.h: what a form of the kernels is, inside of kernel/. Each form_NAME.c says what a vector is in its
 * instruction set and includes the bodies (*_body.h), compiled with that set's flags; nothing in it but
 * its table may be visible, since the linker would give another file the instructions.
 */
#ifndef TMO_FORMS_H
#define TMO_FORMS_H

#include <stdbool.h>

#include "kernel/depthwise.h"
#include "kernel/maps.h"
#include "kernel/product.h"
#include "kernel/reduction.h"

enum {
	TMO_TILE_ROWS = 8,
	TMO_TILE_VECTORS = 16,
};

/* Rows and channels of a product that are computed together, all sums in registers. */
struct tmo_tile {
	const struct tmo_product *product;
	const float *input[TMO_TILE_ROWS];	/* of each row */
	float *output[TMO_TILE_ROWS];		/* from the first channel of the tile on */
	const float *addend[TMO_TILE_ROWS];
	size_t channel;				/* the first, a multiple of 16 */
	size_t width;				/* channels that are wanted */
};

/* A line of a depthwise convolution. */
struct tmo_depthwise_line {
	const struct tmo_depthwise *of;
	const float *input;
	float *output;
	const float *addend;
};

typedef void tmo_tile_function(const struct tmo_tile *tile);

struct tmo_kernels {
	const char *name;
	size_t vector;		/* floats in one */
	/* Tiles of so many vectors and rows, where there is one that is worth it. */
	tmo_tile_function *tile[TMO_TILE_VECTORS + 1][TMO_TILE_ROWS + 1];
	size_t tile_rows[TMO_TILE_VECTORS + 1];		/* the most for so many vectors; 0: no tile */
	size_t tile_vectors;				/* for many rows: the best width of a tile */
	void (*depthwise)(const struct tmo_depthwise_line *line);
	void (*map[TMO_MAP_COUNT])(float a, float b, const float *from, float *to, size_t n);
	void (*binary[TMO_BINARY_COUNT])(const float *x, size_t x_step, const float *y, size_t y_step, float *to, size_t n);
	void (*compare[TMO_COMPARISON_COUNT])(const float *x, size_t x_step, const float *y, size_t y_step, uint8_t *to,
	                                      size_t n);
	void (*reduce[TMO_REDUCE_COUNT])(const struct tmo_reduction *shape, const float *from, float *to);
	float (*reduce_row[TMO_REDUCE_COUNT])(const float *from, size_t n);
	void (*softmax)(const float *from, float *to, size_t n);
	void (*log_softmax)(const float *from, float *to, size_t n);
};

extern const struct tmo_kernels tmo_form_portable, tmo_form_avx2, tmo_form_avx512, tmo_form_neon;

#endif
