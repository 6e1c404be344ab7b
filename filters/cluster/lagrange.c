/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lagrange.c: the optimal partition into k clusters through a price per cluster.
 *
 * The least cost f(k) of k clusters is convex in k, since the cost of a run is a Monge array. So
 * a partition of least (cost + price * clusters) that happens to have k clusters is optimal among
 * those with k, and the number of clusters falls as the price rises. Where it jumps across k, a
 * partition with exactly k is put together from the two next to it, at the same price (Aggarwal,
 * Schieber and Tokuyama, "Finding a minimum-weight k-link path in graphs with the concave Monge
 * property", 1994).
 */
#include "lagrange.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

#define STEPS_MAX 200		/* prices tried; 60 halvings exhaust a double */

/* A start of clusters, and the first end from which on it is better than the ones before it. */
struct candidate {
	uint32_t start, from;
};

struct search {
	const struct points *p;
	double *best;			/* of the first i points, prices with it */
	double price;
	struct candidate *queue;	/* [front, back) */
	size_t front, back, room;
};

/* masses: whether the points have any; a constant wherever it matters. */
static inline double
through(const struct search *s, size_t start, size_t end, bool masses)
{
	return s->best[start] + cluster_points_cost_if(s->p, start, end, masses);
}

/* The first end in (from, n] where start i beats start h < i; n + 1 if there is none. */
static size_t
first_better(const struct search *s, size_t h, size_t i, size_t from, bool masses)
{
	const size_t n = s->p->n;
	size_t low = from, high, step = 1;

	/* Mostly it is a cluster's width away, seldom the other end of the values. */
	for (;;) {
		high = n - low > step ? low + step : n;
		if (through(s, i, high, masses) < through(s, h, high, masses))
			break;
		if (high == n)
			return n + 1;
		low = high;
		step *= 2;
	}
	while (high - low > 1) {
		const size_t half = low + (high - low) / 2;

		if (through(s, i, half, masses) < through(s, h, half, masses))
			high = half;
		else
			low = half;
	}
	return high;
}

static int
push(struct search *s, size_t start, size_t from, struct tmo_error *err)
{
	if (s->back == s->room) {
		const size_t used = s->back - s->front;

		if (s->front > s->room / 2) {
			memmove(s->queue, s->queue + s->front, used * sizeof(*s->queue));
		} else {
			struct candidate *more = tmo_alloc(2 * s->room, sizeof(*more), err);

			if (more == NULL)
				return -1;
			memcpy(more, s->queue + s->front, used * sizeof(*more));
			free(s->queue);
			s->queue = more;
			s->room *= 2;
		}
		s->front = 0;
		s->back = used;
	}
	s->queue[s->back++] = (struct candidate){ (uint32_t)start, (uint32_t)from };
	return 0;
}

/* Adds start i to the queue, which drops those that it beats wherever they were best. */
static inline int
enter(struct search *s, size_t i, bool masses, struct tmo_error *err)
{
	size_t from = i + 1;

	while (s->back > s->front) {
		const struct candidate last = s->queue[s->back - 1];
		const size_t at = last.from > i + 1 ? last.from : i + 1;

		if (through(s, i, at, masses) < through(s, last.start, at, masses)) {
			s->back--;
			continue;
		}
		if (at == s->p->n)
			return 0;
		from = first_better(s, last.start, i, at, masses);
		if (from > s->p->n)
			return 0;
		break;
	}
	return push(s, i, from, err);
}

/* What a price led to. */
struct outcome {
	double price, cost;		/* cost without prices */
	size_t clusters;
};

/*
 * Where the last cluster of the best partition of the first `end` points starts. Found again rather
 * than kept: 4 bytes a point saved for a second look at the points of each cluster.
 */
static size_t
start_of(const struct search *s, size_t end)
{
	size_t start = end - 1;

	while (start > 0 &&
	       through(s, start, end, s->p->mass != NULL) + s->price > s->best[end])
		start--;
	return start;
}

/* Fills in the least costs, prices with them, of the first points. */
static inline int
price_all(struct search *s, bool masses, struct tmo_error *err)
{
	for (size_t end = 1; end <= s->p->n; end++) {
		if (enter(s, end - 1, masses, err) < 0)
			return -1;
		while (s->back - s->front > 1 && s->queue[s->front + 1].from <= end)
			s->front++;
		s->best[end] = through(s, s->queue[s->front].start, end, masses) + s->price;
	}
	return 0;
}

/*
 * The partition of least cost + price * clusters. Its cuts go into cut if that has room for them:
 * `most` clusters.
 */
static int
priced(struct search *s, double price, size_t most, size_t *cut, struct outcome *o,
       struct tmo_error *err)
{
	const size_t n = s->p->n;
	size_t start;

	s->front = s->back = 0;
	s->best[0] = 0.0;
	s->price = price;
	if ((s->p->mass != NULL ? price_all(s, true, err) : price_all(s, false, err)) < 0)
		return -1;
	*o = (struct outcome){ .price = price };
	for (size_t end = n; end > 0; end = start) {
		start = start_of(s, end);
		if (o->clusters < most)
			cut[most - o->clusters] = end;
		o->cost += cluster_points_cost(s->p, start, end);
		o->clusters++;
	}
	if (o->clusters <= most) {
		cut[0] = 0;
		memmove(cut + 1, cut + most - o->clusters + 1, o->clusters * sizeof(*cut));
	}
	return 0;
}

/*
 * From partitions of few < k and many > k clusters that are both optimal at one price, one of k:
 * the beginning of the many and the rest of the few, changed over where a cluster of the many lies
 * inside one of the few. cut holds the few and becomes the result.
 */
static void
k_between(size_t k, size_t *cut, size_t few, const size_t *many_cut)
{
	const size_t shift = k - few;
	size_t i = 0;

	while (many_cut[i + 1 + shift] > cut[i + 1])
		i++;
	memmove(cut + i + 1 + shift, cut + i + 1, (few - i) * sizeof(*cut));
	memcpy(cut, many_cut, (i + shift + 1) * sizeof(*cut));
}

/* The price at which both partitions come to the same. */
static double
even_price(const struct outcome *few, const struct outcome *many)
{
	return (few->cost - many->cost) / (double)(many->clusters - few->clusters);
}

/*
 * The price to try after `last`: clusters fall with about the cube root of it; where that leads
 * out of the interval, where the two ends come to the same; halfway now and then, in any case.
 */
static double
next_price(const struct outcome *last, size_t k, const struct outcome *few,
           const struct outcome *many, int step)
{
	const double ratio = (double)last->clusters / (double)k;
	const double guess = last->price * ratio * ratio * ratio;
	const double even = even_price(few, many);

	if (step < 16 && step % 4 != 3 && guess > many->price && guess < few->price)
		return guess;
	if (step % 8 == 7 && many->price > 0.0)
		return sqrt(many->price) * sqrt(few->price);
	return even;
}

/*
 * Tries prices until one gives k clusters (true), or one cluster more or less comes to the same
 * (false: few and many are then the two to choose from).
 */
static int
find_price(struct search *s, size_t k, size_t *cut, struct outcome *few, struct outcome *many,
           bool *found, struct tmo_error *err)
{
	const struct points *p = s->p;
	double price = 2.0 * cluster_partition_lloyd(p, k, cut) / (double)k;

	/* Nothing is better than that partition, and no price would lead to it. */
	*found = price == 0.0;
	if (*found)
		return 0;
	for (int step = 0; step < STEPS_MAX; step++) {
		struct outcome o;

		if (!(price > many->price && price < few->price))
			return 0;
		if (priced(s, price, k, cut, &o, err) < 0)
			return -1;
		*found = o.clusters == k;
		if (*found)
			return 0;
		/* A line that touches f at both ends has nothing below it in between. */
		if (o.cost + price * (double)o.clusters >=
		    (few->cost + price * (double)few->clusters) * (1.0 - 0x1p-46) &&
		    price == even_price(few, many))
			return 0;
		*(o.clusters < k ? few : many) = o;
		price = next_price(&o, k, few, many, step);
	}
	return 0;
}

/* k clusters from those that the prices on either side of k's give. */
static int
choose_between(struct search *s, size_t k, size_t *cut, struct outcome *few, struct outcome *many,
               struct tmo_error *err)
{
	const size_t n = s->p->n;
	size_t *many_cut = tmo_alloc(many->clusters + 1, sizeof(*many_cut), err);
	int status = -1;

	if (many_cut == NULL)
		return -1;
	if (many->price > 0.0) {
		status = priced(s, many->price, many->clusters, many_cut, many, err);
	} else {
		for (size_t c = 0; c <= n; c++)
			many_cut[c] = c;
		status = 0;
	}
	if (status == 0 && few->price < INFINITY) {
		status = priced(s, few->price, k, cut, few, err);
	} else {
		cut[0] = 0;
		cut[1] = n;
	}
	if (status == 0)
		k_between(k, cut, few->clusters, many_cut);
	free(many_cut);
	return status;
}

int
cluster_lagrange_cuts(const struct points *p, size_t k, size_t *cut, struct tmo_error *err)
{
	struct search s = { .p = p, .room = 1024 };
	/* At the ends: one cluster at any price above all that there is, n for nothing. */
	struct outcome few = { INFINITY, cluster_points_cost(p, 0, p->n), 1 };
	struct outcome many = { 0.0, 0.0, p->n };
	bool found;
	int status = -1;

	assert(k >= 1 && k <= p->n);
	s.best = tmo_alloc(p->n + 1, sizeof(*s.best), err);
	s.queue = tmo_alloc(s.room, sizeof(*s.queue), err);
	if (s.best != NULL && s.queue != NULL) {
		status = find_price(&s, k, cut, &few, &many, &found, err);
		if (status == 0 && !found)
			status = choose_between(&s, k, cut, &few, &many, err);
	}
	free(s.best);
	free(s.queue);
	return status;
}
