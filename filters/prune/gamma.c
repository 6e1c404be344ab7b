/* SPDX-License-Identifier: Apache-2.0 */
#include "gamma.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/minifloat.h"

int
gammas_find(struct gammas *g, const void *onnx, size_t size, struct tmo_error *err)
{
	if (tmo_graph_norms(onnx, size, &g->norms, err) < 0)
		return tmo_fail_at(err, "graph.onnx");
	for (size_t i = 0; i < g->norms.count; i++) {
		const struct tmo_norm *const norm = &g->norms.norm[i];
		const bool first = tmo_string_index_get(&g->by_scale, norm->scale) == SIZE_MAX;

		if (tmo_string_index_set(&g->by_weight, norm->weight, i, err) < 0 ||
		    (first && tmo_string_index_set(&g->by_scale, norm->scale, i, err) < 0))
			return -1;
	}
	return 0;
}

void
gammas_free(struct gammas *g)
{
	tmo_norms_free(&g->norms);
	tmo_string_index_free(&g->by_weight);
	tmo_string_index_free(&g->by_scale);
}

bool
gammas_want(const struct gammas *g, const char *name)
{
	const size_t i = tmo_string_index_get(&g->by_scale, name);

	return i != SIZE_MAX && g->norms.norm[i].values == NULL;
}

int
gammas_take(struct gammas *g, const struct tmo_tensor *t, struct tmo_error *err)
{
	struct tmo_norm *const norm = &g->norms.norm[tmo_string_index_get(&g->by_scale, t->name)];

	norm->values = tmo_alloc(t->count, sizeof(double), err);
	if (norm->values == NULL)
		return -1;
	norm->count = t->count;
	tmo_to_f64(norm->values, t->values.type, t->values.data, t->count);
	return 0;
}

bool
gammas_has(const struct gammas *g, const char *weight)
{
	return tmo_string_index_get(&g->by_weight, weight) != SIZE_MAX;
}

int
gammas_score(const struct gammas *g, const char *weight, double *score, size_t n,
             struct tmo_error *err)
{
	const struct tmo_norm *norm = &g->norms.norm[tmo_string_index_get(&g->by_weight, weight)];

	/* Layers may share one: the first has the values. */
	norm = &g->norms.norm[tmo_string_index_get(&g->by_scale, norm->scale)];
	if (norm->values == NULL)
		return tmo_fail(err, "the scale of its BatchNormalization, %.100s, is not in the stream; "
		                "import the model again", norm->scale);
	if (norm->count != n)
		return tmo_fail(err, "%zu output channels, but the scale of its BatchNormalization, "
		                "%.100s, has %zu; leave the tensor out with --skip", n, norm->scale,
		                norm->count);
	for (size_t i = 0; i < n; i++) {
		score[i] = fabs(norm->values[i]);
		if (isnan(score[i]))
			return tmo_fail(err, "the scale of its BatchNormalization, %.100s, is NaN at index "
			                "%zu; leave the tensor out with --skip", norm->scale, i);
	}
	return 0;
}
