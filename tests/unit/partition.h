/* SPDX-License-Identifier: Apache-2.0 */
/* partition.h: the usual partitions of an array, for tests of what works on them. */
#ifndef UNIT_PARTITION_H
#define UNIT_PARTITION_H

#include "tensor/blocks.h"

/* One entry for all. */
static inline struct tmo_blocks
partition_whole(size_t count)
{
	struct tmo_blocks b;

	tmo_blocks_init(&b, 1, &count, (size_t[]){0});
	return b;
}

/* Of group 0: an entry for each index of the axis; else one for so many along it and all else. */
static inline struct tmo_blocks
partition_along(int rank, const size_t *shape, int axis, size_t group)
{
	size_t block[TMO_RANK_MAX];
	struct tmo_blocks b;

	for (int a = 0; a < rank; a++)
		block[a] = group == 0 ? a == axis : a == axis ? group : 1;
	tmo_blocks_init(&b, rank, shape, block);
	return b;
}

#endif
