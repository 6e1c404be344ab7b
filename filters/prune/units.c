/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "units.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>


#define CHUNK ((size_t)1 << 16)	/* elements that one thread takes at a time */
#define CHUNK_ROWS 64		/* rows: some cache lines where the output axis is the last */

struct prune_units
prune_units_of_weights(size_t n)
{
	return (struct prune_units){
		.outputs = {1, 1, n}, .rows = 1, .columns = 1, .across = n, .count = n,
	};
}

struct prune_units
prune_units_of_blocks(const struct tmo_lines *outputs, size_t rows, size_t columns)
{
	const size_t width = outputs->before_count * outputs->after_count;
	struct prune_units u = {
		.outputs = *outputs, .rows = rows, .columns = columns < width ? columns : width,
	};

	u.across = (width - 1) / u.columns + 1;
	u.count = u.across * ((outputs->length - 1) / rows + 1);
	return u;
}

static bool
are_weights(const struct prune_units *u)
{
	return u->outputs.length == 1 && u->outputs.before_count == 1 && u->rows == 1 &&
	       u->columns == 1;
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
	return u->rows * (CHUNK_ROWS / u->rows > 0 ? CHUNK_ROWS / u->rows : 1);
}

static size_t
row_chunks(const struct prune_units *u)
{
	return (u->outputs.length - 1) / chunk_rows(u) + 1;
}

/* Sums over the elements of each unit become their mean, or its root. */
static void
sums_to_means(const struct prune_units *u, bool root, double *score, size_t first_row,
              size_t end_row)
{
	const size_t width = u->outputs.before_count * u->outputs.after_count;

	for (size_t row = first_row; row < end_row; row += u->rows) {
		const size_t rows = end_row - row < u->rows ? end_row - row : u->rows;
		double *const s = score + row / u->rows * u->across;

		for (size_t b = 0; b < u->across; b++) {
			const size_t left = width - b * u->columns;
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
