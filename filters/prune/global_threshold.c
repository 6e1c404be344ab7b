/* SPDX-License-Identifier: Apache-2.0 */
#include "global_threshold.h"

#include <math.h>

#include "topk.h"

void
prune_global_free(struct global_threshold *g)
{
	prune_selection_free(&g->selection);
}

/* Fails at a NaN, which is neither larger nor smaller than others. */
static int
count(struct selection *s, const struct tmo_tensor *t, struct tmo_error *err)
{
	const size_t i = t->data64 != NULL ? prune_count_f64(s, t->data64, t->count) :
		prune_count_f32(s, t->data, t->count);

	return i == t->count ? 0 : prune_fail_nan(i, err);
}

static void
cut(struct tmo_tensor *t, double threshold, uint64_t *ties, int threads)
{
	if (t->data64 != NULL)
		prune_cut_f64(t->data64, t->count, threshold, ties, threads);
	else
		prune_cut_f32(t->data, t->count, threshold, ties, threads);
}

/* Before n more units are counted, of which so many are spared. */
static int
begin_counting(struct global_threshold *g, size_t n, size_t spared, int threads, struct tmo_error *err)
{
	if (!g->read) {
		g->total += n;
		g->spared += spared;
	}
	if (g->selection.counts != NULL)
		return 0;
	return prune_selection_start(&g->selection, UINT64_MAX, threads, err);
}

int
prune_global_add_weights(struct global_threshold *g, const struct tmo_tensor *t, int threads,
                         struct tmo_error *err)
{
	return begin_counting(g, t->count, 0, threads, err) < 0 ? -1 : count(&g->selection, t, err);
}

int
prune_global_add_units(struct global_threshold *g, const struct scored *scored, int threads,
                       struct tmo_error *err)
{
	if (begin_counting(g, scored->units.count, scored->spared, threads, err) < 0)
		return -1;
	prune_count_f64(&g->selection, scored->score, scored->units.count);
	return 0;
}

bool
prune_global_narrow(struct global_threshold *g, double sparsity)
{
	if (g->total == 0)
		return true;
	g->read = true;
	g->kept = prune_kept_count(g->total, sparsity);
	if (g->kept <= g->spared) {
		g->kept = g->spared;
		g->threshold = (double)INFINITY;	/* and no others */
		return true;
	}
	if (!prune_narrow(&g->selection, g->kept - g->spared))
		return false;
	g->threshold = prune_threshold(&g->selection);
	g->ties = g->kept - g->spared - g->selection.above;
	return true;
}

void
prune_global_cut_weights(struct global_threshold *g, struct tmo_tensor *t, bool all_ties,
                         int threads)
{
	const bool all = all_ties || g->selection.equal <= g->ties;

	cut(t, g->threshold, all ? NULL : &g->ties, threads);
}

void
prune_global_mark_units(struct global_threshold *g, struct scored *scored, bool all_ties)
{
	prune_mark(scored->score, scored->units.count, g->threshold, all_ties ? NULL : &g->ties,
	           scored->keep);
}

int
prune_cut_tensor(struct tmo_tensor *t, double sparsity, bool all_ties, int threads,
                 uint64_t *stay, double *threshold, struct tmo_error *err)
{
	const uint64_t kept = prune_kept_count(t->count, sparsity);
	struct selection s;
	uint64_t ties;
	int status;

	if (prune_selection_start(&s, t->count, threads, err) < 0)
		return -1;
	do
		status = count(&s, t, err);
	while (status == 0 && !prune_narrow(&s, kept));
	if (status == 0) {
		ties = all_ties ? s.equal : kept - s.above;
		*stay = s.above + ties;
		*threshold = prune_threshold(&s);
		cut(t, *threshold, s.equal > ties ? &ties : NULL, threads);
	}
	prune_selection_free(&s);
	return status;
}
