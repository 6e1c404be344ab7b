/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "tensor/axes.h"
#include "units.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#define CHUNK ((size_t)1 << 16)	/* elements that one thread takes at a time */
#define CHUNK_ROWS 64		/* rows: some cache lines where the output axis is the last */

struct prune_units
prune_units_of_weights(size_t n)
{
	return (struct prune_units){.single = true, .count = n};
}

/*
 * Rows that follow each other and are outputs of one own; all, if each has one output only, as in a
 * depthwise convolution.
 */
static size_t
rows_together(const struct tmo_axes *axes)
{
	size_t rows = 1;

	if (tmo_axes_count(axes, TMO_ROLE_OUTPUT) == 1)
		return tmo_axes_count(axes, TMO_ROLE_OWN);
	for (int i = 0; i < axes->count; i++)
		if (axes->part[i].role == TMO_ROLE_OUTPUT)
			rows *= axes->part[i].size;
		else if (axes->part[i].role == TMO_ROLE_OWN && axes->part[i].size > 1)
			rows = 1;
	return rows;
}

/* Blocks below each other, in some rows that are together. */
static size_t
blocks_down(const struct prune_units *u, size_t rows)
{
	return (rows - 1) / u->rows + 1;
}

struct prune_units
prune_units_of_blocks(const struct tmo_axes *axes, size_t rows, size_t columns)
{
	struct prune_units u = {.rows = rows, .together = rows_together(axes)};

	assert(rows > 0 && columns > 0);
	tmo_blocks_of_roles(&u.channels, axes, TMO_ROLES(OUTPUT) | TMO_ROLES(OWN));
	u.width = u.channels.count / u.channels.entries;
	u.columns = columns < u.width ? columns : u.width;
	u.across = (u.width - 1) / u.columns + 1;
	u.count = u.channels.entries / u.together * blocks_down(&u, u.together) * u.across;
	return u;
}

/* The first unit of a row. */
static size_t
unit_of_row(const struct prune_units *u, size_t row)
{
	return (row / u->together * blocks_down(u, u->together) + row % u->together / u->rows) *
		u->across;
}

size_t
prune_unit_at(const struct prune_units *u, size_t row, size_t column)
{
	return unit_of_row(u, row) + column / u->columns;
}

/* Which row of its blocks a row is. */
static size_t
row_in_block(const struct prune_units *u, size_t row)
{
	return row % u->together % u->rows;
}

static size_t
chunks_of(size_t n)
{
	return n / CHUNK + (n % CHUNK != 0);
}

/* How many of the matrix's rows one thread takes at a time: whole blocks. */
static size_t
chunk_rows(const struct prune_units *u)
{
	const size_t rows = u->rows * (CHUNK_ROWS / u->rows > 0 ? CHUNK_ROWS / u->rows : 1);

	return rows < u->together ? rows : u->together;
}

static size_t
row_chunks(const struct prune_units *u)
{
	return u->channels.entries / u->together * ((u->together - 1) / chunk_rows(u) + 1);
}

/* The rows [*first, *end) of a chunk: some that are together. */
static void
rows_of_chunk(const struct prune_units *u, size_t chunk, size_t *first, size_t *end)
{
	const size_t rows = chunk_rows(u), chunks = (u->together - 1) / rows + 1;
	const size_t from = chunk % chunks * rows;

	*first = chunk / chunks * u->together + from;
	*end = *first + (u->together - from < rows ? u->together - from : rows);
}

/* Sums over the elements of each unit become their mean, or its root. */
static void
sums_to_means(const struct prune_units *u, bool root, double *score, size_t first_row,
              size_t end_row)
{
	for (size_t row = first_row; row < end_row; row += u->rows) {
		const size_t rows = end_row - row < u->rows ? end_row - row : u->rows;
		double *const s = score + unit_of_row(u, row);

		for (size_t b = 0; b < u->across; b++) {
			const size_t left = u->width - b * u->columns;
			const size_t columns = left < u->columns ? left : u->columns;
			const double mean = s[b] / ((double)rows * (double)columns);

			s[b] = root ? sqrt(mean) : mean;
		}
	}
}

#define REAL float
#define LARGEST FLT_MAX
#define NAME(name) name##_f32
#include "units_body.h"
#undef REAL
#undef LARGEST
#undef NAME

#define REAL double
#define LARGEST DBL_MAX
#define NAME(name) name##_f64
#include "units_body.h"
