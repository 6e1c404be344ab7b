/* SPDX-License-Identifier: Apache-2.0 */
#include "weighted_values.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

/*
 * All masses together are about 2^UNIT: whole numbers, so that neither sums nor differences are
 * rounded; what is less than half of 1 counts as 1, which adds far less than 2^UNIT again.
 */
#define UNIT 52

/* What makes an importance a mass: w * fit * unit. */
struct balance {
	size_t size;			/* weights with an importance above 0 */
	double fit, unit;
};

static inline double
importance(const struct group *g, size_t i)
{
	return g->w != NULL ? (double)g->w[i] : g->w64[i];
}

static inline bool
is_zero(const struct group *g, size_t i)
{
	return g->x != NULL ? g->x[i] == 0.0f : g->x64[i] == 0.0;
}

/* Calls for every weight i that counts, in order. */
#define FOR_WEIGHTS(g, drop_zeros, i) \
	GROUP_FOR(g, 0, cluster_group_size(g), i) \
		if (importance(g, i) > 0.0 && !((drop_zeros) && is_zero(g, i)))

/* The power of two that brings x near 1, or as near as doubles go. */
static double
power_to_one(double x)
{
	int exponent;

	frexp(x, &exponent);
	return ldexp(1.0, exponent < -1000 ? 1000 : -exponent);
}

static struct balance
weigh_all(const struct group *g, bool drop_zeros)
{
	struct balance b = { 0, 1.0, 1.0 };
	double most = 0.0, sum = 0.0;

	FOR_WEIGHTS(g, drop_zeros, i) {
		b.size++;
		most = importance(g, i) > most ? importance(g, i) : most;
	}
	if (b.size == 0)
		return b;
	b.fit = power_to_one(most);
	FOR_WEIGHTS(g, drop_zeros, i)
		sum += importance(g, i) * b.fit;
	b.unit = ldexp(power_to_one(sum), UNIT);
	return b;
}

static inline double
mass(const struct group *g, const struct balance *b, size_t i)
{
	const double units = rint(importance(g, i) * b->fit * b->unit);

	return units < 1.0 ? 1.0 : units;
}

/* Adding 0 turns −0 into +0: they are one value. */
static inline uint64_t
key_of(const struct group *g, size_t i)
{
	return g->x != NULL ? tmo_key_f32(g->x[i] + 0.0f) : tmo_key_f64(g->x64[i] + 0.0);
}

/*
 * The places of the weights that count, in the lower halves of *items, in the order of the weights.
 * Keys of 64 bits are sorted by their lower halves first, then by their upper ones.
 */
static int
sort_places(const struct group *g, bool drop_zeros, uint64_t **items, uint64_t **spare, size_t size,
            int threads, struct tmo_error *err)
{
	uint32_t *place;
	size_t n = 0;

	FOR_WEIGHTS(g, drop_zeros, i)
		(*items)[n++] = key_of(g, i) << 32 | i;
	if (tmo_sort_u64(items, spare, size, threads, err) < 0)
		return -1;
	if (g->x != NULL)
		return 0;
	place = tmo_alloc(size, sizeof(*place), err);
	if (place == NULL)
		return -1;
	for (size_t j = 0; j < size; j++) {
		place[j] = (uint32_t)(*items)[j];
		(*items)[j] = key_of(g, place[j]) >> 32 << 32 | j;
	}
	if (tmo_sort_u64(items, spare, size, threads, err) < 0) {
		free(place);
		return -1;
	}
	for (size_t j = 0; j < size; j++)
		(*items)[j] = place[(uint32_t)(*items)[j]];
	free(place);
	return 0;
}

/* The keys and the sums of the masses before them. */
static void
fill(struct points *p, const struct group *g, const struct balance *b, const uint64_t *items)
{
	double sum = 0.0;
	uint64_t last = 0;

	for (size_t j = 0; j < b->size; j++) {
		const size_t i = (uint32_t)items[j];
		const uint64_t key = key_of(g, i);

		if (j == 0 || key != last) {
			if (p->wide)
				p->keys64[p->n] = key;
			else
				p->keys32[p->n] = (uint32_t)key;
			p->mass[p->n++] = sum;
			last = key;
		}
		sum += mass(g, b, i);
	}
	p->mass[p->n] = sum;
}

static int
make_points(struct points *p, const struct group *g, const struct balance *b, uint64_t *items,
            int threads, struct tmo_error *err)
{
	double *less;

	*p = (struct points){ .wide = g->x == NULL };
	if (p->wide)
		p->keys64 = tmo_alloc(b->size, sizeof(*p->keys64), err);
	else
		p->keys32 = tmo_alloc(b->size, sizeof(*p->keys32), err);
	p->mass = tmo_alloc(b->size + 1, sizeof(*p->mass), err);
	if ((p->keys32 == NULL && p->keys64 == NULL) || p->mass == NULL) {
		free(items);
		return -1;
	}
	fill(p, g, b, items);
	free(items);
	less = realloc(p->mass, (p->n + 1) * sizeof(*less));
	if (less != NULL)
		p->mass = less;
	return cluster_points_sum(p, threads, err);
}

bool
cluster_any_weight(const struct group *g, bool drop_zeros)
{
	FOR_WEIGHTS(g, drop_zeros, i)
		return true;
	return false;
}

int
cluster_weighted_values(struct points *p, const struct group *g, bool drop_zeros, int threads,
                        struct tmo_error *err)
{
	const struct balance b = weigh_all(g, drop_zeros);
	uint64_t *items = tmo_alloc(b.size, sizeof(*items), err);
	uint64_t *spare = tmo_alloc(b.size, sizeof(*spare), err);
	int status = -1;

	*p = (struct points){ 0 };
	if (items != NULL && spare != NULL)
		status = sort_places(g, drop_zeros, &items, &spare, b.size, threads, err);
	free(spare);
	if (status < 0) {
		free(items);
		return -1;
	}
	status = make_points(p, g, &b, items, threads, err);
	if (status < 0)
		cluster_points_free(p);
	return status;
}
