/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "tensor/blocks.h"

#define PIECE ((size_t)1 << 17)		/* elements: what one thread takes at a time */
#define PIECE_ROWS ((size_t)64)		/* no fewer, or the ranges of the pieces outgrow the data */

static size_t
blocks_of(size_t n, size_t block)
{
	return n / block + (n % block != 0);
}

/* One more axis inside of those that are there: taken together with the last one if they can be. */
static void
add_loop(struct tmo_blocks *b, size_t size, size_t block, size_t step)
{
	struct tmo_blocks_loop *const last = b->loops > 0 ? &b->loop[b->loops - 1] : NULL;

	if (size == 1)
		return;
	if (last != NULL && step == 0) {
		last->size *= size;
		last->block *= size;
	} else if (last != NULL && last->step != 0 && last->block == 1 && size % block == 0) {
		last->size *= size;
		last->block = block;
		last->step = step;
	} else {
		b->loop[b->loops++] = (struct tmo_blocks_loop){size, block, step};
	}
}

/* The last loops become the columns and rows of a line. */
static void
make_lines(struct tmo_blocks *b)
{
	struct tmo_blocks_loop rows = {1, 1, 0};

	b->cols = 1;
	if (b->loops > 0 && b->loop[b->loops - 1].step != 0 && b->loop[b->loops - 1].block == 1)
		b->cols = b->loop[--b->loops].size;
	if (b->loops > 0)
		rows = b->loop[--b->loops];
	b->line = rows.size * b->cols;
	b->row_block = rows.block * b->cols;
	b->line_blocks = blocks_of(rows.size, rows.block);
	b->block_step = rows.step;
	b->lines = b->count / b->line;
}

static void
make_pieces(struct tmo_blocks *b)
{
	size_t rows = PIECE / b->cols;

	if (rows < PIECE_ROWS)
		rows = PIECE_ROWS;
	b->piece = b->row_block / b->cols < rows ? b->row_block : rows * b->cols;
	b->pieces = blocks_of(b->row_block, b->piece);
	b->spans = b->lines * b->line_blocks * b->pieces;
}

void
tmo_blocks_init(struct tmo_blocks *b, int rank, const size_t *shape, const size_t *block)
{
	size_t step[TMO_AXIS_PARTS_MAX];

	assert(rank >= 0 && rank <= TMO_AXIS_PARTS_MAX);
	*b = (struct tmo_blocks){.rank = rank, .count = 1, .entries = 1};
	for (int a = rank - 1; a >= 0; a--) {
		const size_t least = shape[a] > 0 ? shape[a] : 1;

		b->shape[a] = shape[a];
		b->block[a] = block[a] == 0 || block[a] > least ? least : block[a];
		b->entries_along[a] = blocks_of(shape[a], b->block[a]);
		step[a] = b->entries_along[a] > 1 ? b->entries : 0;
		b->count *= shape[a];
		b->entries *= b->entries_along[a];
	}
	for (int a = 0; a < rank && b->count > 0; a++)
		add_loop(b, b->shape[a], b->block[a], step[a]);
	make_lines(b);
	make_pieces(b);
}

void
tmo_blocks_of_encoding(struct tmo_blocks *b, const struct tmo_tensor *t,
                       const struct tmo_array *parameter)
{
	size_t block[TMO_RANK_MAX];

	assert(parameter->rank >= t->rank);
	for (int a = 0; a < t->rank; a++) {
		const size_t entries = parameter->shape[a];

		block[a] = entries <= 1 ? 0 : entries == t->shape[a] ? 1 : t->blocked ? t->block[a] : 1;
	}
	tmo_blocks_init(b, t->rank, t->shape, block);
}

/* The first entry of a line; *first: no line before it has this one. */
static size_t
entry_of_line(const struct tmo_blocks *b, size_t line, bool *first)
{
	size_t entry = 0;

	*first = true;
	for (int l = b->loops - 1; l >= 0; l--) {
		const struct tmo_blocks_loop *const loop = &b->loop[l];
		const size_t index = line % loop->size;

		line /= loop->size;
		*first = *first && index % loop->block == 0;
		entry += index / loop->block * loop->step;
	}
	return entry;
}

size_t
tmo_blocks_run(const struct tmo_blocks *b, size_t i, size_t *entry)
{
	const size_t in_line = i % b->line, in_block = in_line % b->row_block;
	const size_t rest = b->line - in_line;
	bool first;

	assert(i < b->count);
	*entry = entry_of_line(b, i / b->line, &first) + in_line / b->row_block * b->block_step;
	if (b->cols > 1) {
		*entry += in_block % b->cols;
		return b->cols - in_block % b->cols;
	}
	return b->row_block - in_block < rest ? b->row_block - in_block : rest;
}

size_t
tmo_blocks_entry(const struct tmo_blocks *b, size_t i)
{
	size_t entry;

	tmo_blocks_run(b, i, &entry);
	return entry;
}

static bool
are_same(const struct tmo_blocks *a, const struct tmo_blocks *b)
{
	for (int l = 0; l < a->loops && a->loops == b->loops; l++)
		if (a->loop[l].size != b->loop[l].size || a->loop[l].block != b->loop[l].block ||
		    a->loop[l].step != b->loop[l].step)
			return false;
	return a->loops == b->loops && a->line == b->line && a->row_block == b->row_block &&
		a->cols == b->cols && a->block_step == b->block_step && a->entries == b->entries;
}

bool
tmo_blocks_reshape(const struct tmo_blocks *b, int rank, const size_t *shape,
                   struct tmo_blocks *reshaped)
{
	size_t block[TMO_AXIS_PARTS_MAX], stride = 1;

	if (b->count == 0)
		return false;
	/* Neighbours along an axis, from its start on, that have the first element's entry. */
	for (int a = rank - 1; a >= 0; stride *= shape[a--])
		for (block[a] = 1; block[a] < shape[a]; block[a]++)
			if (tmo_blocks_entry(b, block[a] * stride) != 0)
				break;
	tmo_blocks_init(reshaped, rank, shape, block);
	return reshaped->count == b->count && are_same(b, reshaped);
}

/* ---- spans ---- */

static void
begin_line(const struct tmo_blocks *b, size_t line, struct tmo_span *s)
{
	s->line_index = line;
	s->line_entry = entry_of_line(b, line, &s->line_first);
}

static void
place_span(const struct tmo_blocks *b, struct tmo_span *s)
{
	const size_t begin = s->in_line * b->row_block + s->in_block * b->piece;
	const size_t block_end = (s->in_line + 1) * b->row_block < b->line ?
		(s->in_line + 1) * b->row_block : b->line;
	const size_t end = begin + b->piece < block_end ? begin + b->piece : block_end;

	s->start = s->line_index * b->line + begin;
	s->rows = end > begin ? (end - begin) / b->cols : 0;
	s->entry = s->line_entry + s->in_line * b->block_step;
	s->first = s->line_first && s->in_block == 0;
}

void
tmo_span_at(const struct tmo_blocks *b, size_t index, struct tmo_span *s)
{
	const size_t block = index / b->pieces;

	assert(index < b->spans);
	*s = (struct tmo_span){
		.part = index * b->cols, .in_block = index % b->pieces, .in_line = block % b->line_blocks,
	};
	begin_line(b, block / b->line_blocks, s);
	place_span(b, s);
}

void
tmo_span_next(const struct tmo_blocks *b, struct tmo_span *s)
{
	s->part += b->cols;
	if (++s->in_block == b->pieces) {
		s->in_block = 0;
		if (++s->in_line == b->line_blocks) {
			s->in_line = 0;
			begin_line(b, s->line_index + 1, s);
		}
	}
	place_span(b, s);
}

bool
tmo_blocks_fold(const struct tmo_blocks *b)
{
	bool shared = b->pieces > 1;

	for (int l = 0; l < b->loops; l++)
		shared |= b->loop[l].block > 1;
	return shared;
}

/* ---- strips ---- */

/* The lines that have an entry: of each loop the indices of one block. */
static void
strip_lines(const struct tmo_blocks *b, size_t entry, struct tmo_strip *s)
{
	size_t stride = b->count;

	for (int l = 0; l < b->loops; l++) {
		const struct tmo_blocks_loop *const loop = &b->loop[l];
		const size_t from = loop->step == 0 ? 0 :
			entry / loop->step % blocks_of(loop->size, loop->block) * loop->block;
		const size_t size = loop->size - from < loop->block ? loop->size - from : loop->block;

		stride /= loop->size;
		s->start += from * stride;
		s->lines *= size;
		if (size > 1)
			s->loop[s->loops++] = (struct tmo_strip_loop){size, stride};
	}
}

void
tmo_strip_at(const struct tmo_blocks *b, size_t entry, size_t most, struct tmo_strip *strip)
{
	const size_t here = entry % (b->line_blocks * b->cols), block = here / b->cols;
	const size_t column = here % b->cols, begin = block * b->row_block;
	const size_t size = b->line - begin < b->row_block ? b->line - begin : b->row_block;
	size_t width = b->cols - column;

	assert(entry < b->entries && most > 0);
	/* Not the loops, which are many bytes: there may be an entry for every few elements. */
	strip->entry = entry;
	strip->pitch = 1;
	strip->length = size / b->cols;
	strip->step = b->cols;
	strip->lines = 1;
	strip->start = begin + column;
	strip->loops = 0;
	if (b->cols == 1) {
		/* A short last block is alone. */
		width = size < b->row_block ? 1 : b->line / b->row_block - block;
		strip->pitch = b->row_block;
	}
	strip->width = width < most ? width : most;
	strip_lines(b, entry, strip);
}

size_t
tmo_strip_line(const struct tmo_strip *strip, size_t line)
{
	size_t at = strip->start;

	for (int l = strip->loops - 1; l >= 0 && line > 0; l--) {
		at += line % strip->loop[l].size * strip->loop[l].step;
		line /= strip->loop[l].size;
	}
	return at;
}
