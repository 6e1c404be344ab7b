/* SPDX-License-Identifier: Apache-2.0 */
/* group.h: the weights of a tensor that share one codebook, and walking over them. */
#ifndef CLUSTER_GROUP_H
#define CLUSTER_GROUP_H

#include "tensor/blocks.h"

/*
 * The weights of one entry of a partition. Exactly one of x and x64 is not NULL, the whole tensor's
 * values, and at most one of w and w64, of as many elements: how much the squared error of each weight
 * counts, finite and not negative; without both all count alike. All are borrowed.
 */
struct group {
	const float *x;
	const double *x64;
	const float *w;
	const double *w64;
	struct tmo_strip strip;	/* where they are; one entry wide */
	size_t number;		/* which of the tensor's groups this is */
};

static inline bool
cluster_group_is_weighted(const struct group *g)
{
	return g->w != NULL || g->w64 != NULL;
}

/* Work is cut into chunks of so many weights, so that results do not depend on threads. */
#define GROUP_CHUNK ((size_t)1 << 16)

static inline size_t
cluster_group_size(const struct group *g)
{
	return g->strip.lines * g->strip.length;
}

static inline size_t
cluster_group_chunks(const struct group *g)
{
	return (cluster_group_size(g) + GROUP_CHUNK - 1) / GROUP_CHUNK;
}

/* The end of a chunk that begins with weight number chunk * GROUP_CHUNK of the group. */
static inline size_t
cluster_group_chunk_end(const struct group *g, size_t chunk)
{
	const size_t start = chunk * GROUP_CHUNK, size = cluster_group_size(g);

	return size - start < GROUP_CHUNK ? size : start + GROUP_CHUNK;
}

/* `count` weights of a line, the first with the tensor's index `index`; next: what comes then. */
struct stretch {
	size_t index, count, next;
};

static inline struct stretch
cluster_group_stretch(const struct group *g, size_t from, size_t to)
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
	for (struct stretch s_ = cluster_group_stretch(g, from, to); s_.count > 0; \
	     s_ = cluster_group_stretch(g, s_.next, to)) \
		for (size_t i = s_.index, end_ = s_.index + s_.count * (g)->strip.step; i < end_; \
		     i += (g)->strip.step)

#endif
