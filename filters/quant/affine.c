/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "affine.h"
#include "io.h"
#include "range.h"

#define CHUNK ((size_t)1 << 17)		/* elements, about */

struct job {
	const struct affine *a;
	size_t together;		/* spans in a chunk */
	void *lo, *hi;			/* of all parts, then of all entries; lo becomes the zero point */
	bool *odd;			/* of each chunk: a value is NaN or infinite */
};

static void
measure_span(const struct job *w, const struct span *s, bool *odd)
{
	const size_t cols = w->a->layout->cols, rows = s->extent / cols;
	const bool finite = w->a->wide ?
		quant_range_f64((const double *)w->a->x + s->start, rows, cols,
		                (double *)w->lo + s->part, (double *)w->hi + s->part) :
		quant_range_f32((const float *)w->a->x + s->start, rows, cols,
		                (float *)w->lo + s->part, (float *)w->hi + s->part);

	*odd |= !finite;
}

static void
round_span(const struct job *w, const struct span *s)
{
	const struct affine *const a = w->a;
	const size_t cols = a->layout->cols, rows = s->extent / cols;

	if (a->wide)
		quant_round_f64(&a->range, (const double *)a->x + s->start, rows, cols,
		                (double *)a->scale + s->entry, (double *)w->lo + s->entry,
		                a->codes + s->start);
	else
		quant_round_f32(&a->range, (const float *)a->x + s->start, rows, cols,
		                (float *)a->scale + s->entry, (float *)w->lo + s->entry,
		                a->codes + s->start);
}

/* Scales and zero points of entries [from, to), from their ranges. */
static void
scale_entries(const struct job *w, size_t from, size_t to)
{
	const struct affine *const a = w->a;

	if (a->wide)
		quant_scale_f64(&a->range, to - from, (double *)w->lo + from, (double *)w->hi + from,
		                (double *)a->scale + from);
	else
		quant_scale_f32(&a->range, to - from, (float *)w->lo + from, (float *)w->hi + from,
		                (float *)a->scale + from);
	for (size_t i = from; i < to && a->zero_point != NULL; i++)
		a->zero_point[i] = (unsigned char)(a->wide ? ((const double *)w->lo)[i] :
		                                   (double)((const float *)w->lo)[i]);
}

static size_t
chunk_end(const struct job *w, size_t chunk)
{
	const size_t end = (chunk + 1) * w->together, spans = w->a->layout->spans;

	return end < spans ? end : spans;
}

static void
measure_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	struct span s;

	quant_span_at(w->a->layout, chunk * w->together, &s);
	for (size_t i = chunk * w->together; i < chunk_end(w, chunk); i++) {
		measure_span(w, &s, &w->odd[chunk]);
		quant_span_next(w->a->layout, &s);
	}
}

static void
round_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	struct span s;

	quant_span_at(w->a->layout, chunk * w->together, &s);
	for (size_t i = chunk * w->together; i < chunk_end(w, chunk); i++) {
		round_span(w, &s);
		quant_span_next(w->a->layout, &s);
	}
}

/* Where each span has its own entries: all steps while the values are in the cache. */
static void
whole_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	const size_t cols = w->a->layout->cols;

	measure_chunk(arg, chunk);
	if (w->odd[chunk])
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
		x = a->wide ? ((const double *)a->x)[i] : (double)((const float *)a->x)[i];
		if (!isfinite(x))
			break;
	}
	return tmo_fail(err, "%s at %s %zu; mend it, or leave the tensor out with --skip",
	                isnan(x) ? "NaN" : "infinity", a->what, i);
}

int
quant_affine(const struct affine *a, int threads, struct tmo_error *err)
{
	const struct layout *const l = a->layout;
	const size_t size = a->wide ? sizeof(double) : sizeof(float);
	struct job w = {.a = a, .together = CHUNK / l->piece > 0 ? CHUNK / l->piece : 1};
	const size_t chunks = (l->spans + w.together - 1) / w.together;
	int status = -1;
	bool odd = false;

	w.lo = tmo_alloc(l->spans * l->cols, size, err);
	w.hi = tmo_alloc(l->spans * l->cols, size, err);
	w.odd = tmo_alloc(chunks, sizeof(*w.odd), err);
	if (w.lo == NULL || w.hi == NULL || w.odd == NULL)
		goto out;
	tmo_parallel_for(threads, chunks, quant_layout_folds(l) ? measure_chunk : whole_chunk, &w);
	for (size_t i = 0; i < chunks; i++)
		odd |= w.odd[i];
	if (odd) {
		fail_at_odd(a, l->line * l->lines, err);
		goto out;
	}
	if (quant_layout_folds(l)) {
		if (a->wide)
			quant_fold_f64(l, w.lo, w.hi);
		else
			quant_fold_f32(l, w.lo, w.hi);
		scale_entries(&w, 0, l->entries);
		tmo_parallel_for(threads, chunks, round_chunk, &w);
	}
	status = 0;
out:
	free(w.lo);
	free(w.hi);
	free(w.odd);
	return status;
}
