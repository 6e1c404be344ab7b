/* SPDX-License-Identifier: Apache-2.0 */
#include "measure.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "base/minifloat.h"

#define CHUNK ((size_t)1 << 16)
#define BLOCK 512		/* of a chunk, as f64 at a time */
#define LEAST 0x1p-1022		/* that a sum of errors does not fall below where something differs */

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
eval_measure_zeros(const void *data, enum tmo_type type, size_t n, int threads, size_t *zeros,
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

/* What f64 values are divided by, so that squares neither overflow nor vanish; 0: all are zero. */
static double
unit_of(const void *data, enum tmo_type type, size_t start, size_t n)
{
	const double *v = (const double *)data + start;
	double most = 0.0;

	if (type != TMO_F64)
		return 1.0;
	for (size_t i = 0; i < n; i++)
		if (fabs(v[i]) > most && isfinite(v[i]))
			most = fabs(v[i]);
	if (most <= 0.0)
		return 0.0;
	return most > 0x1p480 ? 0x1p600 : most < 0x1p-480 ? 0x1p-600 : 1.0;
}

static void
divide(double *v, size_t n, double unit)
{
	for (size_t i = 0; i < n; i++)
		v[i] /= unit;
}

static void
difference_chunk(void *arg, size_t chunk)
{
	struct comparison *c = arg;
	const size_t start = chunk * CHUNK, n = chunk_length(c->n, chunk);
	struct difference d = { .unit = fmax(unit_of(c->reference, c->reference_type, start, n),
	                                     unit_of(c->x, c->type, start, n)) };
	const bool scaled = d.unit > 0.0 && (d.unit < 1.0 || d.unit > 1.0);
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
		if (scaled) {
			divide(r, m, d.unit);
			divide(x, m, d.unit);
		}
		for (size_t k = 0; k < m; k++)
			compare(&d, r[k], x[k], r[k] - x[k]);
	}
	d.error = d.largest > 0.0 ? fmax(d.error, LEAST) : 0.0;
	if (scaled)
		d.largest *= d.unit;
	c->part[chunk] = d;
}

int
eval_measure_difference(const void *reference, enum tmo_type reference_type, const void *x,
                        enum tmo_type type, size_t n, int threads, struct difference *d,
                        struct tmo_error *err)
{
	struct comparison c = {
		reference, x, reference_type, type, n,
		tmo_alloc(chunks_of(n), sizeof(struct difference), err),
	};

	assert(reference_type != TMO_NONE && type != TMO_NONE);
	*d = (struct difference){ 0 };
	if (c.part == NULL)
		return -1;
	tmo_parallel_for(threads, chunks_of(n), difference_chunk, &c);
	for (size_t i = 0; i < chunks_of(n); i++)
		eval_difference_add(d, &c.part[i]);
	free(c.part);
	return 0;
}

/* The same sums in a larger unit. */
static void
set_unit(struct difference *d, double unit)
{
	const double share = d->unit / unit * (d->unit / unit);

	d->square *= share;
	d->square_x *= share;
	d->product *= share;
	if (d->error > 0.0 && isfinite(d->error))
		d->error = fmax(d->error * share, LEAST);
	d->unit = unit;
}

void
eval_difference_add(struct difference *sum, const struct difference *added)
{
	struct difference copy = *added, *const d = &copy;

	if (d->unit > sum->unit)
		set_unit(sum, d->unit);
	else if (d->unit < sum->unit)
		set_unit(d, sum->unit);
	sum->square += d->square;
	sum->square_x += d->square_x;
	sum->product += d->product;
	sum->error += d->error;
	if (d->largest > sum->largest)
		sum->largest = d->largest;
}

double
eval_difference_sqnr(const struct difference *d)
{
	const double ratio = d->square / d->error;

	if (d->error <= 0.0)
		return INFINITY;
	return 10.0 * (isfinite(ratio) ? log10(ratio) : log10(d->square) - log10(d->error));
}

double
eval_difference_cosine(const struct difference *d)
{
	if (d->square <= 0.0 || d->square_x <= 0.0)
		return d->square <= 0.0 && d->square_x <= 0.0 ? 1.0 : 0.0;
	/* Equal ones give 1, whatever sqrt makes of the squares. */
	if (d->error <= 0.0)
		return 1.0;
	return fmax(-1.0, fmin(1.0, d->product / (sqrt(d->square) * sqrt(d->square_x))));
}
