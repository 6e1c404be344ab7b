/* SPDX-License-Identifier: Apache-2.0 */
#include "topk.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "threshold.h"

#define CHUNK ((size_t)1 << 16)	/* even: a block of random numbers serves two scores */

void
prune_divide(double *score, size_t n, double divisor)
{
	for (size_t i = 0; i < n && divisor != 0 && divisor != 1; i++)
		score[i] /= divisor;
}

struct randomizing {
	double *score;
	size_t n;
	uint64_t seed, stream;
};

static void
randomize_chunk(void *arg, size_t chunk)
{
	const struct randomizing *const r = arg;
	const size_t start = chunk * CHUNK, end = r->n - start < CHUNK ? r->n : start + CHUNK;
	struct tmo_rng rng;

	/* Where score number `start` is in the stream, if each takes one number of 64 bits. */
	tmo_rng_start(&rng, r->seed, r->stream);
	rng.counter[0] = (uint32_t)(start / 2);
	rng.counter[1] = (uint32_t)((uint64_t)start / 2 >> 32);
	for (size_t i = start; i < end; i++) {
		const uint64_t draw = tmo_rng_u64(&rng);

		if (r->score[i] > 0)
			r->score[i] = (double)((draw >> 11) + 1) * 0x1p-53;
	}
}

void
prune_randomize(double *score, size_t n, uint64_t seed, uint64_t stream, int threads)
{
	struct randomizing r = {.score = score, .n = n, .seed = seed, .stream = stream};

	tmo_parallel_for(threads, n / CHUNK + (n % CHUNK != 0), randomize_chunk, &r);
}

/* Infinity stays the largest, whatever its norm. */
static inline double
times(double score, double norm)
{
	return isinf(score) ? score : score * norm;
}

void
prune_multiply_norms(double *score, const struct tmo_lines *inputs, const double *norm,
                     const struct tmo_blocks *groups, size_t per_group)
{
	const size_t run = inputs->after_count, rows = inputs->before_count * inputs->length;

	for (size_t row = 0; row < rows && groups == NULL; row++)
		for (size_t i = row * run; i < (row + 1) * run; i++)
			score[i] = times(score[i], norm[row % inputs->length]);
	for (size_t i = 0, n, entry; groups != NULL && i < groups->count; i += n) {
		n = tmo_blocks_run(groups, i, &entry);
		for (size_t j = 0; j < n; j++) {
			const size_t group = (entry + (groups->cols > 1 ? j : 0)) / per_group;
			const size_t input = (i + j) / run % inputs->length;

			score[i + j] = times(score[i + j], norm[group * inputs->length + input]);
		}
	}
}

void
prune_mark(const double *score, size_t n, double threshold, uint64_t *ties, unsigned char *keep)
{
	for (size_t i = 0; i < n; i++)
		keep[i] |= ties == NULL ? score[i] >= threshold : score[i] > threshold;
	for (size_t i = 0; i < n && ties != NULL && *ties > 0; i++)
		if (score[i] == threshold && !keep[i]) {
			keep[i] = 1;
			--*ties;
		}
}

int
prune_topk(const double *score, size_t n, uint64_t kept, bool all_ties, unsigned char *keep,
           double *threshold, int threads, struct tmo_error *err)
{
	struct selection s;
	uint64_t ties;

	assert(kept >= 1 && kept <= n);
	if (prune_selection_start(&s, n, threads, err) < 0)
		return -1;
	do
		prune_count_f64(&s, score, n);
	while (!prune_narrow(&s, kept));
	*threshold = prune_threshold(&s);
	ties = kept - s.above;
	prune_mark(score, n, *threshold, all_ties ? NULL : &ties, keep);
	prune_selection_free(&s);
	return 0;
}

/* The scores of an entry into a line of their own. Returns how many of them are marked already. */
static uint64_t
gather(const double *score, const struct tmo_strip *s, const unsigned char *keep, double *line)
{
	uint64_t marked = 0;

	for (size_t k = 0; k < s->lines; k++)
		for (size_t i = 0; i < s->length; i++) {
			const size_t at = tmo_strip_line(s, k) + i * s->step;

			*line++ = score[at];
			marked += keep[at];
		}
	return marked;
}

/* A line of marks back, beside those that are there. */
static void
scatter(const unsigned char *line, const struct tmo_strip *s, unsigned char *keep)
{
	for (size_t k = 0; k < s->lines; k++)
		for (size_t i = 0; i < s->length; i++)
			keep[tmo_strip_line(s, k) + i * s->step] |= *line++;
}

int
prune_topk_each(const double *score, const struct tmo_blocks *sets, uint64_t kept, bool all_ties,
                unsigned char *keep, struct tmo_error *err)
{
	const size_t size = sets->count / sets->entries;
	double *const line = tmo_alloc(size, sizeof(*line), err), threshold;
	unsigned char *const marks = tmo_alloc(size, 1, err);
	int status = line != NULL && marks != NULL ? 0 : -1;
	struct tmo_strip s;

	for (size_t entry = 0; entry < sets->entries && status == 0; entry++) {
		uint64_t marked;

		tmo_strip_at(sets, entry, 1, &s);
		marked = gather(score, &s, keep, line);
		if (marked >= kept)
			continue;
		memset(marks, 0, size);
		status = prune_topk(line, size, kept - marked, all_ties, marks, &threshold, 1, err);
		scatter(marks, &s, keep);
	}
	free(line);
	free(marks);
	return status;
}
