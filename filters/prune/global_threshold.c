/* SPDX-License-Identifier: Apache-2.0 */
#include "global_threshold.h"

#include "topk.h"

void
pool_free(struct pool *p)
{
	prune_selection_free(&p->selection);
}

/* Fails at a NaN, which is neither larger nor smaller than others. */
static int
count(struct selection *s, const struct tmo_tensor *t, struct tmo_error *err)
{
	const size_t i = t->data64 != NULL ? prune_count_f64(s, t->data64, t->count) :
		prune_count_f32(s, t->data, t->count);

	return i == t->count ? 0 : judge_nan(i, err);
}

static void
cut(struct tmo_tensor *t, double threshold, uint64_t *ties, int threads)
{
	if (t->data64 != NULL)
		prune_cut_f64(t->data64, t->count, threshold, ties, threads);
	else
		prune_cut_f32(t->data, t->count, threshold, ties, threads);
}

/* Before n more units are counted. */
static int
begin_counting(struct pool *p, size_t n, int threads, struct tmo_error *err)
{
	if (p->kept == 0)		/* the first reading */
		p->total += n;
	if (p->selection.counts != NULL)
		return 0;
	return prune_selection_start(&p->selection, UINT64_MAX, threads, err);
}

int
pool_add_weights(struct pool *p, const struct tmo_tensor *t, int threads, struct tmo_error *err)
{
	return begin_counting(p, t->count, threads, err) < 0 ? -1 : count(&p->selection, t, err);
}

int
pool_add_units(struct pool *p, const struct verdict *v, int threads, struct tmo_error *err)
{
	if (begin_counting(p, v->units.count, threads, err) < 0)
		return -1;
	prune_count_f64(&p->selection, v->score, v->units.count);
	return 0;
}

bool
pool_settle(struct pool *p, double sparsity)
{
	if (p->total == 0)
		return true;
	p->kept = judge_kept(p->total, sparsity);
	if (!prune_narrow(&p->selection, p->kept))
		return false;
	p->threshold = prune_threshold(&p->selection);
	p->ties = p->kept - p->selection.above;
	return true;
}

void
pool_cut_weights(struct pool *p, struct tmo_tensor *t, bool all_ties, int threads)
{
	const bool all = all_ties || p->selection.equal <= p->ties;

	cut(t, p->threshold, all ? NULL : &p->ties, threads);
}

void
pool_mark_units(struct pool *p, struct verdict *v, bool all_ties)
{
	prune_mark(v->score, v->units.count, p->threshold, all_ties ? NULL : &p->ties, v->keep);
}

int
weights_cut_alone(struct tmo_tensor *t, double sparsity, bool all_ties, int threads,
                  uint64_t *stay, double *threshold, struct tmo_error *err)
{
	const uint64_t kept = judge_kept(t->count, sparsity);
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
