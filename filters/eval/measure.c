/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "float.h"
#include "io.h"

#define CHUNK ((size_t)1 << 16)
#define BLOCK 512		/* of a chunk, as f64 at a time */

static size_t
chunks_of(size_t n)
{
	return (n + CHUNK - 1) / CHUNK;
}

static size_t
chunk_length(size_t n, size_t chunk)
{
	return n - chunk * CHUNK < CHUNK ? n - chunk * CHUNK : CHUNK;
}

struct zeros {
	const unsigned char *data;
	enum tmo_type type;
	size_t n, *count;
};

static void
zeros_chunk(void *arg, size_t chunk)
{
	const struct zeros *z = arg;
	const size_t n = chunk_length(z->n, chunk), width = tmo_type_size(z->type);
	const unsigned char *data = z->data + chunk * CHUNK * width;
	double block[BLOCK];
	size_t count = 0;

	for (size_t i = 0; z->type == TMO_F32 && i < n; i++)
		count += ((const float *)(const void *)data)[i] == 0.0f;
	for (size_t i = 0; z->type != TMO_F32 && i < n; i += BLOCK) {
		const size_t m = n - i < BLOCK ? n - i : BLOCK;

		tmo_to_f64(block, z->type, data + i * width, m);
		for (size_t k = 0; k < m; k++)
			count += block[k] == 0.0;
	}
	z->count[chunk] = count;
}

int
measure_zeros(const void *data, enum tmo_type type, size_t n, int threads, size_t *zeros,
              struct tmo_error *err)
{
	struct zeros z = { data, type, n, tmo_alloc(chunks_of(n), sizeof(size_t), err) };

	*zeros = 0;
	if (z.count == NULL)
		return -1;
	tmo_parallel_for(threads, chunks_of(n), zeros_chunk, &z);
	for (size_t i = 0; i < chunks_of(n); i++)
		*zeros += z.count[i];
	free(z.count);
	return 0;
}

struct comparison {
	const unsigned char *reference, *x;
	enum tmo_type reference_type, type;
	size_t n;
	struct difference *part;
};

/* One pair of elements. */
static inline void
compare(struct difference *d, double r, double x, double e)
{
	if (isfinite(r) && isfinite(x)) {
		d->square += r * r;
		d->square_x += x * x;
		d->product += r * x;
		d->error += e * e;
		d->largest = fabs(e) > d->largest ? fabs(e) : d->largest;
	} else if (r != x && !(isnan(r) && isnan(x))) {
		d->error = d->largest = INFINITY;
	}
}

/* 64-bit integers differ by less than a double can tell: the difference is taken first. */
static void
compare_wide(struct difference *d, const struct comparison *c, size_t start, size_t n)
{
	const uint64_t *a = (const void *)c->reference, *b = (const void *)c->x;
	double r[1], x[1];

	for (size_t i = start; i < start + n; i++) {
		tmo_to_f64(r, c->type, a + i, 1);
		tmo_to_f64(x, c->type, b + i, 1);
		compare(d, r[0], x[0], r[0] == x[0] ? (double)(int64_t)(a[i] - b[i]) : r[0] - x[0]);
	}
}

static void
difference_chunk(void *arg, size_t chunk)
{
	struct comparison *c = arg;
	const size_t start = chunk * CHUNK, n = chunk_length(c->n, chunk);
	struct difference d = { 0 };
	double r[BLOCK], x[BLOCK];

	if (c->type == c->reference_type && (c->type == TMO_I64 || c->type == TMO_U64)) {
		compare_wide(&d, c, start, n);
		c->part[chunk] = d;
		return;
	}
	for (size_t i = 0; i < n; i += BLOCK) {
		const size_t m = n - i < BLOCK ? n - i : BLOCK;

		tmo_to_f64(r, c->reference_type,
		           c->reference + (start + i) * tmo_type_size(c->reference_type), m);
		tmo_to_f64(x, c->type, c->x + (start + i) * tmo_type_size(c->type), m);
		for (size_t k = 0; k < m; k++)
			compare(&d, r[k], x[k], r[k] - x[k]);
	}
	c->part[chunk] = d;
}

int
measure_difference(const void *reference, enum tmo_type reference_type, const void *x,
                   enum tmo_type type, size_t n, int threads, struct difference *d,
                   struct tmo_error *err)
{
	struct comparison c = {
		reference, x, reference_type, type, n,
		tmo_alloc(chunks_of(n), sizeof(struct difference), err),
	};

	*d = (struct difference){ 0 };
	if (c.part == NULL)
		return -1;
	tmo_parallel_for(threads, chunks_of(n), difference_chunk, &c);
	for (size_t i = 0; i < chunks_of(n); i++)
		difference_add(d, &c.part[i]);
	free(c.part);
	return 0;
}

void
difference_add(struct difference *sum, const struct difference *d)
{
	sum->square += d->square;
	sum->square_x += d->square_x;
	sum->product += d->product;
	sum->error += d->error;
	if (d->largest > sum->largest)
		sum->largest = d->largest;
}

double
difference_sqnr(const struct difference *d)
{
	return d->error > 0.0 ? 10.0 * log10(d->square / d->error) : INFINITY;
}

double
difference_cosine(const struct difference *d)
{
	if (d->square <= 0.0 || d->square_x <= 0.0)
		return d->square <= 0.0 && d->square_x <= 0.0 ? 1.0 : 0.0;
	/* Equal ones give 1, whatever sqrt makes of the squares. */
	if (d->error <= 0.0)
		return 1.0;
	return d->product / (sqrt(d->square) * sqrt(d->square_x));
}
