/* SPDX-License-Identifier: Apache-2.0 */
/* rewrite_finish.c: the changes of a network that were noted, done to its graphs. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "formats/onnx/rewrite.h"

void
tmo_onnx_weights_free(struct tmo_onnx_weights *w)
{
	for (size_t i = 0; i < w->count; i++)
		tmo_onnx_coded_free(&w->list[i].form);
	free(w->list);
	tmo_string_index_free(&w->names);
	*w = (struct tmo_onnx_weights){0};
}

/* What failed before its end leaves new nodes and weights that no graph has. */
void
tmo_onnx_rewrite_close(struct tmo_onnx_rewrite *rw)
{
	for (size_t i = 0; i < rw->site_count; i++)
		for (int k = 0; k < rw->site[i].added_count; k++)
			onnx__node_proto__free_unpacked(rw->site[i].added[k], NULL);
	for (size_t i = 0; i < rw->weights->count; i++)
		if (rw->weights->list[i].anchor != TMO_ONNX_NOWHERE)
			onnx__tensor_proto__free_unpacked(rw->weights->list[i].declared, NULL);
	free(rw->value);
	free(rw->site);
	free(rw->constant);
	tmo_string_index_free(&rw->names);
	tmo_string_index_free(&rw->dropped);
	tmo_onnx_free_renames(&rw->renames);
}

static const char *
constant_name(const struct tmo_onnx_rewrite *rw, const struct tmo_onnx_const *c)
{
	return c->site == TMO_ONNX_NOWHERE ? tmo_onnx_text(c->tensor->name) :
	                                     rw->site[c->site].node->output[0];
}

/* Whether a constant that became part of a weight has no use left. */
static bool
is_spent(const struct tmo_onnx_rewrite *rw, const struct tmo_onnx_const *c)
{
	const struct tmo_onnx_value *v = c->taken ? tmo_onnx_value(rw, constant_name(rw, c)) : NULL;

	return v != NULL && v->uses == 0;
}

/* Notes the names of constants without use; Constants go. */
static int
drop_spent(struct tmo_onnx_rewrite *rw)
{
	for (size_t i = 0; i < rw->constant_count; i++) {
		const struct tmo_onnx_const *c = &rw->constant[i];

		if (!is_spent(rw, c))
			continue;
		if (tmo_string_index_set(&rw->dropped, constant_name(rw, c), 1, rw->err) < 0)
			return -1;
		if (c->site != TMO_ONNX_NOWHERE)
			rw->site[c->site].gone = true;
	}
	return 0;
}

/* For qsort: weights by their place. */
static int
by_anchor(const void *a, const void *b)
{
	const size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

/* Of each weight its anchor and its number, by anchor; owned. */
static size_t *
weights_in_order(struct tmo_onnx_rewrite *rw)
{
	const size_t n = rw->weights->count;
	size_t *order = tmo_alloc(n, 2 * sizeof(*order), rw->err);

	for (size_t i = 0; i < n && order != NULL; i++) {
		order[2 * i] = rw->weights->list[i].anchor;
		order[2 * i + 1] = i;
	}
	if (order != NULL)
		qsort(order, n, 2 * sizeof(*order), by_anchor);
	return order;
}

/* Puts the weights whose anchors are before `end` into the list. */
static void
put_weights(struct tmo_onnx_rewrite *rw, const size_t *order, size_t *next, size_t end,
            Onnx__TensorProto **list, size_t *n)
{
	for (; *next < rw->weights->count && order[2 * *next] < end; (*next)++) {
		struct tmo_onnx_weight *w = &rw->weights->list[order[2 * *next + 1]];

		list[(*n)++] = w->declared;
		w->anchor = TMO_ONNX_NOWHERE;	/* it is the graph's now */
	}
}

/*
 * The initializers of all graphs without those that are spent; the main graph's with the new ones,
 * each where its codes were. Constants are numbered graph by graph, the main one's initializers
 * first.
 */
static int
finish_initializers(struct tmo_onnx_rewrite *rw)
{
	Onnx__GraphProto *outer = rw->model->graph, *g = NULL;
	size_t *order = weights_in_order(rw), next = 0, n = 0, *count;
	Onnx__TensorProto **list = tmo_alloc(outer->n_initializer + rw->weights->count,
	                                     sizeof(*list), rw->err), **to;

	if (list == NULL || order == NULL || drop_spent(rw) < 0) {
		free(list);
		free(order);
		return -1;
	}
	for (size_t i = 0; i < rw->constant_count; i++) {
		const struct tmo_onnx_const *c = &rw->constant[i];

		if (c->site != TMO_ONNX_NOWHERE)
			continue;
		count = c->graph == outer ? &n : &c->graph->n_initializer;
		to = c->graph == outer ? list : c->graph->initializer;
		if (c->graph != g && c->graph != outer)	/* in place: it only shrinks */
			*count = 0;
		g = c->graph;
		if (is_spent(rw, c))
			onnx__tensor_proto__free_unpacked(c->tensor, NULL);
		else
			to[(*count)++] = c->tensor;
		if (g == outer)
			put_weights(rw, order, &next, i + 1, list, &n);
	}
	put_weights(rw, order, &next, SIZE_MAX, list, &n);
	free(order);
	free(outer->initializer);
	outer->initializer = list;
	outer->n_initializer = n;
	return 0;
}

/* The sites from `first` on that are of one graph: new nodes come, others go. *end: the next one's. */
static int
rebuild_nodes(struct tmo_onnx_rewrite *rw, size_t first, size_t *end)
{
	Onnx__GraphProto *g = rw->site[first].graph;
	size_t room = 0, n = 0, i;
	Onnx__NodeProto **list;
	bool changed = false;

	for (i = first; i < rw->site_count && rw->site[i].graph == g; i++) {
		room += 1 + (size_t)rw->site[i].added_count;
		changed = changed || rw->site[i].gone || rw->site[i].added_count > 0;
	}
	*end = i;
	if (!changed)
		return 0;
	list = tmo_alloc(room, sizeof(*list), rw->err);
	if (list == NULL)
		return -1;
	for (i = first; i < *end; i++) {
		struct tmo_onnx_site *s = &rw->site[i];

		for (int k = 0; k < s->added_count; k++)
			list[n++] = s->added[k];
		s->added_count = 0;
		if (s->gone)
			onnx__node_proto__free_unpacked(s->node, NULL);
		else
			list[n++] = s->node;
	}
	free(g->node);
	g->node = list;
	g->n_node = n;
	return 0;
}

/* Types of values that are no more. */
static int
drop_value_info(void *arg, Onnx__GraphProto *g)
{
	const struct tmo_onnx_rewrite *rw = arg;
	size_t kept = 0;

	for (size_t i = 0; i < g->n_value_info; i++) {
		Onnx__ValueInfoProto *v = g->value_info[i];

		if (tmo_string_index_get(&rw->dropped, tmo_onnx_text(v->name)) != SIZE_MAX)
			onnx__value_info_proto__free_unpacked(v, NULL);
		else
			g->value_info[kept++] = v;
	}
	g->n_value_info = kept;
	return tmo_onnx_each_inner(g, drop_value_info, arg);
}

static int
rename_in(void *arg, Onnx__GraphProto *g)
{
	struct tmo_onnx_rewrite *rw = arg;

	if (tmo_onnx_each_reference(g, tmo_onnx_rename_one, &rw->renames, rw->err) < 0)
		return -1;
	return tmo_onnx_each_inner(g, rename_in, arg);
}

int
tmo_onnx_rewrite_finish(struct tmo_onnx_rewrite *rw)
{
	if (rw->weights->count == 0)
		return 0;
	if (finish_initializers(rw) < 0)
		return -1;
	for (size_t i = 0; i < rw->site_count;)
		if (rebuild_nodes(rw, i, &i) < 0)
			return -1;
	if (rw->renames.count > 0 && rename_in(rw, rw->model->graph) < 0)
		return -1;
	return drop_value_info(rw, rw->model->graph);
}
