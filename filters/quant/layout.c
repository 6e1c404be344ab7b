/* SPDX-License-Identifier: Apache-2.0 */
#include "layout.h"

#define PIECE ((size_t)1 << 17)		/* elements: what one thread takes at a time */
#define PIECE_ROWS ((size_t)64)		/* no fewer, or the ranges of the pieces outgrow the data */

static struct layout
layout(size_t count, size_t line, size_t block, size_t cols, bool shared)
{
	struct layout l = {.line = line, .block = block, .cols = cols, .shared = shared};
	size_t rows = PIECE / cols;

	if (rows < PIECE_ROWS)
		rows = PIECE_ROWS;
	l.piece = block / cols < rows ? block : rows * cols;
	l.lines = count / line;
	l.blocks = (line + block - 1) / block;
	l.pieces = (block + l.piece - 1) / l.piece;
	l.spans = l.lines * l.blocks * l.pieces;
	l.entries = (shared ? l.blocks : l.blocks * l.lines) * cols;
	return l;
}

struct layout
quant_layout_whole(size_t count)
{
	return layout(count, count, count, 1, false);
}

struct layout
quant_layout_rows(size_t count, size_t block)
{
	return layout(count, count, block, 1, false);
}

static size_t
product(const size_t *shape, int from, int to)
{
	size_t n = 1;

	while (from < to)
		n *= shape[from++];
	return n;
}

struct layout
quant_layout_channels(int rank, const size_t *shape, int axis)
{
	const size_t inner = product(shape, axis + 1, rank), channels = shape[axis];
	const size_t count = product(shape, 0, rank);

	if (inner == 1 && channels > 1)
		return layout(count, count, count, channels, false);
	return layout(count, channels * inner, inner, 1, true);
}

struct layout
quant_layout_groups(int rank, const size_t *shape, int axis, size_t group)
{
	const size_t inner = product(shape, axis + 1, rank), length = shape[axis];

	if (group > length)
		group = length;
	return layout(product(shape, 0, rank), length * inner, group * inner, inner, false);
}

bool
quant_layout_folds(const struct layout *l)
{
	return l->pieces > 1 || (l->shared && l->lines > 1);
}

static void
set_extent(const struct layout *l, struct span *s)
{
	const size_t before = s->in_line * l->block + s->in_block * l->piece;
	const size_t block_end = (s->in_line + 1) * l->block < l->line ?
		(s->in_line + 1) * l->block : l->line;
	const size_t end = before + l->piece < block_end ? before + l->piece : block_end;

	s->start = s->line_start + before;
	s->extent = end > before ? end - before : 0;
}

void
quant_span_at(const struct layout *l, size_t index, struct span *s)
{
	const size_t block = index / l->pieces;

	*s = (struct span){
		.part = index * l->cols, .in_block = index % l->pieces, .in_line = block % l->blocks,
		.line_start = block / l->blocks * l->line,
	};
	s->entry = (l->shared ? s->in_line : block) * l->cols;
	set_extent(l, s);
}

void
quant_span_next(const struct layout *l, struct span *s)
{
	s->part += l->cols;
	if (++s->in_block == l->pieces) {
		s->in_block = 0;
		s->entry += l->cols;
		if (++s->in_line == l->blocks) {
			s->in_line = 0;
			s->line_start += l->line;
			if (l->shared)
				s->entry = 0;
		}
	}
	set_extent(l, s);
}
