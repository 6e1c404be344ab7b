/* SPDX-License-Identifier: Apache-2.0 */
/* entropy.c: by counting, or by sorting and counting runs. */
#include "entropy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/sort.h"

#define CHUNK ((size_t)1 << 16)
#define SHORT_RUN 64

/* The entropy is log2 n − Σ c log2 c / n: parts of it, and the patterns, add up. */
struct part {
	size_t distinct;
	double weighed;		/* Σ c log2 c */
};

static struct entropy
total(const struct part *part, size_t parts, size_t n)
{
	struct entropy v = { 0, 0.0 };
	double weighed = 0.0;

	for (size_t i = 0; i < parts; i++) {
		v.distinct += part[i].distinct;
		weighed += part[i].weighed;
	}
	if (v.distinct > 1)
		v.bits = fmax(0.0, log2((double)n) - weighed / (double)n);
	return v;
}

static void
add_run(struct part *p, size_t length)
{
	p->distinct++;
	if (length > 1)
		p->weighed += (double)length * log2((double)length);
}

struct counting {
	const void *data;
	size_t n, width, patterns, chunks, per_chunk;
	uint32_t *count;	/* per chunk */
};

static void
count_chunk(void *arg, size_t chunk)
{
	const struct counting *c = arg;
	const size_t start = chunk * c->per_chunk;
	const size_t end = c->n - start < c->per_chunk ? c->n : start + c->per_chunk;
	uint32_t *count = c->count + chunk * c->patterns;

	for (size_t i = start; c->width == 1 && i < end; i++)
		count[((const uint8_t *)c->data)[i]]++;
	for (size_t i = start; c->width == 2 && i < end; i++)
		count[((const uint16_t *)c->data)[i]]++;
}

/* One or two bytes: a counter for every pattern. */
static int
by_counting(const void *data, size_t n, size_t width, int threads, struct entropy *v,
            struct tmo_error *err)
{
	struct counting c = { .data = data, .n = n, .width = width };
	struct part part = { 0, 0.0 };

	c.patterns = (size_t)1 << (8 * width);
	/* At least 16 elements a counter, and no counter overflows. */
	c.per_chunk = 16 * c.patterns > n / 16 ? 16 * c.patterns : n / 16 + 1;
	if (c.per_chunk > UINT32_MAX)
		c.per_chunk = UINT32_MAX;
	c.chunks = (n + c.per_chunk - 1) / c.per_chunk;
	c.count = tmo_alloc(c.chunks * c.patterns, sizeof(*c.count), err);
	if (c.count == NULL)
		return -1;
	tmo_parallel_for(threads, c.chunks, count_chunk, &c);
	for (size_t p = 0; p < c.patterns; p++) {
		size_t count = 0;

		for (size_t i = 0; i < c.chunks; i++)
			count += c.count[i * c.patterns + p];
		if (count > 0)
			add_run(&part, count);
	}
	*v = total(&part, 1, n);
	free(c.count);
	return 0;
}

struct runs {
	const uint32_t *sorted32;
	const uint64_t *sorted64;
	size_t n;
	double weighed[SHORT_RUN];	/* c log2 c: most runs are short */
	struct part *part;
};

static inline bool
same(const struct runs *r, size_t i, size_t j)
{
	return r->sorted32 != NULL ? r->sorted32[i] == r->sorted32[j]
	                           : r->sorted64[i] == r->sorted64[j];
}

/* The runs that begin in a chunk, to where they end. */
static void
runs_chunk(void *arg, size_t chunk)
{
	const struct runs *r = arg;
	const size_t end = r->n - chunk * CHUNK < CHUNK ? r->n : (chunk + 1) * CHUNK;
	struct part part = { 0, 0.0 };
	size_t i = chunk * CHUNK;

	while (i > 0 && i < end && same(r, i, i - 1))
		i++;
	while (i < end) {
		size_t next = i + 1;

		while (next < r->n && same(r, next, i))
			next++;
		if (next - i < SHORT_RUN) {
			part.distinct++;
			part.weighed += r->weighed[next - i];
		} else {
			add_run(&part, next - i);
		}
		i = next;
	}
	r->part[chunk] = part;
}

static int
by_sorting(const void *data, size_t n, size_t width, int threads, struct entropy *v,
           struct tmo_error *err)
{
	const size_t chunks = (n + CHUNK - 1) / CHUNK;
	struct runs r = { .n = n, .part = tmo_alloc(chunks, sizeof(*r.part), err) };
	void *keys = tmo_alloc(n, width, err), *spare = tmo_alloc(n, width, err);
	uint32_t *keys32 = keys, *spare32 = spare;
	uint64_t *keys64 = keys, *spare64 = spare;
	int status = -1;

	if (r.part != NULL && keys != NULL && spare != NULL) {
		memcpy(keys, data, n * width);
		status = width == 4 ? tmo_sort_u32(&keys32, &spare32, n, threads, err)
		                    : tmo_sort_u64(&keys64, &spare64, n, threads, err);
	}
	if (status == 0) {
		r.sorted32 = width == 4 ? keys32 : NULL;
		r.sorted64 = keys64;
		for (int c = 2; c < SHORT_RUN; c++)
			r.weighed[c] = c * log2(c);
		tmo_parallel_for(threads, chunks, runs_chunk, &r);
		*v = total(r.part, chunks, n);
	}
	free(r.part);
	free(keys);
	free(spare);
	return status;
}

int
eval_measure_entropy(const void *data, size_t n, size_t width, int threads, struct entropy *v,
                     struct tmo_error *err)
{
	if (width <= 2)
		return by_counting(data, n, width, threads, v, err);
	return by_sorting(data, n, width, threads, v, err);
}
