/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "assign_codes.h"

struct coding {
	const struct codebook *b;
	const struct group *g;
	uint8_t *codes8;
	uint16_t *codes16;
};

/* How many of n limits x is above: halving without branches, since weights come in no order. */
static inline size_t
limits_below(const double *limit, size_t n, double x)
{
	const double *base = limit;

	while (n > 1) {
		const size_t half = n / 2;

		base += base[half - 1] < x ? half : 0;
		n -= half;
	}
	return (size_t)(base - limit) + (n == 1 && base[0] < x);
}

static void
code_chunk(void *arg, size_t chunk)
{
	const struct coding *w = arg;
	const struct codebook *b = w->b;
	const struct group *g = w->g;
	const size_t end = cluster_group_chunk_end(g, chunk);

	GROUP_FOR(g, chunk * GROUP_CHUNK, end, i) {
		const double x = g->x != NULL ? (double)g->x[i] : g->x64[i];
		const size_t code = b->zero >= 0 && x == 0.0
		                        ? (size_t)b->zero
		                        : b->code[limits_below(b->limit, b->limits, x)];

		if (w->codes8 != NULL)
			w->codes8[i] = (uint8_t)code;
		else
			w->codes16[i] = (uint16_t)code;
	}
}

void
cluster_assign_codes(const struct codebook *b, const struct group *g, uint8_t *codes8,
                     uint16_t *codes16, int threads)
{
	struct coding w = { b, g, codes8, codes16 };

	assert((codes8 == NULL) != (codes16 == NULL) && (codes8 == NULL || b->count <= 256));
	tmo_parallel_for(threads, cluster_group_chunks(g), code_chunk, &w);
}
