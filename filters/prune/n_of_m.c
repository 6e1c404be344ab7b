/* SPDX-License-Identifier: Apache-2.0 */
/* n_of_m.c: N of every M along an axis, group by group. */
#include <assert.h>

#include "topk.h"

#define CHUNK ((size_t)1 << 16)	/* elements that one thread takes at a time, about */

struct grouping {
	const void *x;
	struct tmo_lines lines;
	size_t n, m, per_line, rows, rows_per_chunk;
	unsigned char *keep;
};

/* Rows of groups: those that start at the same place of lines that lie side by side. */
static struct grouping
start_grouping(const void *x, const struct tmo_lines *lines, size_t n, size_t m,
               unsigned char *keep)
{
	struct grouping g = {.x = x, .lines = *lines, .n = n, .m = m, .keep = keep};

	assert(n > 0 && n < m && m <= TMO_GROUP_MAX && lines->length > 0 && lines->after_count > 0);
	g.per_line = (lines->length - 1) / m + 1;
	g.rows = lines->before_count * g.per_line;
	g.rows_per_chunk = CHUNK / m / lines->after_count + 1;
	return g;
}

/*
 * An element stays if fewer than n of its group are larger, or as large and before it: m
 * comparisons each, and no branch. A constant m has the compiler unroll it.
 */
#define DEFINE_GROUPS(real, suffix) \
	static inline void \
	mark_group_##suffix(const real *x, size_t stride, size_t n, size_t m, unsigned char *keep) \
	{ \
		real v[TMO_GROUP_MAX]; \
		for (size_t i = 0; i < m; i++) \
			v[i] = x[i * stride] < 0 ? -x[i * stride] : x[i * stride]; \
		for (size_t i = 0; i < m; i++) { \
			size_t ahead = 0; \
			for (size_t k = 0; k < i; k++) \
				ahead += v[k] >= v[i]; \
			for (size_t k = i + 1; k < m; k++) \
				ahead += v[k] > v[i]; \
			keep[i * stride] = ahead < n; \
		} \
	} \
	static inline void \
	mark_row_##suffix(const real *x, size_t stride, size_t n, size_t m, unsigned char *keep) \
	{ \
		for (size_t i = 0; i < stride; i++) \
			mark_group_##suffix(x + i, stride, n, m, keep + i); \
	} \
	static void \
	mark_chunk_##suffix(void *arg, size_t chunk) \
	{ \
		const struct grouping *const g = arg; \
		const size_t start = chunk * g->rows_per_chunk; \
		const size_t end = g->rows - start < g->rows_per_chunk ? g->rows : \
			start + g->rows_per_chunk; \
		for (size_t row = start; row < end; row++) { \
			const size_t i = row % g->per_line * g->m, stride = g->lines.after_count; \
			const size_t at = (row / g->per_line * g->lines.length + i) * stride; \
			const size_t left = g->lines.length - i, m = left < g->m ? left : g->m; \
			const real *const x = (const real *)g->x + at; \
			if (m == 4) \
				mark_row_##suffix(x, stride, g->n, 4, g->keep + at); \
			else if (m == 8) \
				mark_row_##suffix(x, stride, g->n, 8, g->keep + at); \
			else \
				mark_row_##suffix(x, stride, g->n, m, g->keep + at); \
		} \
	} \
	void \
	prune_n_of_m_##suffix(const real *x, const struct tmo_lines *lines, size_t n, size_t m, \
	                      unsigned char *keep, int threads) \
	{ \
		struct grouping g = start_grouping(x, lines, n, m, keep); \
		tmo_parallel_for(threads, (g.rows - 1) / g.rows_per_chunk + 1, mark_chunk_##suffix, &g); \
	}
DEFINE_GROUPS(float, f32)
DEFINE_GROUPS(double, f64)
