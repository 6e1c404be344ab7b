/* SPDX-License-Identifier: Apache-2.0 */
/* The weights are drawn among in their own order, as f32. */
#include "init_plusplus.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/sort.h"
#include "kmeans_plusplus.h"

#define EXPONENT_MAX 40		/* of values that are left as they are; see kmeans_plusplus.h */

/* The weights of one sign. */
struct signed_weights {
	const struct group *g;
	int sign;
	size_t n;
	float *x, *weight;
	double x_most, weight_most;	/* magnitudes */
};

static inline double
value_at(const struct group *g, size_t i)
{
	return g->x != NULL ? (double)g->x[i] : g->x64[i];
}

static inline double
weight_at(const struct group *g, size_t i)
{
	return g->w != NULL ? (double)g->w[i] : g->w64[i];
}

/* Calls for every weight i of the sign that is asked for, in order. */
#define FOR_WEIGHTS(p, i) \
	GROUP_FOR((p)->g, 0, cluster_group_size((p)->g), i) \
		if ((p)->sign == 0 || ((p)->sign < 0 ? value_at((p)->g, i) < 0.0 \
		                                     : value_at((p)->g, i) > 0.0))

static void
look_over(struct signed_weights *p)
{
	FOR_WEIGHTS(p, i) {
		p->n++;
		p->x_most = fmax(p->x_most, fabs(value_at(p->g, i)));
		if (cluster_group_is_weighted(p->g))
			p->weight_most = fmax(p->weight_most, weight_at(p->g, i));
	}
}

/* A power of two: 1 if x has an exponent in ±range, else what brings it near 1. */
static double
scale_for(double x, int range)
{
	int exponent = 0;

	frexp(x, &exponent);
	if (exponent >= -range && exponent <= range)
		return 1.0;
	return ldexp(1.0, exponent < -1000 ? 1000 : -exponent);
}

static int
gather(struct signed_weights *p, struct tmo_error *err)
{
	const double scale = scale_for(p->x_most, EXPONENT_MAX);
	const double weight_scale = scale_for(p->weight_most, 0);
	size_t at = 0;

	p->x = tmo_alloc(p->n, sizeof(*p->x), err);
	if (p->x == NULL)
		return -1;
	if (p->weight_most > 0.0) {
		p->weight = tmo_alloc(p->n, sizeof(*p->weight), err);
		if (p->weight == NULL)
			return -1;
	}
	FOR_WEIGHTS(p, i) {
		p->x[at] = (float)(value_at(p->g, i) * scale);
		if (p->weight != NULL)
			p->weight[at] = (float)(weight_at(p->g, i) * weight_scale);
		at++;
	}
	return 0;
}

/* The weights of those indices, which count the weights of the sign and ascend. */
static void
take(const struct signed_weights *p, const uint32_t *index, size_t count, double *value)
{
	size_t at = 0, taken = 0;

	FOR_WEIGHTS(p, i) {
		if (taken < count && index[taken] == at)
			value[taken++] = value_at(p->g, i);
		at++;
	}
}

int
cluster_init_plusplus(const struct group *g, int sign, size_t k, uint64_t seed, double *value,
                      size_t *count, int threads, struct tmo_error *err)
{
	struct signed_weights p = { .g = g, .sign = sign };
	uint32_t *index = tmo_alloc(k, sizeof(*index), err);
	uint32_t *spare = tmo_alloc(k, sizeof(*spare), err);
	int status = -1;

	look_over(&p);
	if (index != NULL && spare != NULL && gather(&p, err) == 0 &&
	    cluster_kmeans_plusplus(p.x, p.weight, p.n, k, seed, index, count, threads, err) == 0 &&
	    tmo_sort_u32(&index, &spare, *count, threads, err) == 0) {
		take(&p, index, *count, value);
		status = 0;
	}
	free(p.x);
	free(p.weight);
	free(index);
	free(spare);
	return status;
}
