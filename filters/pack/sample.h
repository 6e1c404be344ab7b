/* SPDX-License-Identifier: Apache-2.0 */
/* sample.h: on how much of an archive its layouts are tried. */
#ifndef PACK_SAMPLE_H
#define PACK_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#define PACK_TRIALS 6				/* layouts */
#define PACK_SMALL ((uint64_t)384 << 10)	/* an entry; larger ones fill zstd's blocks alone */
/* Small entries are tried all of them, at the level that is asked for; or, if they are more, about */
#define PACK_WHOLE_MAX ((uint64_t)2 << 20)
#define PACK_SAMPLE_BYTES ((uint64_t)1 << 20)	/* of them, at no higher a level than */
#define PACK_SAMPLE_LEVEL 14			/* which takes a fifth of the time of 19. */

/* Each so-manieth of the small entries is tried, if all of them have so many bytes. */
static inline size_t
pack_sample_stride(uint64_t bytes)
{
	return bytes > PACK_WHOLE_MAX ?
	       (size_t)((bytes + PACK_SAMPLE_BYTES - 1) / PACK_SAMPLE_BYTES) : 1;
}

static inline int
pack_sample_level(uint64_t bytes, int level)
{
	return pack_sample_stride(bytes) > 1 && level > PACK_SAMPLE_LEVEL ? PACK_SAMPLE_LEVEL : level;
}

#endif
