/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sort.c: LSD radix sorts. Keys are cut into digits, the lowest first; one pass per digit counts
 * how often each value of it stands in every chunk, then moves the keys to where they belong. A
 * digit that is the same in all keys costs only the counting.
 */
#include "base/memory.h"
#include "base/sort.h"

#include <assert.h>
#include <stdlib.h>

/*
 * 8 bits: 256 places that are written to at a time fit the first-level TLB. 11 bits save a pass
 * of four and were slower all the same.
 */
#define DIGIT_BITS 8
#define DIGITS ((size_t)1 << DIGIT_BITS)
#define CHUNK_MIN ((size_t)1 << 17)
#define CHUNKS_MAX 32		/* what threads share; a function of n alone all the same */
#define SMALL 64		/* so few are sorted by insertion */

struct pass {
	const void *from;
	void *to;
	size_t n, per_chunk;
	int shift;
	size_t (*place)[DIGITS];	/* for each chunk: counts, then where the next one goes */
};

static inline uint64_t
key_at(const void *keys, size_t i, size_t width)
{
	return width == 4 ? ((const uint32_t *)keys)[i] : ((const uint64_t *)keys)[i];
}

static inline void
count_digits(struct pass *p, size_t chunk, size_t width)
{
	const size_t start = chunk * p->per_chunk;
	const size_t end = p->n - start < p->per_chunk ? p->n : start + p->per_chunk;
	size_t *count = p->place[chunk];

	memset(count, 0, sizeof(p->place[chunk]));
	for (size_t i = start; i < end; i++)
		count[(key_at(p->from, i, width) >> p->shift) & (DIGITS - 1)]++;
}

static inline void
move_keys(struct pass *p, size_t chunk, size_t width)
{
	const size_t start = chunk * p->per_chunk;
	const size_t end = p->n - start < p->per_chunk ? p->n : start + p->per_chunk;
	size_t *place = p->place[chunk];

	for (size_t i = start; i < end; i++) {
		const uint64_t key = key_at(p->from, i, width);
		const size_t at = place[(key >> p->shift) & (DIGITS - 1)]++;

		if (width == 4)
			((uint32_t *)p->to)[at] = (uint32_t)key;
		else
			((uint64_t *)p->to)[at] = key;
	}
}

static void
count_u32(void *arg, size_t chunk)
{
	count_digits(arg, chunk, 4);
}

static void
count_u64(void *arg, size_t chunk)
{
	count_digits(arg, chunk, 8);
}

static void
move_u32(void *arg, size_t chunk)
{
	move_keys(arg, chunk, 4);
}

static void
move_u64(void *arg, size_t chunk)
{
	move_keys(arg, chunk, 8);
}

/* Counts become places. False if all keys have the same digit: then there is nothing to move. */
static bool
counts_to_places(struct pass *p, size_t chunks)
{
	size_t sum = 0;

	for (size_t digit = 0; digit < DIGITS; digit++) {
		const size_t before = sum;

		for (size_t c = 0; c < chunks; c++) {
			const size_t count = p->place[c][digit];

			p->place[c][digit] = sum;
			sum += count;
		}
		if (sum - before == p->n)
			return false;
	}
	return true;
}

static int
sort(void **keys, void **spare, size_t n, size_t width, int threads, struct tmo_error *err)
{
	size_t chunks = (n + CHUNK_MIN - 1) / CHUNK_MIN;
	struct pass p = { .n = n };

	if (chunks > CHUNKS_MAX)
		chunks = CHUNKS_MAX;
	p.per_chunk = (n + chunks - 1) / chunks;
	chunks = (n + p.per_chunk - 1) / p.per_chunk;
	p.place = tmo_alloc(chunks, sizeof(*p.place), err);
	if (p.place == NULL)
		return -1;
	for (p.shift = 0; p.shift < (int)(8 * width); p.shift += DIGIT_BITS) {
		p.from = *keys;
		p.to = *spare;
		tmo_parallel_for(threads, chunks, width == 4 ? count_u32 : count_u64, &p);
		if (!counts_to_places(&p, chunks))
			continue;
		tmo_parallel_for(threads, chunks, width == 4 ? move_u32 : move_u64, &p);
		*spare = *keys;
		*keys = p.to;
	}
	free(p.place);
	return 0;
}

int
tmo_sort_u32(uint32_t **keys, uint32_t **spare, size_t n, int threads, struct tmo_error *err)
{
	void *from = *keys, *to = *spare;
	int status;

	assert(n == 0 || *keys != *spare);
	if (n <= SMALL) {
		for (size_t i = 1; i < n; i++) {
			const uint32_t key = (*keys)[i];
			size_t at = i;

			for (; at > 0 && (*keys)[at - 1] > key; at--)
				(*keys)[at] = (*keys)[at - 1];
			(*keys)[at] = key;
		}
		return 0;
	}
	status = sort(&from, &to, n, 4, threads, err);
	*keys = from;
	*spare = to;
	return status;
}

int
tmo_sort_u64(uint64_t **keys, uint64_t **spare, size_t n, int threads, struct tmo_error *err)
{
	void *from = *keys, *to = *spare;
	int status;

	assert(n == 0 || *keys != *spare);
	if (n <= SMALL) {
		for (size_t i = 1; i < n; i++) {
			const uint64_t key = (*keys)[i];
			size_t at = i;

			for (; at > 0 && (*keys)[at - 1] > key; at--)
				(*keys)[at] = (*keys)[at - 1];
			(*keys)[at] = key;
		}
		return 0;
	}
	status = sort(&from, &to, n, 8, threads, err);
	*keys = from;
	*spare = to;
	return status;
}
