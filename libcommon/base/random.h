/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random.h: random numbers by Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as
 * 1, 2, 3", SC 2011): the same everywhere, and those that TensorFlow draws from the same seed.
 */
#ifndef TMO_RANDOM_H
#define TMO_RANDOM_H

#include <stdint.h>

struct tmo_rng {
	uint32_t key[2];
	uint32_t counter[4];	/* of the next block */
	uint32_t block[4];
	int used;		/* numbers of the block that were given out */
};

/*
 * The stream of that seed. Different streams of one seed are independent: give each tensor its own
 * (see tmo_rng_stream), so that what a tensor gets does not depend on its neighbours. Stream 0 is
 * TensorFlow's random::PhiloxRandom(seed).
 */
void tmo_rng_start(struct tmo_rng *r, uint64_t seed, uint64_t stream);
/* A number for a name, as a stream: FNV-1a, 64 bits. */
uint64_t tmo_rng_stream(const char *name);

uint32_t tmo_rng_u32(struct tmo_rng *r);
uint64_t tmo_rng_u64(struct tmo_rng *r);	/* two of them, the low half first */
/* One of 0 … n - 1, all alike; n is not 0. As TensorFlow's random::SimplePhilox::Uniform64. */
uint64_t tmo_rng_below(struct tmo_rng *r, uint64_t n);
float tmo_rng_float(struct tmo_rng *r);		/* in [0, 1), 23 random bits */

#endif
