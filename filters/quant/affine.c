/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "affine.h"
#include "base/memory.h"
#include "nonuniform.h"
#include "range.h"
#include "real.h"
#include "ternary_binary.h"

#define CHUNK ((size_t)1 << 17)		/* elements, about */

struct job {
	const struct affine *a;
	size_t together;		/* spans in a chunk */
	void *lo, *hi;			/* of all parts, then of all entries; lo becomes the zero
					   point or border, hi the factor if there is one */
	bool *nonfinite;		/* of each chunk: a value is NaN or infinite */
};

static void
measure_span(const struct job *w, const struct tmo_span *s, bool *nonfinite)
{
	const size_t cols = w->a->blocks->cols, rows = s->rows;
	const bool finite = w->a->wide ?
		quant_range_f64((const double *)w->a->x + s->start, rows, cols,
		                (double *)w->lo + s->part, (double *)w->hi + s->part) :
		quant_range_f32((const float *)w->a->x + s->start, rows, cols,
		                (float *)w->lo + s->part, (float *)w->hi + s->part);

	*nonfinite |= !finite;
}

static void
round_span(const struct job *w, const struct tmo_span *s)
{
	const struct affine *const a = w->a;
	const struct code_range *const codes = &a->fit.codes;
	const size_t cols = a->blocks->cols, rows = s->rows;
	const void *const by = codes->by_factor ? w->hi : a->scale;

	if (a->wide)
		(codes->kind == CODE_INT ? quant_round_f64 : quant_nonuniform_f64)
			(codes, (const double *)a->x + s->start, rows, cols,
			 (const double *)by + s->entry, (double *)w->lo + s->entry,
			 a->codes + s->start);
	else
		(codes->kind == CODE_INT ? quant_round_f32 : quant_nonuniform_f32)
			(codes, (const float *)a->x + s->start, rows, cols,
			 (const float *)by + s->entry, (float *)w->lo + s->entry,
			 a->codes + s->start);
}

/* What TensorFlow Lite multiplies by: 127 / range, not 1 / scale, which was rounded before. */
static void
make_factors(const struct job *w, size_t from, size_t to)
{
	const double steps = w->a->fit.codes.steps, most = w->a->wide ? DBL_MAX : (double)FLT_MAX;

	for (size_t i = from; i < to; i++) {
		const double range = quant_get(w->hi, w->a->wide, i);

		quant_set(w->hi, w->a->wide, i, range > 0 ? fmin(steps / range, most) : 1);
	}
}

/* hi becomes the larger magnitude; what the scale of symmetric codes comes from does not change. */
static void
make_symmetric(const struct job *w, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		quant_set(w->hi, w->a->wide, i, fmax(-quant_get(w->lo, w->a->wide, i),
		                                     quant_get(w->hi, w->a->wide, i)));
}

static void
store_zero_points(const struct job *w, size_t from, size_t to)
{
	for (size_t i = from; i < to && w->a->zero_point != NULL; i++)
		w->a->zero_point[i] = (unsigned char)quant_get(w->lo, w->a->wide, i);
}

/* Scales and zero points of entries [from, to), from their ranges. */
static void
scale_entries(const struct job *w, size_t from, size_t to)
{
	const struct affine *const a = w->a;
	const struct code_range *const codes = &a->fit.codes;

	if (codes->by_factor)
		make_symmetric(w, from, to);
	if (a->wide)
		quant_scale_f64(codes, to - from, (double *)w->lo + from, (double *)w->hi + from,
		                (double *)a->scale + from);
	else
		quant_scale_f32(codes, to - from, (float *)w->lo + from, (float *)w->hi + from,
		                (float *)a->scale + from);
	if (codes->by_factor)
		make_factors(w, from, to);
	store_zero_points(w, from, to);
}

static bool
is_mean(const struct affine *a)
{
	return a->fit.codes.kind == CODE_TERNARY || a->fit.codes.kind == CODE_BINARY;
}

/* Whether the scale of an entry needs no more than its range. */
static bool
is_range(const struct affine *a)
{
	return a->fit.method == FIT_MINMAX && !a->fit.pow2 && !is_mean(a);
}

/* Scales and zero points of all entries, by more than their ranges. */
static int
fit_entries(const struct job *w, int threads, struct tmo_error *err)
{
	const struct affine *const a = w->a;
	const struct fit *const fit = &a->fit;
	const struct sign_scales means = {
		.kind = fit->codes.kind, .best = fit->method == FIT_MSE, .pow2 = fit->pow2,
		.limit = fit->codes.limit,
	};
	const size_t entries = a->blocks->entries;

	if (is_mean(a))
		return quant_sign_scales(&means, a->blocks, a->wide, a->x, w->lo, a->scale, threads,
		                         err);
	if (quant_fit(fit, a->blocks, a->wide, a->x, w->lo, w->hi, a->scale, threads, err) < 0)
		return -1;
	for (size_t i = 0; i < entries && fit->codes.by_factor; i++)
		quant_set(w->hi, a->wide, i, quant_get(a->scale, a->wide, i) * fit->codes.steps);
	if (fit->codes.by_factor)
		make_factors(w, 0, entries);
	store_zero_points(w, 0, entries);
	return 0;
}

static size_t
chunk_end(const struct job *w, size_t chunk)
{
	const size_t end = (chunk + 1) * w->together, spans = w->a->blocks->spans;

	return end < spans ? end : spans;
}

static void
measure_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	struct tmo_span s;

	tmo_span_at(w->a->blocks, chunk * w->together, &s);
	for (size_t i = chunk * w->together; i < chunk_end(w, chunk); i++) {
		measure_span(w, &s, &w->nonfinite[chunk]);
		tmo_span_next(w->a->blocks, &s);
	}
}

static void
round_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	struct tmo_span s;

	tmo_span_at(w->a->blocks, chunk * w->together, &s);
	for (size_t i = chunk * w->together; i < chunk_end(w, chunk); i++) {
		round_span(w, &s);
		tmo_span_next(w->a->blocks, &s);
	}
}

/* Where each span has its own entries: all steps while the values are in the cache. */
static void
whole_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	const size_t cols = w->a->blocks->cols;

	measure_chunk(arg, chunk);
	if (w->nonfinite[chunk])
		return;
	scale_entries(w, chunk * w->together * cols, chunk_end(w, chunk) * cols);
	round_chunk(arg, chunk);
}

static int
fail_at_odd(const struct affine *a, size_t count, struct tmo_error *err)
{
	size_t i = 0;
	double x = 0;

	for (; i < count; i++) {
		x = quant_get(a->x, a->wide, i);
		if (!isfinite(x))
			break;
	}
	return tmo_fail(err, "%s at %s %zu; mend it, say --nan zero, or leave the tensor out with --skip",
	                isnan(x) ? "NaN" : "infinity", a->what, i);
}

static int
fail_at_zero(const struct affine *a, size_t count, struct tmo_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (quant_get(a->x, a->wide, i) == 0)
			return tmo_fail(err, "0 at %s %zu has no binary code; take --type ternary, or "
			                "leave the tensor out with --skip", a->what, i);
	return 0;
}

/* All ranges are known; where they are all that is needed, and their own, so are the codes. */
static int
finish(struct job *w, size_t chunks, int threads, struct tmo_error *err)
{
	const struct affine *const a = w->a;
	const struct tmo_blocks *const b = a->blocks;
	const bool folds = tmo_blocks_fold(b);

	if (!folds && is_range(a))
		return 0;
	if (folds && a->wide)
		quant_fold_f64(b, w->lo, w->hi);
	else if (folds)
		quant_fold_f32(b, w->lo, w->hi);
	if (is_range(a))
		scale_entries(w, 0, b->entries);
	else if (fit_entries(w, threads, err) < 0)
		return -1;
	tmo_parallel_for(threads, chunks, round_chunk, w);
	return 0;
}

int
quant_affine(const struct affine *a, int threads, struct tmo_error *err)
{
	const struct tmo_blocks *const b = a->blocks;
	const size_t size = a->wide ? sizeof(double) : sizeof(float);
	struct job w = {.a = a, .together = CHUNK / b->piece > 0 ? CHUNK / b->piece : 1};
	const size_t chunks = (b->spans + w.together - 1) / w.together;
	const bool at_once = !tmo_blocks_fold(b) && is_range(a);
	int status = -1;
	bool nonfinite = false;

	assert(a->scale != NULL && (b->count == 0 || (a->x != NULL && a->codes != NULL)));
	w.lo = tmo_alloc(b->spans * b->cols, size, err);
	w.hi = tmo_alloc(b->spans * b->cols, size, err);
	w.nonfinite = tmo_alloc(chunks, sizeof(*w.nonfinite), err);
	if (w.lo == NULL || w.hi == NULL || w.nonfinite == NULL)
		goto out;
	tmo_parallel_for(threads, chunks, at_once ? whole_chunk : measure_chunk, &w);
	for (size_t i = 0; i < chunks; i++)
		nonfinite |= w.nonfinite[i];
	if (nonfinite)
		fail_at_odd(a, b->count, err);
	else if (a->fit.codes.kind != CODE_BINARY || fail_at_zero(a, b->count, err) == 0)
		status = finish(&w, chunks, threads, err);
out:
	free(w.lo);
	free(w.hi);
	free(w.nonfinite);
	return status;
}
