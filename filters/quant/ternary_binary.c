/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/parallel.h"
#include "base/sort.h"
#include "real.h"
#include "ternary_binary.h"
#include "values.h"

#define CHUNK ((size_t)1 << 17)		/* elements, about */
#define TWN_BORDER 0.7			/* of the mean magnitude */

struct job {
	const struct sign_scales *how;
	const struct tmo_blocks *blocks;
	bool wide;
	const void *x;
	void *border, *scale;
	size_t together;		/* spans in a chunk */
	double *sum, *count;		/* of all parts, then of all entries: magnitudes above */
	double *above;			/* this, of each entry */
};

#define REAL float
#define NAME(name) name##_f32
#include "ternary_binary_body.h"
#undef REAL
#undef NAME

#define REAL double
#define NAME(name) name##_f64
#include "ternary_binary_body.h"

/* A power of two may be larger than all that it was made of. */
static void
store_scale(const struct job *w, size_t i, double scale)
{
	while (scale > w->how->limit)
		scale /= 2;
	quant_set(w->scale, w->wide, i, scale);
}

static void
add_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	const struct tmo_blocks *const b = w->blocks;
	const size_t start = chunk * w->together;
	const size_t end = b->spans - start < w->together ? b->spans : start + w->together;
	struct tmo_span s;

	tmo_span_at(b, start, &s);
	for (size_t i = start; i < end; i++, tmo_span_next(b, &s)) {
		const size_t rows = s.rows;
		double *const sum = w->sum + s.part, *const count = w->count + s.part;
		const double *const above = w->above + s.entry;

		if (w->wide)
			add_f64((const double *)w->x + s.start, rows, b->cols, above, sum, count);
		else
			add_f32((const float *)w->x + s.start, rows, b->cols, above, sum, count);
	}
}

/* Sums and counts of all parts to those of the entries, in place and in order: see quant_fold. */
static void
fold(const struct job *w)
{
	const struct tmo_blocks *const b = w->blocks;
	struct tmo_span s;

	if (!tmo_blocks_fold(b))
		return;
	tmo_span_at(b, 0, &s);
	for (size_t i = 0; i < b->spans; i++, tmo_span_next(b, &s)) {
		for (size_t j = 0; j < b->cols; j++) {
			const double sum = w->sum[s.part + j], count = w->count[s.part + j];

			w->sum[s.entry + j] = s.first ? sum : w->sum[s.entry + j] + sum;
			w->count[s.entry + j] = s.first ? count : w->count[s.entry + j] + count;
		}
	}
}

static void
add_all(struct job *w, int threads)
{
	tmo_parallel_for(threads, (w->blocks->spans + w->together - 1) / w->together, add_chunk, w);
	fold(w);
}

/* The power of two that is nearest to a positive x; of two equally near the lower. */
static double
nearest_power(double x)
{
	int exponent;
	const double fraction = frexp(x, &exponent);

	return ldexp(fraction > 0.75 && exponent < DBL_MAX_EXP ? 1 : 0.5, exponent);
}

static int
published_rules(struct job *w, int threads, struct tmo_error *err)
{
	const size_t entries = w->blocks->entries;

	for (size_t i = 0; i < entries; i++)
		w->above[i] = -1;
	add_all(w, threads);
	for (size_t i = 0; i < entries; i++)
		if (!isfinite(w->sum[i]))
			return tmo_fail(err, "weights are too large to be added up; scale them down");
	if (w->how->kind == CODE_TERNARY) {
		for (size_t i = 0; i < entries; i++) {
			const double border = TWN_BORDER * (w->sum[i] / w->count[i]);

			quant_set(w->border, w->wide, i, border);
			w->above[i] = w->wide ? border : (double)(float)border;
		}
		add_all(w, threads);
	}
	for (size_t i = 0; i < entries; i++) {
		const double mean = w->sum[i] > 0 ? w->sum[i] / w->count[i] : 1;

		store_scale(w, i, w->how->pow2 ? nearest_power(mean) : mean);
	}
	return 0;
}

/* How many of the sorted magnitudes are above a border. */
static size_t
count_above(const double *sorted, size_t n, double border)
{
	size_t low = 0, high = n;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;

		if (sorted[middle] > border)
			high = middle;
		else
			low = middle + 1;
	}
	return n - low;
}

static double
sum_of_last(const double *sorted, size_t n, size_t k)
{
	double sum = 0;

	for (size_t i = n; i > n - k; i--)
		sum += sorted[i - 1];
	return sum;
}

/* For a scale s the error falls by 2 s (sum of the k above s / 2) - k s^2, in units of the largest. */
static double
best_power(const double *sorted, size_t n, double *border)
{
	const double top = sorted[n - 1];
	double best = -1, scale = 1;
	int exponent;

	frexp(top, &exponent);
	for (double s = ldexp(exponent < DBL_MAX_EXP ? 1 : 0.5, exponent); s > 0; s /= 2) {
		const size_t k = count_above(sorted, n, s / 2);
		const double sum = sum_of_last(sorted, n, k) / top, part = s / top;
		const double gain = 2 * part * sum - (double)k * part * part;

		if (gain > best) {
			best = gain;
			scale = s;
		}
		/* With no more to come in, and s below their mean, it only falls from here on. */
		if ((k == n || sorted[n - k - 1] == 0) && (double)k * part <= sum)
			break;
	}
	*border = scale / 2;
	return scale;
}

double
quant_best_ternary(const double *sorted, size_t n, bool pow2, double *border)
{
	const double top = sorted[n - 1];
	double best = -1, sum = 0, scale = 1;

	*border = 0;
	if (top == 0)
		return 1;
	if (pow2)
		return best_power(sorted, n, border);
	for (size_t k = 1; k <= n && sorted[n - k] > 0; k++) {
		const double below = k < n ? sorted[n - k - 1] : 0;

		sum += sorted[n - k] / top;
		/* Equal magnitudes stay together. */
		if ((k == n || below < sorted[n - k]) && sum * sum / (double)k > best) {
			best = sum * sum / (double)k;
			scale = sum / (double)k * top;
			*border = below;
		}
	}
	return scale;
}

static int
best_of_entry(struct job *w, size_t entry, int threads, struct tmo_error *err)
{
	struct values magnitudes = quant_values_of(w->blocks, w->wide, w->x, entry);
	const size_t n = magnitudes.count;
	double *const values = tmo_alloc(n, sizeof(*values), err);
	uint64_t *keys = tmo_alloc(n, sizeof(*keys), err), *spare = tmo_alloc(n, sizeof(*spare), err);
	double scale, border;
	int status = -1;

	if (values == NULL || keys == NULL || spare == NULL)
		goto out;
	magnitudes.magnitudes = true;
	quant_values_read(&magnitudes, 0, n, values);
	for (size_t i = 0; i < n; i++)
		keys[i] = tmo_key_f64(values[i]);
	if (tmo_sort_u64(&keys, &spare, n, threads, err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++)
		values[i] = tmo_f64_of_key(keys[i]);
	scale = quant_best_ternary(values, n, w->how->pow2, &border);
	store_scale(w, entry, scale);
	quant_set(w->border, w->wide, entry, border);
	status = 0;
out:
	free(values);
	free(keys);
	free(spare);
	return status;
}

static int
best_in_parallel(void *arg, size_t entry, struct tmo_error *err)
{
	return best_of_entry(arg, entry, 1, err);
}

static int
best_of_all(struct job *w, int threads, struct tmo_error *err)
{
	const size_t entries = w->blocks->entries;

	if (entries == 1)
		return best_of_entry(w, 0, threads, err);
	return tmo_parallel_try(threads, entries, best_in_parallel, w, err);
}

int
quant_sign_scales(const struct sign_scales *how, const struct tmo_blocks *b, bool wide, const void *x,
                  void *border, void *scale, int threads, struct tmo_error *err)
{
	struct job w = {
		.how = how, .blocks = b, .wide = wide, .x = x, .border = border, .scale = scale,
		.together = CHUNK / b->piece > 0 ? CHUNK / b->piece : 1,
	};
	int status = -1;

	w.sum = tmo_alloc(b->spans * b->cols, sizeof(*w.sum), err);
	w.count = tmo_alloc(b->spans * b->cols, sizeof(*w.count), err);
	w.above = tmo_alloc(b->entries, sizeof(*w.above), err);
	if (w.sum == NULL || w.count == NULL || w.above == NULL)
		goto out;
	status = how->best && how->kind == CODE_TERNARY ? best_of_all(&w, threads, err) :
		published_rules(&w, threads, err);
out:
	free(w.sum);
	free(w.count);
	free(w.above);
	return status;
}
