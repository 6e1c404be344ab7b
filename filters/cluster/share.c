/* SPDX-License-Identifier: Apache-2.0 */
#include "share.h"

#include <math.h>
#include <stdlib.h>
#include "group.h"
#include "io.h"
#include "optimal.h"

/* What the threads share while a group is counted and its keys are written. */
struct gathering {
	const struct group *g;
	size_t *zeros, *bad;		/* per chunk; zeros: then where its keys begin */
	bool drop_zeros;
	uint32_t *keys32;
	uint64_t *keys64;
};

static void
count_chunk(void *arg, size_t chunk)
{
	struct gathering *w = arg;
	const struct group *g = w->g;
	size_t zeros = 0, bad = SIZE_MAX, a, b;

	group_chunk(g, chunk, &a, &b);
	for (; a < b; a++) {
		const struct stretch s = group_stretch(g, a);

		for (size_t i = s.from; i < s.to; i++) {
			const double x = g->x != NULL ? (double)g->x[i] : g->x64[i];

			zeros += x == 0.0;
			if (!isfinite(x) && bad == SIZE_MAX)
				bad = i;
		}
	}
	w->zeros[chunk] = zeros;
	w->bad[chunk] = bad;
}

/* Fills in zeros and bad, which the caller frees together: zeros is the block. */
static int
count_chunks(struct gathering *w, int threads, struct tmo_error *err)
{
	const size_t chunks = group_chunks(w->g);

	w->zeros = tmo_alloc(2 * chunks, sizeof(size_t), err);
	if (w->zeros == NULL)
		return -1;
	w->bad = w->zeros + chunks;
	tmo_parallel_for(threads, chunks, count_chunk, w);
	return 0;
}

int
group_census(const struct group *g, int threads, struct census *census, struct tmo_error *err)
{
	struct gathering w = { .g = g };

	*census = (struct census){ 0, SIZE_MAX };
	if (count_chunks(&w, threads, err) < 0)
		return -1;
	for (size_t i = 0; i < group_chunks(g); i++) {
		census->zeros += w.zeros[i];
		if (w.bad[i] < census->bad)
			census->bad = w.bad[i];
	}
	free(w.zeros);
	return 0;
}

static void
write_keys(void *arg, size_t chunk)
{
	struct gathering *w = arg;
	const struct group *g = w->g;
	size_t at = w->zeros[chunk], a, b;

	group_chunk(g, chunk, &a, &b);
	for (; a < b; a++) {
		const struct stretch s = group_stretch(g, a);

		/* Adding 0 turns −0 into +0: they are one value. */
		for (size_t i = s.from; g->x != NULL && i < s.to; i++) {
			if (!w->drop_zeros || g->x[i] != 0.0f)
				w->keys32[at++] = tmo_key_f32(g->x[i] + 0.0f);
		}
		for (size_t i = s.from; g->x64 != NULL && i < s.to; i++) {
			if (!w->drop_zeros || g->x64[i] != 0.0)
				w->keys64[at++] = tmo_key_f64(g->x64[i] + 0.0);
		}
	}
}

/* How many weights a chunk has. */
static size_t
chunk_size(const struct group *g, size_t chunk)
{
	size_t size = 0, a, b;

	group_chunk(g, chunk, &a, &b);
	for (; a < b; a++) {
		const struct stretch s = group_stretch(g, a);

		size += s.to - s.from;
	}
	return size;
}

/* The points of the group, without its zeros if they are dropped; p->n is 0 if none is left. */
static int
gather(struct points *p, const struct group *g, bool drop_zeros, size_t *zeros, int threads,
       struct tmo_error *err)
{
	const size_t width = g->x != NULL ? sizeof(uint32_t) : sizeof(uint64_t);
	struct gathering w = { .g = g, .drop_zeros = drop_zeros };
	size_t size = 0;
	void *keys, *spare;

	*p = (struct points){ 0 };
	*zeros = 0;
	if (count_chunks(&w, threads, err) < 0)
		return -1;
	for (size_t i = 0; i < group_chunks(g); i++) {
		const size_t here = w.zeros[i];

		*zeros += here;
		w.zeros[i] = size;
		size += chunk_size(g, i) - (drop_zeros ? here : 0);
	}
	if (size == 0) {
		free(w.zeros);
		return 0;
	}
	keys = tmo_alloc(size, width, err);
	spare = tmo_alloc(size, width, err);
	if (keys == NULL || spare == NULL)
		goto fail;
	if (g->x != NULL) {
		uint32_t *k = w.keys32 = keys, *s = spare;

		tmo_parallel_for(threads, group_chunks(g), write_keys, &w);
		free(w.zeros);
		w.zeros = NULL;
		if (tmo_sort_u32(&k, &s, size, threads, err) < 0)
			goto fail;
		return points_make(p, k, s, NULL, NULL, size, threads, err);
	}
	uint64_t *k = w.keys64 = keys, *s = spare;

	tmo_parallel_for(threads, group_chunks(g), write_keys, &w);
	free(w.zeros);
	w.zeros = NULL;
	if (tmo_sort_u64(&k, &s, size, threads, err) < 0)
		goto fail;
	return points_make(p, NULL, NULL, k, s, size, threads, err);
fail:
	free(w.zeros);
	free(keys);
	free(spare);
	return -1;
}

/* The means of an optimal partition of the points; *count of them. */
static int
means(const struct points *p, size_t most, double *value, size_t *count, int threads,
      struct tmo_error *err)
{
	const size_t k = p->n < most ? p->n : most;
	size_t *cut = tmo_alloc(k + 1, sizeof(*cut), err);

	*count = 0;
	if (cut == NULL)
		return -1;
	if (optimal_cuts(p, k, cut, threads, err) < 0) {
		free(cut);
		return -1;
	}
	for (size_t c = 0; c < k; c++) {
		const double mean = points_mean(p, cut[c], cut[c + 1]);

		value[(*count)++] = p->wide ? mean : (double)(float)mean;
	}
	free(cut);
	return 0;
}

/* The first point above limit. */
static size_t
point_above(const struct points *p, double limit)
{
	size_t low = 0, high = p->n;

	while (low < high) {
		const size_t half = low + (high - low) / 2;

		if (points_value(p, half) > limit)
			high = half;
		else
			low = half + 1;
	}
	return low;
}

/* Drops values that rounding left nearest to nothing, and sets the limits between the others. */
static void
set_limits(struct book *b, const struct points *p)
{
	size_t before = 0, kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		const bool last = i + 1 == b->count;
		const double limit = last ? INFINITY : b->value[i] / 2 + b->value[i + 1] / 2;
		const size_t end = last ? p->n : point_above(p, limit);

		if (end == before)
			continue;
		before = end;
		b->value[kept] = b->value[i];
		b->limit[kept++] = limit;
	}
	/* What was kept before a dropped one reaches up to the next that is kept. */
	for (size_t i = 0; i + 1 < kept; i++)
		b->limit[i] = b->value[i] / 2 + b->value[i + 1] / 2;
	b->count = kept;
	b->limits = kept - 1;
}

/* Puts 0.0 into its place, for the zeros. A mean that rounds to 0.0 serves them as it is. */
static void
add_zero(struct book *b)
{
	size_t at = 0;

	while (at < b->count && b->value[at] < 0.0)
		at++;
	if (at < b->count && b->value[at] == 0.0) {
		b->zero = (long)at;
		return;
	}
	for (size_t i = b->count; i > at; i--) {
		b->value[i] = b->value[i - 1];
		b->code[i - 1] = (uint16_t)i;
	}
	b->value[at] = 0.0;
	b->zero = (long)at;
	b->count++;
}

int
book_make(struct book *b, const struct group *g, size_t most, bool keep_zeros, int threads,
          struct tmo_error *err)
{
	struct points p;
	size_t zeros, room;

	*b = (struct book){ .zero = -1 };
	if (gather(&p, g, keep_zeros, &zeros, threads, err) < 0)
		return -1;
	keep_zeros = keep_zeros && zeros > 0;
	if (keep_zeros)
		most--;
	room = (p.n < most ? p.n : most) + 1;
	b->value = tmo_alloc(room, sizeof(*b->value), err);
	b->limit = tmo_alloc(room, sizeof(*b->limit), err);
	b->code = tmo_alloc(room, sizeof(*b->code), err);
	if (b->value == NULL || b->limit == NULL || b->code == NULL)
		goto fail;
	if (p.n > 0) {
		if (means(&p, most, b->value, &b->count, threads, err) < 0)
			goto fail;
		set_limits(b, &p);
	}
	for (size_t i = 0; i < b->count; i++)
		b->code[i] = (uint16_t)i;
	if (keep_zeros)
		add_zero(b);
	points_free(&p);
	return 0;
fail:
	points_free(&p);
	book_free(b);
	return -1;
}

void
book_free(struct book *b)
{
	free(b->value);
	free(b->limit);
	free(b->code);
	*b = (struct book){ .zero = -1 };
}
