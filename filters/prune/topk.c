/* SPDX-License-Identifier: Apache-2.0 */
#include "topk.h"

#include <math.h>
#include <stdlib.h>

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

void
prune_multiply_norms(double *score, const struct tmo_lines *inputs, const struct tmo_lines *outputs,
                     const double *norm, size_t groups)
{
	const size_t run = inputs->after_count, per_group = outputs->length / groups;

	for (size_t row = 0; row < inputs->before_count * inputs->length; row++) {
		const size_t input = row % inputs->length;
		double *const s = score + row * run;

		for (size_t i = 0; i < run; i++) {
			const size_t at = row * run + i;
			const size_t group = groups == 1 ? 0 :
				at / outputs->after_count % outputs->length / per_group;
			const double product = s[i] * norm[group * inputs->length + input];

			/* Infinity stays the largest, whatever its norm. */
			s[i] = isinf(s[i]) ? s[i] : product;
		}
	}
}

void
prune_mark(const double *score, size_t n, double threshold, uint64_t *ties, unsigned char *keep)
{
	for (size_t i = 0; i < n; i++)
		keep[i] = ties == NULL ? score[i] >= threshold : score[i] > threshold;
	for (size_t i = 0; i < n && ties != NULL && *ties > 0; i++)
		if (score[i] == threshold) {
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

/* One row of the matrix into a line of its own, or a line of marks back. */
static void
gather_row(const double *score, const struct tmo_lines *outputs, size_t row, double *line)
{
	const size_t run = outputs->after_count;

	for (size_t before = 0; before < outputs->before_count; before++)
		for (size_t i = 0; i < run; i++)
			line[before * run + i] = score[(before * outputs->length + row) * run + i];
}

static void
scatter_row(const unsigned char *line, const struct tmo_lines *outputs, size_t row,
            unsigned char *keep)
{
	const size_t run = outputs->after_count;

	for (size_t before = 0; before < outputs->before_count; before++)
		for (size_t i = 0; i < run; i++)
			keep[(before * outputs->length + row) * run + i] = line[before * run + i];
}

int
prune_topk_rows(const double *score, const struct tmo_lines *outputs, uint64_t kept,
                bool all_ties, unsigned char *keep, struct tmo_error *err)
{
	const size_t width = outputs->before_count * outputs->after_count;
	double *const line = tmo_alloc(width, sizeof(*line), err), threshold;
	unsigned char *const marks = tmo_alloc(width, 1, err);
	int status = line != NULL && marks != NULL ? 0 : -1;

	for (size_t row = 0; row < outputs->length && status == 0; row++) {
		gather_row(score, outputs, row, line);
		status = prune_topk(line, width, kept, all_ties, marks, &threshold, 1, err);
		scatter_row(marks, outputs, row, keep);
	}
	free(line);
	free(marks);
	return status;
}
