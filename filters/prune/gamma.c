/* SPDX-License-Identifier: Apache-2.0 */
#include "gamma.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/minifloat.h"

/* The values of a scale that stays in the graph. */
static int
take_values(struct gamma *gamma, const struct tmo_array *a, struct tmo_error *err)
{
	gamma->values = tmo_alloc(a->count, sizeof(double), err);
	if (gamma->values == NULL)
		return -1;
	gamma->count = a->count;
	tmo_to_f64(gamma->values, a->type, a->data, a->count);
	return 0;
}

/* One more layer; the first of those that share a scale has its values. */
static int
add(struct gammas *g, const struct tmo_value *weight, const struct tmo_value *scale,
    struct tmo_error *err)
{
	const size_t place = g->count;
	struct gamma *const gamma = &g->gamma[place];

	*gamma = (struct gamma){.weight = weight->name, .scale = scale->name};
	g->count++;
	if (tmo_string_index_set(&g->by_weight, weight->name, place, err) < 0)
		return -1;
	if (tmo_string_index_get(&g->by_scale, scale->name) != SIZE_MAX)
		return 0;
	if (tmo_string_index_set(&g->by_scale, scale->name, place, err) < 0)
		return -1;
	return scale->data != NULL ? take_values(gamma, scale->data, err) : 0;
}

int
prune_gammas_find(struct gammas *g, const struct tmo_net *net, struct tmo_error *err)
{
	struct tmo_norms norms;
	int status = -1;

	if (tmo_net_norms(net, &norms, err) < 0)
		return -1;
	g->gamma = tmo_alloc(norms.count, sizeof(*g->gamma), err);
	if (g->gamma != NULL)
		status = 0;
	for (size_t i = 0; i < norms.count && status == 0; i++)
		status = add(g, &net->value[norms.norm[i].weight], &net->value[norms.norm[i].scale], err);
	tmo_norms_free(&norms);
	return status;
}

void
prune_gammas_free(struct gammas *g)
{
	for (size_t i = 0; i < g->count; i++)
		free(g->gamma[i].values);
	free(g->gamma);
	tmo_string_index_free(&g->by_weight);
	tmo_string_index_free(&g->by_scale);
}

bool
prune_gammas_want(const struct gammas *g, const char *name)
{
	const size_t i = tmo_string_index_get(&g->by_scale, name);

	return i != SIZE_MAX && g->gamma[i].values == NULL;
}

int
prune_gammas_take(struct gammas *g, const struct tmo_tensor *t, struct tmo_error *err)
{
	return take_values(&g->gamma[tmo_string_index_get(&g->by_scale, t->name)], &t->values, err);
}

bool
prune_gammas_has(const struct gammas *g, const char *weight)
{
	return tmo_string_index_get(&g->by_weight, weight) != SIZE_MAX;
}

int
prune_gammas_score(const struct gammas *g, const char *weight, double *score, size_t n,
                   struct tmo_error *err)
{
	const struct gamma *gamma = &g->gamma[tmo_string_index_get(&g->by_weight, weight)];

	/* Layers may share one: the first has the values. */
	gamma = &g->gamma[tmo_string_index_get(&g->by_scale, gamma->scale)];
	if (gamma->values == NULL)
		return tmo_fail(err, "the scale of its BatchNormalization, %.100s, is not in the stream; "
		                "import the model again", gamma->scale);
	if (gamma->count != n)
		return tmo_fail(err, "%zu output channels, but the scale of its BatchNormalization, "
		                "%.100s, has %zu; leave the tensor out with --skip", n, gamma->scale,
		                gamma->count);
	for (size_t i = 0; i < n; i++) {
		score[i] = fabs(gamma->values[i]);
		if (isnan(score[i]))
			return tmo_fail(err, "the scale of its BatchNormalization, %.100s, is NaN at index "
			                "%zu; leave the tensor out with --skip", gamma->scale, i);
	}
	return 0;
}
