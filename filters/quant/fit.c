/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "codebook_usage.h"
#include "fit_methods.h"
#include "real.h"

#define CHUNK ((size_t)1 << 16)		/* values in entries that one thread takes at a time */
#define LARGE ((size_t)1 << 18)		/* few entries of so many: the threads share each */
#define MANY 16

struct job {
	const struct fit *fit;
	const struct tmo_blocks *b;
	bool wide;
	const void *x;
	void *lo, *hi, *scale;
	size_t together;		/* entries in a chunk */
	int threads;			/* that share one entry */
	atomic_size_t done;		/* entries */
};

/* The power of two that brings x > 0 to [1, 2), or as near as there is one. */
static double
factor_for(double x)
{
	int exponent;

	frexp(x, &exponent);
	return ldexp(1, exponent < -1000 ? 1000 : 1 - exponent);
}

/* A scale that is a number of the type, and no code beyond the limit. */
static double
settle_scale(const struct job *w, double scale, double largest)
{
	const double limit = w->fit->codes.limit;
	const double least = w->wide ? 0x1p-1074 : 0x1p-149;

	if (scale * largest > limit)
		scale = limit / largest * (w->wide ? 1 - 0x1p-53 : 1 - 0x1p-24);
	return scale < least ? least : scale;
}

/* The zero point of a window of integer levels. */
static double
zero_of(const struct job *w, const struct fit_room *room, size_t window)
{
	return w->fit->codes.symmetric ? 0 : w->fit->codes.low - room->levels.level[window];
}

static double
largest_of(const struct mse_levels *l, size_t window)
{
	const double low = l->level[window], high = l->level[window + l->window - 1];

	return -low > high ? -low : high;
}

static int
fit_entry(const struct job *w, size_t entry, struct fit_room *room, struct tmo_error *err)
{
	const struct fit *const f = w->fit;
	struct values v = quant_values_of(w->b, w->wide, w->x, entry);
	double lo = quant_get(w->lo, w->wide, entry), hi = quant_get(w->hi, w->wide, entry);
	struct mse_found found;

	if (f->times != NULL) {
		v.times = f->times + v.strip.start;
		quant_used_range(&v, &lo, &hi);
	}
	if (lo == 0 && hi == 0) {
		quant_set(w->scale, w->wide, entry, 1);
		quant_set(w->lo, w->wide, entry, 0);
		quant_set(w->hi, w->wide, entry, 0);
		return 0;
	}
	v.factor = factor_for(-lo > hi ? -lo : hi);
	lo *= v.factor;
	hi *= v.factor;
	if (f->method == FIT_MSE) {
		if (quant_fit_mse(&v, lo, hi, f->pow2, &found, room, err) < 0)
			return -1;
		quant_set(w->scale, w->wide, entry,
		          settle_scale(w, found.scale / v.factor,
		                       largest_of(&room->levels, found.window)));
		quant_set(w->lo, w->wide, entry, zero_of(w, room, found.window));
		return 0;
	}
	if ((f->method == FIT_PERCENTILE ?
	     quant_fit_percentile(&v, f->percentile, f->codes.symmetric, &lo, &hi, room, err) :
	     quant_fit_entropy(&v, (size_t)(f->codes.high - f->codes.low + 2) / 2, &lo, &hi, room,
	                       err)) < 0)
		return -1;
	quant_set(w->lo, w->wide, entry, lo / v.factor);
	quant_set(w->hi, w->wide, entry, hi / v.factor);
	return 0;
}

static int
fit_chunk(void *arg, size_t chunk, struct tmo_error *err)
{
	struct job *const w = arg;
	const size_t from = chunk * w->together;
	const size_t end = from + w->together < w->b->entries ? from + w->together : w->b->entries;
	struct fit_room room = {.threads = w->threads};
	int status = 0;

	if (w->fit->method == FIT_MSE)
		quant_mse_levels(&w->fit->codes, &room.levels);
	for (size_t i = from; i < end && status == 0; i++)
		status = fit_entry(w, i, &room, err);
	quant_mse_free(&room.points);
	quant_bins_free(&room.bins);
	free(room.keys);
	free(room.spare);
	if (status == 0 && w->fit->tell != NULL)
		w->fit->tell(w->fit->tell_arg, (double)(atomic_fetch_add(&w->done, end - from) + end - from) /
		                               (double)w->b->entries);
	return status;
}

static int
fit_entries(struct job *w, int threads, struct tmo_error *err)
{
	const size_t entries = w->b->entries, each = w->b->count / entries;
	const bool shared = each >= LARGE && entries < MANY;
	size_t chunks;

	w->together = each < CHUNK ? CHUNK / (each + 1) + 1 : 1;
	w->threads = shared ? threads : 1;
	chunks = (entries + w->together - 1) / w->together;
	return tmo_parallel_try(shared ? 1 : threads, chunks, fit_chunk, w, err);
}

static double
power_from(double x)
{
	int exponent;
	const double fraction = frexp(x, &exponent);

	/* 2^1024 is no number: the last power below has to do. */
	return ldexp(1, fraction > 0.5 && exponent < DBL_MAX_EXP ? exponent : exponent - 1);
}

/* The least power of two with which the codes span the range, and the zero point. */
static void
span_pow2(const struct job *w, size_t entry)
{
	const struct code_range *const c = &w->fit->codes;
	const double lo = quant_get(w->lo, w->wide, entry), hi = quant_get(w->hi, w->wide, entry);
	const double width = c->symmetric ? (-lo > hi ? -lo : hi) / c->steps :
		hi / c->steps - lo / c->steps;
	double scale = width > 0 ? power_from(width) : 1, zero;

	while (scale * c->steps > c->limit)
		scale /= 2;
	zero = c->symmetric ? 0 : rint(-lo / scale);
	quant_set(w->scale, w->wide, entry, settle_scale(w, scale, 0));
	quant_set(w->lo, w->wide, entry, zero < c->steps ? zero : c->steps);
}

int
quant_fit(const struct fit *fit, const struct tmo_blocks *b, bool wide, const void *x, void *lo,
          void *hi, void *scale, int threads, struct tmo_error *err)
{
	struct job w = {
		.fit = fit, .b = b, .wide = wide, .x = x, .lo = lo, .hi = hi, .scale = scale,
	};

	assert(fit->method != FIT_PERCENTILE || (fit->percentile >= 50 && fit->percentile <= 100));
	assert(fit->codes.steps > 0);
	if (fit->method != FIT_MINMAX && fit_entries(&w, threads, err) < 0)
		return -1;
	if (fit->method == FIT_MSE)
		return 0;
	if (fit->pow2)
		for (size_t i = 0; i < b->entries; i++)
			span_pow2(&w, i);
	else if (wide)
		quant_scale_f64(&fit->codes, b->entries, lo, hi, scale);
	else
		quant_scale_f32(&fit->codes, b->entries, lo, hi, scale);
	return 0;
}
