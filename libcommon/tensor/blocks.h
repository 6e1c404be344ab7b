/* SPDX-License-Identifier: Apache-2.0 */
/*
 * blocks.h: which elements of an array share an entry: a scale, a codebook, a score. Whole tensors,
 * channels, groups, blocks along several axes are one case: along each axis so many neighbours share
 * an entry. The entries are an array as well, in C order.
 *
 * To walk it fast, axes that behave alike are taken together (blocks.c). What is left is a row of
 * equal lines, a line a row of blocks (the last may be short), a block some rows of cols elements, of
 * which each column has its entry; cols is 1 where neighbours share one:
 *
 *	whole		one block, cols 1
 *	channels	on the last axis: one block, a column for each; else a block for each, and a line for
 *			each index before the axis, which share their entries
 *	groups		a line for each index before the axis, a block for each group, a column for each
 *			index after it
 *	[e, k, n], one entry for each e and n: one line, a block for each e, k rows, n columns
 */
#ifndef TMO_BLOCKS_H
#define TMO_BLOCKS_H

#include "tmo.h"

struct tmo_blocks {
	int rank;
	size_t shape[TMO_AXIS_PARTS_MAX];	/* of the array */
	size_t block[TMO_AXIS_PARTS_MAX];	/* neighbours that share an entry */
	size_t entries_along[TMO_AXIS_PARTS_MAX];	/* ceil(shape / block): the entries' own shape */
	size_t count, entries;			/* elements and entries in all */

	/* What the lines are: for each index of these loops, the outermost first, one. */
	int loops;
	struct tmo_blocks_loop {
		size_t size, block;		/* block indices in turn have the same entries */
		size_t step;			/* entries from one block to the next; 0: all share */
	} loop[TMO_AXIS_PARTS_MAX];
	size_t lines, line, row_block, cols;	/* line, row_block: in elements */
	size_t line_blocks, block_step;		/* blocks in a line; entries from one to the next */

	/* A block's pieces, so that several threads can work on one: spans, see below. */
	size_t piece, pieces, spans;		/* elements of a piece; pieces of a block; in all */
};

/* block[a] neighbours along axis a share an entry; 0, or more than there are, means all of them. */
void tmo_blocks_init(struct tmo_blocks *b, int rank, const size_t *shape, const size_t *block);

/*
 * How the elements of t, which is encoded, share the entries of a parameter (its scale, zero point or
 * codebook, whose last axis is left out). They must fit: tmo_encoding_check.
 */
void tmo_blocks_of_encoding(struct tmo_blocks *b, const struct tmo_tensor *t,
                            const struct tmo_array *parameter);

/*
 * The same partition of an array of another shape, which has as many elements. False: no number of
 * neighbours along each of its axes makes it.
 */
bool tmo_blocks_reshape(const struct tmo_blocks *b, int rank, const size_t *shape,
                        struct tmo_blocks *reshaped);

/* The entry of element i. */
size_t tmo_blocks_entry(const struct tmo_blocks *b, size_t i);

/*
 * How many elements from i on have the entry *entry, or, if cols is not 1, *entry and those that
 * follow it, one each.
 */
size_t tmo_blocks_run(const struct tmo_blocks *b, size_t i, size_t *entry);

/*
 * Walking all elements in their order: start with the span that is asked for, then one after the
 * other. A span is one piece of one block. The size of pieces depends on the partition alone.
 */
struct tmo_span {
	size_t start, rows;	/* its first element; rows of cols elements, 0 if a short block has no
				   such piece */
	size_t entry;		/* of its first column; the others follow */
	size_t part;		/* the same if every span had entries of its own */
	bool first;		/* no span before it has these entries */
	size_t in_line, in_block, line_index, line_entry;	/* where it is */
	bool line_first;
};
void tmo_span_at(const struct tmo_blocks *b, size_t index, struct tmo_span *s);
void tmo_span_next(const struct tmo_blocks *b, struct tmo_span *s);

/*
 * Whether several spans make up one entry. Results of spans that were stored by `part` can then be
 * brought together in place, in order: an entry never stands behind a part that is still needed.
 */
bool tmo_blocks_fold(const struct tmo_blocks *b);

/* Each has two indices or more, and between two of them are two entries or more: 2^48 elements. */
#define TMO_STRIP_LOOPS_MAX 24

/*
 * All elements of some entries that lie side by side. Element i of entry number j of them in line k
 * has the index tmo_strip_line(strip, k) + j * pitch + i * step; for each entry these are all of its
 * elements in their order, line by line. Either step or pitch is 1.
 */
struct tmo_strip {
	size_t entry, width, pitch;	/* the first entry; how many there are */
	size_t length, step;		/* of an entry in one line */
	size_t lines;
	size_t start;			/* of line 0 */
	int loops;			/* what the lines are, the outermost first */
	struct tmo_strip_loop {
		size_t size, step;
	} loop[TMO_STRIP_LOOPS_MAX];
};
/* From `entry` on, as many as there are side by side, at most `most`. */
void tmo_strip_at(const struct tmo_blocks *b, size_t entry, size_t most, struct tmo_strip *strip);
size_t tmo_strip_line(const struct tmo_strip *strip, size_t line);

#endif
