/* SPDX-License-Identifier: Apache-2.0 */
#include "codebook.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "init.h"
#include "init_plusplus.h"
#include "lloyd.h"
#include "optimal.h"
#include "unique_values.h"
#include "weighted_values.h"

static int
make_room(struct codebook *b, size_t most, struct tmo_error *err)
{
	b->value = tmo_alloc(most, sizeof(*b->value), err);
	return b->value == NULL ? -1 : 0;
}

static double
rounded(const struct points *p, double x)
{
	return p->wide ? x : (double)(float)x;
}

/* The means of an optimal partition of the points into at most `most`. */
static int
best_values(struct codebook *b, const struct points *p, size_t most, int threads,
            struct tmo_error *err)
{
	const size_t k = p->n < most ? p->n : most;
	size_t *cut = tmo_alloc(k + 1, sizeof(*cut), err);

	if (cut == NULL)
		return -1;
	if (cluster_optimal_cuts(p, k, cut, threads, err) < 0) {
		free(cut);
		return -1;
	}
	for (size_t c = 0; c < k; c++)
		b->value[c] = rounded(p, cluster_points_mean(p, cut[c], cut[c + 1]));
	b->count = k;
	free(cut);
	return 0;
}

/* What there is to start from: a group, its points, and how. */
struct starting {
	const struct group *g;
	const struct points *p;
	const struct method *m;
	struct tmo_rng rng;
	int threads;
};

/* k values more, from points [from, to), which have that sign (0: any), if there are both. */
static int
add_start(struct codebook *b, struct starting *s, int sign, size_t from, size_t to, size_t k,
          struct tmo_error *err)
{
	double *const value = b->value + b->count;
	size_t count = k;
	int status = 0;

	if (k == 0 || from == to)
		return 0;
	switch (s->m->init) {
	case INIT_LINEAR:
		cluster_init_linear(s->p, from, to, k, value);
		break;
	case INIT_DENSITY:
		cluster_init_density(s->p, from, to, k, sign != 0, value);
		break;
	case INIT_RANDOM:
		cluster_init_random(s->p, from, to, k, &s->rng, value);
		break;
	default:
		status = cluster_init_plusplus(s->g, sign, k, s->m->seed, value, &count, s->threads,
		                               err);
	}
	b->count += count;
	return status;
}

/* Values in order, each once; few have to move far. */
static int
order(struct codebook *b, const struct points *p, struct tmo_error *err)
{
	uint64_t *keys = tmo_alloc(b->count, sizeof(*keys), err);
	uint64_t *spare = tmo_alloc(b->count, sizeof(*spare), err);
	int status = -1;

	if (keys == NULL || spare == NULL)
		goto out;
	for (size_t i = 0; i < b->count; i++)
		keys[i] = tmo_key_f64(rounded(p, b->value[i]) + 0.0);
	if (tmo_sort_u64(&keys, &spare, b->count, 1, err) < 0)
		goto out;
	const size_t all = b->count;

	b->count = 0;
	for (size_t i = 0; i < all; i++)
		if (i == 0 || keys[i] != keys[i - 1])
			b->value[b->count++] = tmo_f64_of_key(keys[i]);
	status = 0;
out:
	free(keys);
	free(spare);
	return status;
}

/*
 * Values by Lloyd's algorithm. Where zeros are kept and are not among the points, each sign starts
 * for itself, with as large a share of the values as it has of the weights (half: to even).
 */
static int
lloyd_values(struct codebook *b, const struct group *g, struct points *p, const struct method *m,
             size_t most, bool without_zeros, int threads, struct tmo_error *err)
{
	struct starting s = { .g = g, .p = p, .m = m, .threads = threads };
	const uint64_t blocks = g->number * (m->most / 4 + 1);

	/* k-means++ needs the memory for arrays of its own. */
	cluster_points_free_sums(p);
	tmo_rng_start(&s.rng, m->seed, m->stream);
	s.rng.counter[0] = (uint32_t)blocks;
	s.rng.counter[1] = (uint32_t)(blocks >> 32);
	if (without_zeros) {
		const size_t zero = cluster_points_above(p, 0.0);
		const double below = cluster_points_mass(p, 0, zero);
		const double all = cluster_points_mass(p, 0, p->n);
		const size_t share = (size_t)rint((double)most * below / all);

		if (add_start(b, &s, -1, 0, zero, share, err) < 0 ||
		    add_start(b, &s, 1, zero, p->n, most - share, err) < 0)
			return -1;
	} else if (add_start(b, &s, 0, 0, p->n, most, err) < 0) {
		return -1;
	}
	if (cluster_points_sum(p, threads, err) < 0 || order(b, p, err) < 0 ||
	    cluster_lloyd(p, b->value, b->count, m->steps, err) < 0)
		return -1;
	return order(b, p, err);
}

/*
 * The largest double that is no farther from a than from b, a < b. The middle, rounded upwards, would
 * be b itself where they are neighbours.
 */
static double
limit_between(double a, double b)
{
	/* Sums of huge values would overflow; tiny ones must not be halved before they are added. */
	const double before = fabs(a) > 0x1p1000 || fabs(b) > 0x1p1000 ? 0.5 : 1.0;
	const double after = 0.5 / before;
	const double low = a * before, high = b * before, sum = low + high, part = sum - low;
	const double lost = (low - (sum - part)) + (high - part);
	const double middle = sum * after;

	if (lost < 0.0 || middle / after > sum)
		return nextafter(middle, (double)-INFINITY);
	return middle;
}

/* Drops values that are nearest to nothing. */
static void
drop_unused(struct codebook *b, const struct points *p)
{
	size_t before = 0, kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		const bool last = i + 1 == b->count;
		const double limit = last ? INFINITY : limit_between(b->value[i], b->value[i + 1]);
		const size_t end = last ? p->n : cluster_points_above(p, limit);

		if (end == before)
			continue;
		before = end;
		b->value[kept++] = b->value[i];
	}
	b->count = kept;
}

/* Puts 0.0 into its place, for the zeros. A mean that rounds to 0.0 serves them as it is. */
static void
add_zero(struct codebook *b)
{
	size_t at = 0;

	while (at < b->count && b->value[at] < 0.0)
		at++;
	b->zero = (long)at;
	if (at < b->count && b->value[at] == 0.0)
		return;
	for (size_t i = b->count; i > at; i--)
		b->value[i] = b->value[i - 1];
	b->value[at] = 0.0;
	b->zero_alone = true;
	b->count++;
}

int
cluster_codebook_set_limits(struct codebook *b, struct tmo_error *err)
{
	size_t at = 0;

	b->limit = tmo_alloc(b->count, sizeof(*b->limit), err);
	b->code = tmo_alloc(b->count, sizeof(*b->code), err);
	if (b->limit == NULL || b->code == NULL)
		return -1;
	for (size_t i = 0; i < b->count; i++)
		if (!b->zero_alone || i != (size_t)b->zero)
			b->code[at++] = (uint16_t)i;
	b->limits = at > 0 ? at - 1 : 0;
	for (size_t i = 0; i < b->limits; i++)
		b->limit[i] = limit_between(b->value[b->code[i]], b->value[b->code[i + 1]]);
	return 0;
}

int
cluster_codebook_make(struct codebook *b, const struct group *g, const struct method *m, int threads,
                      struct tmo_error *err)
{
	struct group own = *g;
	struct points p;
	size_t zeros, most;
	bool without_zeros;
	int status = 0;

	*b = (struct codebook){ .zero = -1 };
	/* Nothing that counts: then all weights count alike. */
	if (cluster_group_is_weighted(g) && !cluster_any_weight(g, m->keep_zeros)) {
		own.w = NULL;
		own.w64 = NULL;
	}
	if (cluster_unique_values(&p, &own, m->keep_zeros, &zeros, threads, err) < 0)
		return -1;
	without_zeros = m->keep_zeros && zeros > 0;
	most = without_zeros ? m->most - 1 : m->most;
	if (make_room(b, (p.n < most ? p.n : most) + 1, err) < 0)
		status = -1;
	else if (p.n > most && m->init != INIT_OPTIMAL)
		status = lloyd_values(b, &own, &p, m, most, without_zeros, threads, err);
	else if (p.n > 0)
		status = best_values(b, &p, most, threads, err);
	if (status == 0) {
		drop_unused(b, &p);
		if (without_zeros)
			add_zero(b);
	} else {
		cluster_codebook_free(b);
	}
	cluster_points_free(&p);
	return status;
}

void
cluster_codebook_free(struct codebook *b)
{
	free(b->value);
	free(b->limit);
	free(b->code);
	*b = (struct codebook){ .zero = -1 };
}
