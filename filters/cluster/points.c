/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "points.h"

#include <math.h>
#include <stdlib.h>

#define CHUNK ((size_t)1 << 16)

/* What the threads share while sorted keys become different ones, with the count before each. */
struct collapse {
	const void *sorted;
	void *out;
	bool wide;
	size_t size;
	size_t *starts;			/* per chunk: how many begin in it, then how many before it */
	uint32_t *count;
};

static inline bool
begins(const struct collapse *c, size_t i)
{
	if (i == 0)
		return true;
	if (c->wide)
		return ((const uint64_t *)c->sorted)[i] != ((const uint64_t *)c->sorted)[i - 1];
	return ((const uint32_t *)c->sorted)[i] != ((const uint32_t *)c->sorted)[i - 1];
}

static size_t
chunk_end(size_t chunk, size_t size)
{
	return size - chunk * CHUNK < CHUNK ? size : (chunk + 1) * CHUNK;
}

static void
count_starts(void *arg, size_t chunk)
{
	struct collapse *c = arg;
	const size_t end = chunk_end(chunk, c->size);
	size_t starts = 0;

	for (size_t i = chunk * CHUNK; i < end; i++)
		starts += begins(c, i);
	c->starts[chunk] = starts;
}

static void
write_starts(void *arg, size_t chunk)
{
	struct collapse *c = arg;
	const size_t end = chunk_end(chunk, c->size);
	size_t at = c->starts[chunk];

	for (size_t i = chunk * CHUNK; i < end; i++) {
		if (!begins(c, i))
			continue;
		if (c->wide)
			((uint64_t *)c->out)[at] = ((const uint64_t *)c->sorted)[i];
		else
			((uint32_t *)c->out)[at] = ((const uint32_t *)c->sorted)[i];
		c->count[at++] = (uint32_t)i;
	}
}

/* Sets p->n, and p->count; out gets the keys. */
static int
collapse(struct points *p, const void *sorted, void *out, size_t size, int threads,
         struct tmo_error *err)
{
	const size_t chunks = (size + CHUNK - 1) / CHUNK;
	struct collapse c = { sorted, out, p->wide, size, NULL, NULL };
	size_t sum = 0;

	c.starts = tmo_alloc(chunks, sizeof(*c.starts), err);
	if (c.starts == NULL)
		return -1;
	tmo_parallel_for(threads, chunks, count_starts, &c);
	for (size_t i = 0; i < chunks; i++) {
		const size_t starts = c.starts[i];

		c.starts[i] = sum;
		sum += starts;
	}
	p->n = sum;
	p->count = c.count = tmo_alloc(sum + 1, sizeof(*c.count), err);
	if (c.count != NULL) {
		tmo_parallel_for(threads, chunks, write_starts, &c);
		c.count[sum] = (uint32_t)size;
	}
	free(c.starts);
	return c.count == NULL ? -1 : 0;
}

/*
 * The sums, in chunks to either side of the middle: first what each adds up to, then the entries.
 * Chunks 0 to right - 1 go up from the middle, the others down from it.
 */
struct sums {
	struct points *p;
	size_t middle, right;
	double *sum, *square;		/* per chunk */
};

/* The values of a chunk: [*from, *to), to be taken upwards or downwards. */
static bool
sums_range(const struct sums *s, size_t chunk, size_t *from, size_t *to)
{
	const bool up = chunk < s->right;
	const size_t before = (up ? chunk : chunk - s->right) * CHUNK;
	const size_t left = (up ? s->p->n - s->middle : s->middle) - before;
	const size_t length = left < CHUNK ? left : CHUNK;

	*from = up ? s->middle + before : s->middle - before - length;
	*to = *from + length;
	return up;
}

static void
add_chunk(void *arg, size_t chunk)
{
	struct sums *s = arg;
	const struct points *p = s->p;
	double sum = 0.0, square = 0.0;
	size_t from, to;

	sums_range(s, chunk, &from, &to);
	for (size_t i = from; i < to; i++) {
		const double x = cluster_points_scaled(p, i) - p->middle;
		const double weighed = x * cluster_points_mass(p, i, i + 1);

		sum += weighed;
		square += weighed * x;
	}
	s->sum[chunk] = sum;
	s->square[chunk] = square;
}

static void
fill_chunk(void *arg, size_t chunk)
{
	struct sums *s = arg;
	struct points *p = s->p;
	const double sum0 = s->sum[chunk], square0 = s->square[chunk];
	double sum = 0.0, square = 0.0;
	size_t from, to;
	const bool up = sums_range(s, chunk, &from, &to);

	for (size_t k = 0; k < to - from; k++) {
		const size_t i = up ? from + k : to - 1 - k;
		const double x = cluster_points_scaled(p, i) - p->middle;
		const double weighed = x * cluster_points_mass(p, i, i + 1);

		sum += weighed;
		square += weighed * x;
		p->sum[up ? i + 1 : i] = up ? sum0 + sum : sum0 - sum;
		p->square[up ? i + 1 : i] = up ? square0 + square : square0 - square;
	}
}

/* Turns what chunks [first, end) add up to into what stands before each of them. */
static void
outwards(double *part, size_t first, size_t end, double sign)
{
	double sum = 0.0;

	for (size_t i = first; i < end; i++) {
		const double here = part[i];

		part[i] = sign * sum;
		sum += here;
	}
}

static int
add_up(struct points *p, int threads, struct tmo_error *err)
{
	struct sums s = { .p = p, .middle = p->n / 2 };
	size_t chunks;

	s.right = (p->n - s.middle + CHUNK - 1) / CHUNK;
	chunks = s.right + (s.middle + CHUNK - 1) / CHUNK;
	p->middle = cluster_points_scaled(p, s.middle);
	p->sum = tmo_alloc(p->n + 1, sizeof(double), err);
	p->square = tmo_alloc(p->n + 1, sizeof(double), err);
	s.sum = tmo_alloc(2 * chunks, sizeof(double), err);
	if (p->sum == NULL || p->square == NULL || s.sum == NULL) {
		free(s.sum);
		return -1;
	}
	s.square = s.sum + chunks;
	tmo_parallel_for(threads, chunks, add_chunk, &s);
	outwards(s.sum, 0, s.right, 1.0);
	outwards(s.square, 0, s.right, 1.0);
	outwards(s.sum, s.right, chunks, -1.0);
	outwards(s.square, s.right, chunks, -1.0);
	tmo_parallel_for(threads, chunks, fill_chunk, &s);
	free(s.sum);
	return 0;
}

/* The power of two that brings the largest magnitude near 1, so that no square overflows. */
static double
scale_of(const struct points *p)
{
	double largest = fabs(cluster_points_value(p, 0));
	int exponent;

	if (!p->wide)
		return 1.0;
	if (fabs(cluster_points_value(p, p->n - 1)) > largest)
		largest = fabs(cluster_points_value(p, p->n - 1));
	frexp(largest, &exponent);
	/* Half of the range is left to the difference of two; 2^1022 is the largest that is exact. */
	return ldexp(1.0, -exponent - 1 > 1022 ? 1022 : -exponent - 1);
}

/* Room for keys that turned out not to differ. */
static void
give_back(struct points *p)
{
	void *less = p->wide ? realloc(p->keys64, p->n * sizeof(*p->keys64))
	                     : realloc(p->keys32, p->n * sizeof(*p->keys32));

	if (less != NULL && p->wide)
		p->keys64 = less;
	else if (less != NULL)
		p->keys32 = less;
}

int
cluster_points_sum(struct points *p, int threads, struct tmo_error *err)
{
	give_back(p);
	p->scale = scale_of(p);
	return add_up(p, threads, err);
}

int
cluster_points_make(struct points *p, uint32_t *sorted32, uint32_t *spare32, uint64_t *sorted64,
                    uint64_t *spare64, size_t size, int threads, struct tmo_error *err)
{
	int status;

	*p = (struct points){ .wide = sorted64 != NULL };
	if (p->wide)
		status = collapse(p, sorted64, spare64, size, threads, err);
	else
		status = collapse(p, sorted32, spare32, size, threads, err);
	free(sorted32);
	free(sorted64);
	p->keys32 = spare32;
	p->keys64 = spare64;
	if (status == 0)
		status = cluster_points_sum(p, threads, err);
	if (status < 0)
		cluster_points_free(p);
	return status;
}

void
cluster_points_free_sums(struct points *p)
{
	free(p->sum);
	free(p->square);
	p->sum = p->square = NULL;
}

void
cluster_points_free(struct points *p)
{
	cluster_points_free_sums(p);
	free(p->keys32);
	free(p->keys64);
	free(p->count);
	free(p->mass);
	*p = (struct points){ 0 };
}

size_t
cluster_points_above(const struct points *p, double limit)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		const size_t half = low + (high - low) / 2;

		if (cluster_points_value(p, half) > limit)
			high = half;
		else
			low = half + 1;
	}
	return low;
}

double
cluster_points_mean(const struct points *p, size_t i, size_t j)
{
	const double low = cluster_points_value(p, i), high = cluster_points_value(p, j - 1);
	/* Sums of huge values would overflow; small ones must not be scaled away. */
	const double scale = fabs(low) > 0x1p900 || fabs(high) > 0x1p900 ? 0x1p-100 : 1.0;
	const double first = low * scale;
	double sum = 0.0;

	if (j - i == 1)
		return low;
	for (size_t k = i + 1; k < j; k++)
		sum += (cluster_points_value(p, k) * scale - first) *
		       cluster_points_mass(p, k, k + 1);
	return (first + sum / cluster_points_mass(p, i, j)) / scale;
}
