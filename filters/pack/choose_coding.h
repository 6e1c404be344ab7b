/* SPDX-License-Identifier: Apache-2.0 */
/* choose_coding.h: how the codes of one tensor are written into the blob. Arrays only, no streams. */
#ifndef PACK_CHOOSE_CODING_H
#define PACK_CHOOSE_CODING_H

#include <zstd.h>

#include "base/buffer.h"
#include "stream/packed.h"

struct coding {
	enum tmo_coding kind;	/* plain, bits or mask */
	int bits;
	uint64_t common;	/* of mask */
};

/* Appends n codes of an integer type, coded. */
int pack_codes(const struct coding *coding, const void *codes, enum tmo_type type, size_t n,
               struct tmo_buffer *out, struct tmo_error *err);

/* What zstd makes of n codes in each coding that there is. */
#define CANDIDATES 3
struct candidates {
	struct coding coding[CANDIDATES];	/* plain, bits, mask */
	size_t size[CANDIDATES];		/* compressed */
};

/*
 * Measures at `level` on all codes, or on PACK_SAMPLE of them in blocks at fixed positions if there
 * are more. zstd, borrowed, is for one thread; NULL: each candidate gets one of its own.
 */
#define PACK_SAMPLE ((size_t)1 << 18)
int measure_codings(const void *codes, enum tmo_type type, size_t n, int level, int threads,
                    ZSTD_CCtx *zstd, struct candidates *c, struct tmo_error *err);
/* Hundredths that the candidates' sizes count for. */
struct leaning {
	unsigned weight[CANDIDATES];
};
#define AS_MEASURED {{100, 100, 100}}
/* The smallest, as the leaning counts; of equals the first. */
const struct coding *pick_coding(const struct candidates *c, const struct leaning *leaning);

/* How many bytes zstd makes of size bytes; zstd as above. */
int compressed_size(const void *data, size_t size, int level, ZSTD_CCtx *zstd, size_t *compressed,
                    struct tmo_error *err);

#endif
