/* SPDX-License-Identifier: Apache-2.0 */
#include "base/memory.h"
#include "values.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>


#define BLOCK ((size_t)2048)		/* values read at a time */
#define CHUNK ((size_t)1 << 17)
#define CHUNKS_MAX ((size_t)16)		/* each has bins of its own; a function of the count alone */

struct values
quant_values_of(const struct tmo_blocks *b, bool wide, const void *x, size_t entry)
{
	struct values v = {.x = x, .wide = wide, .factor = 1};

	tmo_strip_at(b, entry, 1, &v.strip);
	v.count = v.strip.lines * v.strip.length;
	return v;
}

/* n values from index `at` of x on, each `step` after the other. */
static void
copy(const struct values *v, size_t at, size_t n, double *out)
{
	const size_t step = v->strip.step;
	const float *const narrow = v->wide ? NULL : (const float *)v->x + at;
	const double *const wide = v->wide ? (const double *)v->x + at : NULL;

	if (v->wide)
		for (size_t i = 0; i < n; i++)
			out[i] = wide[i * step] * v->factor;
	else
		for (size_t i = 0; i < n; i++)
			out[i] = (double)narrow[i * step] * v->factor;
	for (size_t i = 0; v->magnitudes && i < n; i++)
		out[i] = fabs(out[i]);
}

void
quant_values_read(const struct values *v, size_t from, size_t n, double *out)
{
	const size_t length = v->strip.length;

	while (n > 0) {
		const size_t i = from % length, rest = length - i, some = n < rest ? n : rest;

		copy(v, tmo_strip_line(&v->strip, from / length) + i * v->strip.step, some, out);
		out += some;
		from += some;
		n -= some;
	}
}

int
quant_bins_new(struct bins *b, size_t n, bool sums, struct tmo_error *err)
{
	*b = (struct bins){.n = n, .count = tmo_alloc(n, sizeof(*b->count), err)};
	if (b->count == NULL)
		return -1;
	b->sum = sums ? tmo_alloc(n, sizeof(*b->sum), err) : NULL;
	return sums && b->sum == NULL ? -1 : 0;
}

void
quant_bins_free(struct bins *b)
{
	free(b->count);
	free(b->sum);
	b->count = NULL;
	b->sum = NULL;
}

static void
count_some(struct bins *b, const double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		size_t bin;

		if (!(x[i] >= b->low && x[i] <= b->high))
			continue;
		bin = quant_bin_of(b, x[i]);
		b->count[bin]++;
		if (b->sum != NULL)
			b->sum[bin] += x[i];
		b->squares += x[i] * x[i];
	}
}

/* The same of values that count several times; no more than their numbers are wanted. */
static void
count_often(struct bins *b, const double *x, const double *times, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (x[i] >= b->low && x[i] <= b->high)
			b->count[quant_bin_of(b, x[i])] += (uint64_t)times[i];
}

struct job {
	struct bins *part;
	const struct values *v;
	size_t each;
};

static void
count_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	const size_t start = chunk * w->each;
	const size_t end = w->v->count - start < w->each ? w->v->count : start + w->each;
	double x[BLOCK];

	for (size_t i = start; i < end; i += BLOCK) {
		const size_t n = end - i < BLOCK ? end - i : BLOCK;

		quant_values_read(w->v, i, n, x);
		if (w->v->times != NULL)
			count_often(&w->part[chunk], x, w->v->times + i, n);
		else
			count_some(&w->part[chunk], x, n);
	}
}

static void
merge(struct bins *b, const struct bins *part)
{
	for (size_t i = 0; i < b->n; i++)
		b->count[i] += part->count[i];
	for (size_t i = 0; b->sum != NULL && i < b->n; i++)
		b->sum[i] += part->sum[i];
	b->squares += part->squares;
}

int
quant_bins_count(struct bins *b, const struct values *v, double low, double high, int threads,
                 struct tmo_error *err)
{
	size_t chunks = (v->count + CHUNK - 1) / CHUNK;
	struct bins part[CHUNKS_MAX];
	struct job w = {.part = part, .v = v};
	int status = 0;

	chunks = chunks > CHUNKS_MAX ? CHUNKS_MAX : chunks;
	w.each = (v->count + chunks - 1) / chunks;
	chunks = (v->count + w.each - 1) / w.each;
	b->low = low;
	b->high = high;
	b->squares = 0;
	b->width = (high - low) / (double)b->n;
	if (!(b->width > 0))
		b->width = 1;
	memset(b->count, 0, b->n * sizeof(*b->count));
	if (b->sum != NULL)
		memset(b->sum, 0, b->n * sizeof(*b->sum));
	part[0] = *b;
	for (size_t i = 1; i < chunks; i++) {
		if (quant_bins_new(&part[i], b->n, b->sum != NULL, err) < 0)
			status = -1;
		part[i].low = b->low;
		part[i].high = b->high;
		part[i].width = b->width;
	}
	if (status == 0)
		tmo_parallel_for(threads, chunks, count_chunk, &w);
	b->squares = part[0].squares;
	for (size_t i = 1; i < chunks; i++) {
		if (status == 0)
			merge(b, &part[i]);
		quant_bins_free(&part[i]);
	}
	return status;
}
