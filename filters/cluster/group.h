/* SPDX-License-Identifier: Apache-2.0 */
/* group.h: walking over a group, in fixed chunks, so that results do not depend on threads. */
#ifndef CLUSTER_GROUP_H
#define CLUSTER_GROUP_H

#include "codebook.h"

#define GROUP_CHUNK ((size_t)1 << 16)

static inline size_t
group_size(const struct group *g)
{
	return g->strip.lines * g->strip.length;
}

static inline size_t
group_chunks(const struct group *g)
{
	return (group_size(g) + GROUP_CHUNK - 1) / GROUP_CHUNK;
}

/* The end of a chunk that begins with weight number chunk * GROUP_CHUNK of the group. */
static inline size_t
group_chunk_end(const struct group *g, size_t chunk)
{
	const size_t start = chunk * GROUP_CHUNK, size = group_size(g);

	return size - start < GROUP_CHUNK ? size : start + GROUP_CHUNK;
}

/* `count` weights of a line, the first with the tensor's index `index`; next: what comes then. */
struct stretch {
	size_t index, count, next;
};

static inline struct stretch
group_stretch(const struct group *g, size_t from, size_t to)
{
	const size_t length = g->strip.length, line = from / length, i = from % length;
	const size_t count = from >= to ? 0 : to - from < length - i ? to - from : length - i;

	return (struct stretch){
		.index = count > 0 ? tmo_strip_line(&g->strip, line) + i * g->strip.step : 0,
		.count = count, .next = from + count,
	};
}

/* For weights [from, to) of the group, in their order: i is their index in the tensor. */
#define GROUP_FOR(g, from, to, i) \
	for (struct stretch s_ = group_stretch(g, from, to); s_.count > 0; \
	     s_ = group_stretch(g, s_.next, to)) \
		for (size_t i = s_.index, end_ = s_.index + s_.count * (g)->strip.step; i < end_; \
		     i += (g)->strip.step)

#endif
