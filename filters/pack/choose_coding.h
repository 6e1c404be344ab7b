/* SPDX-License-Identifier: Apache-2.0 */
/* choose_coding.h: how the codes of one tensor are written into the blob. Arrays only, no streams. */
#ifndef PACK_CHOOSE_CODING_H
#define PACK_CHOOSE_CODING_H

#include <zstd.h>

#include "base/buffer.h"
#include "stream/packed.h"

struct coding {
	enum tmo_coding kind;	/* plain, bits or mask: see tmo-stream(5) */
	int bits;		/* of a code, where it is not plain */
	uint64_t common;	/* mask: the code that is left out */
};

/* Appends n codes of an integer type, coded. */
int pack_codes(const struct coding *coding, const void *codes, enum tmo_type type, size_t n,
               struct tmo_buffer *out, struct tmo_error *err);

/* All codings that n codes can have, and how many bytes zstd makes of each. */
#define CANDIDATES 3
struct candidates {
	struct coding coding[CANDIDATES];	/* plain, bits, mask */
	size_t size[CANDIDATES];
};

/*
 * Measures at the zstd level `level` on all codes, or on PACK_SAMPLE of them in blocks at fixed
 * positions if there are more. zstd is borrowed, and then threads is 1; NULL: each candidate gets one of
 * its own.
 */
#define PACK_SAMPLE ((size_t)1 << 18)
int pack_measure_codings(const void *codes, enum tmo_type type, size_t n, int level, int threads,
                         ZSTD_CCtx *zstd, struct candidates *c, struct tmo_error *err);

/*
 * Which codings are liked better than their sizes say: each size is compared after it was multiplied
 * by its percentage. 100: as measured; 105: taken only where it is some 5 % smaller; 0: always taken.
 */
struct preference {
	unsigned percent[CANDIDATES];
};
#define NO_PREFERENCE {{100, 100, 100}}

/* The candidate with the smallest size, each times its percentage; of equals the first. */
const struct coding *pack_choose_coding(const struct candidates *c,
                                        const struct preference *preference);

/* How many bytes zstd makes of size bytes; zstd as above. */
int pack_compressed_size(const void *data, size_t size, int level, ZSTD_CCtx *zstd,
                         size_t *compressed, struct tmo_error *err);

#endif
