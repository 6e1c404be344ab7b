/* SPDX-License-Identifier: Apache-2.0 */
#include "unique_values.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "weighted_values.h"

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
	const size_t end = cluster_group_chunk_end(g, chunk);
	size_t zeros = 0, bad = SIZE_MAX;

	GROUP_FOR(g, chunk * GROUP_CHUNK, end, i) {
		const double x = g->x != NULL ? (double)g->x[i] : g->x64[i];

		zeros += x == 0.0;
		if (!isfinite(x) && bad == SIZE_MAX)
			bad = i;
	}
	w->zeros[chunk] = zeros;
	w->bad[chunk] = bad;
}

/* Fills in zeros and bad, which the caller frees together: zeros is the block. */
static int
count_chunks(struct gathering *w, int threads, struct tmo_error *err)
{
	const size_t chunks = cluster_group_chunks(w->g);

	w->zeros = tmo_alloc(2 * chunks, sizeof(size_t), err);
	if (w->zeros == NULL)
		return -1;
	w->bad = w->zeros + chunks;
	tmo_parallel_for(threads, chunks, count_chunk, w);
	return 0;
}

int
cluster_census(const struct group *g, int threads, struct census *census, struct tmo_error *err)
{
	struct gathering w = { .g = g };

	*census = (struct census){ 0, SIZE_MAX };
	if (count_chunks(&w, threads, err) < 0)
		return -1;
	for (size_t i = 0; i < cluster_group_chunks(g); i++) {
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
	const size_t end = cluster_group_chunk_end(g, chunk);
	size_t at = w->zeros[chunk];

	/* Adding 0 turns −0 into +0: they are one value. */
	if (g->x != NULL)
		GROUP_FOR(g, chunk * GROUP_CHUNK, end, i) {
			if (!w->drop_zeros || g->x[i] != 0.0f)
				w->keys32[at++] = tmo_key_f32(g->x[i] + 0.0f);
		}
	else
		GROUP_FOR(g, chunk * GROUP_CHUNK, end, i) {
			if (!w->drop_zeros || g->x64[i] != 0.0)
				w->keys64[at++] = tmo_key_f64(g->x64[i] + 0.0);
		}
}

/* Sorts the keys that write_keys writes, and makes them points. */
static int
sorted_points(struct points *p, struct gathering *w, size_t size, int threads,
              struct tmo_error *err)
{
	const size_t width = w->g->x != NULL ? sizeof(uint32_t) : sizeof(uint64_t);
	void *const keys = tmo_alloc(size, width, err), *const spare = tmo_alloc(size, width, err);

	if (keys == NULL || spare == NULL)
		goto fail;
	if (w->g->x != NULL) {
		uint32_t *k = w->keys32 = keys, *s = spare;

		tmo_parallel_for(threads, cluster_group_chunks(w->g), write_keys, w);
		if (tmo_sort_u32(&k, &s, size, threads, err) < 0)
			goto fail;
		return cluster_points_make(p, k, s, NULL, NULL, size, threads, err);
	}
	uint64_t *k = w->keys64 = keys, *s = spare;

	tmo_parallel_for(threads, cluster_group_chunks(w->g), write_keys, w);
	if (tmo_sort_u64(&k, &s, size, threads, err) < 0)
		goto fail;
	return cluster_points_make(p, NULL, NULL, k, s, size, threads, err);
fail:
	free(keys);
	free(spare);
	return -1;
}

int
cluster_unique_values(struct points *p, const struct group *g, bool drop_zeros, size_t *zeros,
                      int threads, struct tmo_error *err)
{
	struct gathering w = { .g = g, .drop_zeros = drop_zeros };
	size_t size = 0;
	int status = 0;

	*p = (struct points){ 0 };
	*zeros = 0;
	if (count_chunks(&w, threads, err) < 0)
		return -1;
	for (size_t i = 0; i < cluster_group_chunks(g); i++) {
		const size_t here = w.zeros[i];

		*zeros += here;
		w.zeros[i] = size;
		size += cluster_group_chunk_end(g, i) - i * GROUP_CHUNK - (drop_zeros ? here : 0);
	}
	if (size > 0 && cluster_group_is_weighted(g))
		status = cluster_weighted_values(p, g, drop_zeros, threads, err);
	else if (size > 0)
		status = sorted_points(p, &w, size, threads, err);
	free(w.zeros);
	return status;
}
