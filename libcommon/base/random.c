/* SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <assert.h>
#include <string.h>

#define ROUNDS 10

static void
round_once(uint32_t c[4], const uint32_t key[2])
{
	const uint64_t a = (uint64_t)c[0] * 0xD2511F53u, b = (uint64_t)c[2] * 0xCD9E8D57u;
	const uint32_t c1 = c[1], c3 = c[3];

	c[0] = (uint32_t)(b >> 32) ^ c1 ^ key[0];
	c[1] = (uint32_t)b;
	c[2] = (uint32_t)(a >> 32) ^ c3 ^ key[1];
	c[3] = (uint32_t)a;
}

static void
next_block(struct tmo_rng *r)
{
	uint32_t key[2] = {r->key[0], r->key[1]};

	memcpy(r->block, r->counter, sizeof(r->block));
	for (int i = 0; i < ROUNDS; i++) {
		round_once(r->block, key);
		key[0] += 0x9E3779B9u;
		key[1] += 0xBB67AE85u;
	}
	for (int i = 0; i < 4 && ++r->counter[i] == 0; i++)
		continue;
	r->used = 0;
}

void
tmo_rng_start(struct tmo_rng *r, uint64_t seed, uint64_t stream)
{
	*r = (struct tmo_rng){
		.key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
		.counter = {0, 0, (uint32_t)stream, (uint32_t)(stream >> 32)},
		.used = 4,
	};
}

uint64_t
tmo_rng_stream(const char *name)
{
	uint64_t hash = 0xCBF29CE484222325u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (unsigned char)*name) * 0x100000001B3u;
	return hash;
}

uint32_t
tmo_rng_u32(struct tmo_rng *r)
{
	if (r->used == 4)
		next_block(r);
	return r->block[r->used++];
}

uint64_t
tmo_rng_u64(struct tmo_rng *r)
{
	const uint64_t low = tmo_rng_u32(r);

	return low | (uint64_t)tmo_rng_u32(r) << 32;
}

uint64_t
tmo_rng_below(struct tmo_rng *r, uint64_t n)
{
	uint64_t x = tmo_rng_u64(r);

	assert(n > 0);
	if ((n & (n - 1)) == 0)
		return x & (n - 1);
	/* The lowest numbers would make some results likelier than others. */
	for (const uint64_t odd = UINT64_MAX % n + 1; x < odd;)
		x = tmo_rng_u64(r);
	return x % n;
}

float
tmo_rng_float(struct tmo_rng *r)
{
	const uint32_t bits = UINT32_C(127) << 23 | (tmo_rng_u32(r) & UINT32_C(0x7fffff));
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x - 1;
}
