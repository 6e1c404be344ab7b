/* SPDX-License-Identifier: Apache-2.0 */
/* group.h: walking over a group in fixed chunks, so that results do not depend on threads. */
#ifndef CLUSTER_GROUP_H
#define CLUSTER_GROUP_H

#include "codebook.h"

#define GROUP_CHUNK ((size_t)1 << 16)

/* One stretch of neighbours: weights [from, to). */
struct stretch {
	size_t from, to;
};

/* A group is stretches; a chunk is some of them, [*a, *b). */
static inline size_t
group_stretches(const struct group *g)
{
	return g->outer == 1 ? (g->run + GROUP_CHUNK - 1) / GROUP_CHUNK : g->outer;
}

static inline size_t
group_per_chunk(const struct group *g)
{
	return g->outer == 1 || g->run >= GROUP_CHUNK ? 1 : GROUP_CHUNK / g->run;
}

static inline size_t
group_chunks(const struct group *g)
{
	const size_t per = group_per_chunk(g);

	return (group_stretches(g) + per - 1) / per;
}

static inline void
group_chunk(const struct group *g, size_t chunk, size_t *a, size_t *b)
{
	const size_t per = group_per_chunk(g), all = group_stretches(g);

	*a = chunk * per;
	*b = all - *a < per ? all : *a + per;
}

static inline struct stretch
group_stretch(const struct group *g, size_t a)
{
	struct stretch s;

	if (g->outer == 1) {
		s.from = g->start + a * GROUP_CHUNK;
		s.to = g->start + g->run - s.from < GROUP_CHUNK ? g->start + g->run
		                                                : s.from + GROUP_CHUNK;
	} else {
		s.from = g->start + a * g->step;
		s.to = s.from + g->run;
	}
	return s;
}

#endif
