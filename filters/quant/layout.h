/* SPDX-License-Identifier: Apache-2.0 */
/* layout.h: which elements of an array share a scale, and in which order they lie. */
#ifndef QUANT_LAYOUT_H
#define QUANT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The array is a row of equal lines, a line a row of blocks (the last may be short), a block some
 * rows of cols elements. Each column of a block has an entry: its range, its scale. So whole
 * tensors, channels on any axis and groups along any axis are one case:
 *
 *	whole		one block, cols 1
 *	channels	on the last axis: one block, a column for each; else a line for each index
 *			before the axis, a block for each channel, and all lines share their entries
 *	groups		a line for each index before the axis, a block for each group, cols for
 *			what comes after the axis
 *
 * Blocks are cut into pieces, so that several threads can work on one. A span is one piece.
 */
struct layout {
	size_t line, block, piece, cols;	/* in elements */
	size_t lines, blocks, pieces;		/* blocks in a line, pieces in a block */
	bool shared;				/* block k of every line has the entries of the first */
	size_t spans, entries;			/* in all */
};

/* No axis of the shape may have 0 elements. */
struct layout quant_layout_whole(size_t count);
struct layout quant_layout_channels(int rank, const size_t *shape, int axis);
struct layout quant_layout_groups(int rank, const size_t *shape, int axis, size_t group);
/* Blocks of `block` elements, each with one entry. */
struct layout quant_layout_rows(size_t count, size_t block);

/* Walking the spans: start with the one that is asked for, then one after the other. */
struct span {
	size_t start, extent;		/* extent: rows * cols; 0 if a short block has no such piece */
	size_t entry;			/* of its first column; the others follow */
	size_t part;			/* the same if every span had its own */
	size_t in_line, in_block, line_start;
};
void quant_span_at(const struct layout *l, size_t index, struct span *s);
void quant_span_next(const struct layout *l, struct span *s);

/* Whether the parts of several spans make up one entry. */
bool quant_layout_folds(const struct layout *l);

#endif
