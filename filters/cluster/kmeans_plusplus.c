/* SPDX-License-Identifier: Apache-2.0 */
#include "kmeans_plusplus.h"

#include <math.h>
#include <stdlib.h>
#include "base/memory.h"
#include "base/random.h"

#define LANES 16
#define BLOCK ((size_t)2048)	/* values that several candidates look at while they are near */
#define TEAM ((size_t)4)	/* candidates that one thread looks at together */
#define CANDIDATES_MAX ((size_t)16)
#define FEW ((size_t)1 << 15)	/* values that starting a thread for each draw takes longer than */
#define DRAWS_MAX 1000		/* of values that are taken: rounding alone could make it endless */

struct drawing {
	const float *x, *weight;
	size_t n, candidates;
	float *nearest;			/* half the squared distance to the nearest that is taken */
	float *sum;			/* of nearest, times the weight, up to and with each value */
	unsigned char *taken;		/* bits */
	struct tmo_rng rng;
	uint32_t candidate[CANDIDATES_MAX];
	float potential[CANDIDATES_MAX];
};

static inline float
half_distance(float x, float y)
{
	return (0.5f * (x * x) - x * y) + 0.5f * (y * y);
}

/* What value i would add to the sum if y were taken. */
static inline float
left_over(const struct drawing *d, size_t i, float y, bool weighted)
{
	const float far = half_distance(d->x[i], y);
	const float nearest = d->nearest[i] < far ? d->nearest[i] : far;

	return weighted ? nearest * d->weight[i] : nearest;
}

static inline void
add_block(const struct drawing *d, size_t from, size_t to, float y, float *lane, bool weighted)
{
	for (size_t i = from; i < to; i += LANES)
		for (size_t j = 0; j < LANES; j++)
			lane[j] += left_over(d, i + j, y, weighted);
}

/* The lanes' sum, and the values that fill no more lanes. */
static float
add_lanes(const struct drawing *d, const float *lane, float y)
{
	const size_t whole = d->n / LANES * LANES;
	size_t i = whole;
	float half[8], sum;

	for (size_t j = 0; j < 8; j++)
		half[j] = lane[j] + lane[j + 8];
	if (d->n - i >= 8) {
		for (size_t j = 0; j < 8; j++)
			half[j] += left_over(d, i + j, y, d->weight != NULL);
		i += 8;
	}
	for (size_t j = 0; j < 4; j++)
		half[j] += half[j + 4];
	sum = (half[0] + half[2]) + (half[1] + half[3]);
	for (; i < d->n; i++)
		sum += left_over(d, i, y, d->weight != NULL);
	return sum;
}

/* The potentials of a few candidates. */
static void
look_at(void *arg, size_t team)
{
	struct drawing *d = arg;
	const size_t first = team * TEAM, whole = d->n / LANES * LANES;
	const size_t end = d->candidates - first < TEAM ? d->candidates : first + TEAM;
	float lane[TEAM][LANES] = { { 0.0f } };

	for (size_t from = 0; from < whole; from += BLOCK) {
		const size_t to = whole - from < BLOCK ? whole : from + BLOCK;

		for (size_t c = first; c < end; c++) {
			const float y = d->x[d->candidate[c]];

			if (d->weight != NULL)
				add_block(d, from, to, y, lane[c - first], true);
			else
				add_block(d, from, to, y, lane[c - first], false);
		}
	}
	for (size_t c = first; c < end; c++)
		d->potential[c] = add_lanes(d, lane[c - first], d->x[d->candidate[c]]);
}

/* The first value whose sum is above x; halved as std::upper_bound does, should sums ever fall. */
static size_t
first_above(const struct drawing *d, float x)
{
	size_t first = 0, length = d->n;

	while (length > 0) {
		const size_t half = length / 2;

		if (x < d->sum[first + half]) {
			length = half;
		} else {
			first += half + 1;
			length -= half + 1;
		}
	}
	return first < d->n ? first : d->n - 1;
}

static inline bool
is_taken(const struct drawing *d, size_t i)
{
	return (d->taken[i / 8] >> (i % 8) & 1) != 0;
}

/* One candidate, by the sums or, for the first value without weights, any; false: there is none. */
static bool
draw(struct drawing *d, bool any, uint32_t *index)
{
	const float total = d->sum[d->n - 1];

	if (any) {
		*index = (uint32_t)tmo_rng_below(&d->rng, d->n);
		return true;
	}
	for (int i = 0; i < DRAWS_MAX && total > 0.0f; i++) {
		*index = (uint32_t)first_above(d, tmo_rng_float(&d->rng) * total);
		if (!is_taken(d, *index))
			return true;
	}
	return false;
}

/* The best of the candidates is taken. */
static uint32_t
take_best(struct drawing *d)
{
	size_t best = 0;
	uint32_t index;
	float y;

	for (size_t c = 1; c < d->candidates; c++)
		if (d->potential[c] < d->potential[best])
			best = c;
	index = d->candidate[best];
	y = d->x[index];
	for (size_t i = 0; i < d->n; i++)
		d->nearest[i] = left_over(d, i, y, false);
	d->taken[index / 8] |= (unsigned char)(1u << (index % 8));
	return index;
}

static void
add_up(struct drawing *d, bool nearest)
{
	float sum = 0.0f;

	for (size_t i = 0; i < d->n; i++) {
		sum += (nearest ? d->nearest[i] : 1.0f) * (d->weight != NULL ? d->weight[i] : 1.0f);
		d->sum[i] = sum;
	}
}

/* 3 + floor(ln k), without a logarithm that differs between machines. */
static size_t
candidates_for(size_t k)
{
	static const unsigned powers[] = { 3, 8, 21, 55, 149, 404, 1097, 2981, 8104, 22027, 59875 };
	size_t n = 0;

	while (n < sizeof(powers) / sizeof(*powers) && k >= powers[n])
		n++;
	return 3 + n;
}

/* The candidates for value number `count`; false if there are none. */
static bool
draw_candidates(struct drawing *d, size_t count)
{
	const bool any = count == 0 && d->weight == NULL;

	if (!any)
		add_up(d, count > 0);
	for (size_t c = 0; c < d->candidates; c++)
		if (!draw(d, any, &d->candidate[c]))
			return false;
	return true;
}

int
cluster_kmeans_plusplus(const float *x, const float *weight, size_t n, size_t k, uint64_t seed,
                        uint32_t *chosen, size_t *count, int threads, struct tmo_error *err)
{
	struct drawing d = { .x = x, .weight = weight, .n = n, .candidates = candidates_for(k) };
	int status = -1;

	*count = 0;
	if (n <= FEW)
		threads = 1;
	d.nearest = tmo_alloc(n, sizeof(*d.nearest), err);
	d.sum = tmo_alloc(n, sizeof(*d.sum), err);
	d.taken = tmo_alloc(n / 8 + 1, 1, err);
	if (d.nearest == NULL || d.sum == NULL || d.taken == NULL)
		goto out;
	tmo_rng_start(&d.rng, seed, 0);
	for (size_t i = 0; i < n; i++)
		d.nearest[i] = INFINITY;
	while (*count < k && draw_candidates(&d, *count)) {
		tmo_parallel_for(threads, (d.candidates + TEAM - 1) / TEAM, look_at, &d);
		chosen[(*count)++] = take_best(&d);
	}
	status = 0;
out:
	free(d.nearest);
	free(d.sum);
	free(d.taken);
	return status;
}
