/* SPDX-License-Identifier: Apache-2.0 */
#include "score.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "base/random.h"
#include "tensor/axes.h"
#include "tensor/tensor.h"
#include "topk.h"

uint64_t
prune_kept_count(uint64_t n, double sparsity)
{
	const double kept = rint((double)n * (1 - sparsity));

	return kept < 1 ? 1 : (uint64_t)kept;
}

int
prune_fail_nan(size_t index, struct tmo_error *err)
{
	return tmo_fail(err, "NaN at index %zu; mend it, or leave the tensor out with --skip", index);
}

void
prune_score_inputs_free(struct score_inputs *in)
{
	prune_gammas_free(&in->gammas);
	tmo_lookup_close(in->norms);
	tmo_tensor_free(&in->norm);
}

void
prune_scored_free(struct scored *s)
{
	free(s->score);
	free(s->keep);
	*s = (struct scored){0};
}

const char *
prune_why_not(const struct score_inputs *in, const struct prune *o, const struct tmo_pattern *p,
              const struct tmo_tensor *t)
{
	if ((p->kind == TMO_N_OF_M || o->criterion.index == CRITERION_WANDA) && t->input_axis < 0)
		return "it has no input axis, or none that is known";
	if (p->kind == TMO_CHANNELS && tmo_axes_part(&t->axes, TMO_ROLE_OUTPUT) < 0 &&
	    tmo_axes_part(&t->axes, TMO_ROLE_OWN) < 0)
		return "it has no output axis, or none that is known";
	if (prune_by_gamma(o) && !prune_gammas_has(&in->gammas, t->name))
		return "no BatchNormalization follows it; channel:l2 does without one";
	return NULL;
}

static struct tmo_lines
input_lines(const struct tmo_tensor *t)
{
	return tmo_lines_along(&t->axes, tmo_axes_part(&t->axes, TMO_ROLE_INPUT));
}

static struct prune_units
units_of(const struct tmo_pattern *p, const struct tmo_tensor *t)
{
	if (p->kind == TMO_BLOCKS)
		return prune_units_of_blocks(&t->axes, p->rows, p->columns);
	if (p->kind == TMO_CHANNELS)
		return prune_units_of_blocks(&t->axes, 1, SIZE_MAX);
	return prune_units_of_weights(t->count);
}

/*
 * Which channels are compared with each other: those of one own. False: all of them; there is one own,
 * or each has one channel (a depthwise convolution), of which nothing could go.
 */
static bool
channel_sets(const struct tmo_tensor *t, struct tmo_blocks *sets)
{
	struct tmo_axes channels = {.count = 0};

	for (int i = 0; i < t->axes.count; i++)
		if (t->axes.part[i].role == TMO_ROLE_OUTPUT || t->axes.part[i].role == TMO_ROLE_OWN)
			channels.part[channels.count++] = t->axes.part[i];
	tmo_blocks_of_roles(sets, &channels, TMO_ROLES(OWN));
	return sets->entries > 1 && sets->entries < sets->count;
}

/* Groups of inputs with norms of their own: by the own, or so many outputs after the other. */
static bool
norm_groups(const struct tmo_tensor *t, size_t count, struct tmo_blocks *groups, size_t *per_group)
{
	*per_group = 1;
	tmo_blocks_of_roles(groups, &t->axes, TMO_ROLES(OWN));
	if (count == groups->entries)
		return true;
	tmo_blocks_of_roles(groups, &t->axes, TMO_ROLES(OUTPUT) | TMO_ROLES(OWN));
	if (count == 0 || groups->entries % count != 0)
		return false;
	*per_group = groups->entries / count;
	return true;
}

/* By the norms of the inputs, those of the tensor's own name. */
static int
multiply_norms(struct score_inputs *in, const struct prune *o, const struct tmo_tensor *t,
               double *score, int threads, struct tmo_error *err)
{
	const struct tmo_lines inputs = input_lines(t);
	struct tmo_blocks groups;
	double *norm = NULL;
	size_t n, per_group;
	bool found;
	int status = -1;

	if (tmo_lookup_find(in->norms, t->name, &in->norm, &found, threads, err) < 0)
		return -1;
	if (!found)
		return tmo_fail(err, "%.200s has no tensor of that name; add one, or leave this out with "
		                "--skip", o->input_norms);
	n = in->norm.count;
	if (n % inputs.length != 0 || !norm_groups(t, n / inputs.length, &groups, &per_group))
		return tmo_fail(err, "%zu norms in %.200s, but the input axis has %zu entries; give one "
		                "norm for each input channel", n, o->input_norms, inputs.length);
	norm = tmo_alloc(n, sizeof(*norm), err);
	if (norm == NULL)
		return -1;
	tmo_to_f64(norm, in->norm.values.type, in->norm.values.data, n);
	for (size_t i = 0; i < n; i++)
		if (!(norm[i] >= 0 && norm[i] <= (double)INFINITY / 2)) {
			tmo_fail(err, "norm %zu in %.200s is %g; a norm is 0 or more, and finite", i,
			         o->input_norms, norm[i]);
			goto out;
		}
	prune_multiply_norms(score, &inputs, norm, n == inputs.length ? NULL : &groups, per_group);
	status = 0;
out:
	free(norm);
	return status;
}

/* So that squares and sums of doubles stay in range; a power of two changes no digit. */
static double
scale_for(const struct tmo_tensor *t, double largest)
{
	int exponent;

	if (t->data64 == NULL || largest == 0)
		return 1;
	frexp(largest, &exponent);
	return ldexp(1, exponent > 900 ? -900 : exponent < -900 ? 900 : -exponent);
}

/* The sizes of the units, over the root mean square of all weights if that is asked for. */
static int
measure(const struct prune *o, enum tmo_pattern_measure how, const struct tmo_tensor *t,
        double largest, int threads, struct scored *s, struct tmo_error *err)
{
	const double scale = scale_for(t, largest);
	double divisor = scale;

	if (t->data64 != NULL)
		prune_score_f64(t->data64, &s->units, how, scale, s->score, threads);
	else
		prune_score_f32(t->data, &s->units, how, scale, s->score, threads);
	if (o->normalize && (t->data64 != NULL ?
	                     prune_rms_f64(t->data64, t->count, scale, &divisor, threads, err) :
	                     prune_rms_f32(t->data, t->count, scale, &divisor, threads, err)) < 0)
		return -1;
	prune_divide(s->score, s->units.count, divisor);
	return 0;
}

int
prune_score_tensor(struct score_inputs *in, const struct prune *o, const struct tmo_pattern *p,
                   const struct tmo_tensor *t, int threads, struct scored *s, struct tmo_error *err)
{
	const bool random = o->criterion.index == CRITERION_RANDOM;
	double largest = 0;
	const size_t nan = t->data64 != NULL ? prune_look_f64(t->data64, t->count, &largest) :
		prune_look_f32(t->data, t->count, &largest);

	prune_scored_free(s);
	if (nan < t->count)
		return prune_fail_nan(nan, err);
	s->units = units_of(p, t);
	s->keep = tmo_alloc(s->units.count, 1, err);
	if (s->keep == NULL)
		return -1;
	if (p->kind == TMO_N_OF_M && o->criterion.index == CRITERION_MAGNITUDE)
		return 0;	/* its groups are compared as they are */
	s->score = tmo_alloc(s->units.count, sizeof(*s->score), err);
	if (s->score == NULL)
		return -1;
	if (prune_by_gamma(o))
		return prune_gammas_score(&in->gammas, t->name, s->score, s->units.count, err);
	if (measure(o, random ? TMO_LARGEST : p->measure, t, largest, threads, s, err) < 0)
		return -1;
	if (random)
		prune_randomize(s->score, s->units.count, (uint64_t)o->seed, tmo_rng_stream(t->name),
		                threads);
	if (o->criterion.index == CRITERION_WANDA)
		return multiply_norms(in, o, t, s->score, threads, err);
	return 0;
}

/* Groups, by their scores or, without any, by the magnitudes themselves. */
static void
mark_n_of_m(const struct tmo_pattern *p, const struct tmo_tensor *t, int threads,
            struct scored *s)
{
	const struct tmo_lines inputs = input_lines(t);

	if (s->score != NULL)
		prune_n_of_m_f64(s->score, &inputs, p->n, p->m, s->keep, threads);
	else if (t->data64 != NULL)
		prune_n_of_m_f64(t->data64, &inputs, p->n, p->m, s->keep, threads);
	else
		prune_n_of_m_f32(t->data, &inputs, p->n, p->m, s->keep, threads);
}

int
prune_mark_best(const struct prune *o, const struct tmo_pattern *p, const struct tmo_tensor *t,
                int threads, struct scored *s, struct tmo_error *err)
{
	const bool all_ties = o->ties.index == TIES_KEEP;
	const size_t n = s->units.count;
	uint64_t kept = prune_kept_count(n, o->sparsity);
	struct tmo_blocks sets;
	double threshold;

	if (p->kind == TMO_N_OF_M) {
		mark_n_of_m(p, t, threads, s);
		return 0;
	}
	if (o->criterion.index == CRITERION_WANDA)
		tmo_blocks_of_roles(&sets, &t->axes, TMO_ROLES(OUTPUT) | TMO_ROLES(OWN));
	else if (p->kind != TMO_CHANNELS || !channel_sets(t, &sets))
		return kept <= s->spared ? 0 : prune_topk(s->score, n, kept - s->spared, all_ties, s->keep,
		                                          &threshold, threads, err);
	kept = prune_kept_count(sets.count / sets.entries, o->sparsity);
	return prune_topk_each(s->score, &sets, kept, all_ties, s->keep, err);
}

void
prune_spare_owns(const struct tmo_pattern *p, const struct tmo_tensor *t, struct scored *s)
{
	struct tmo_blocks sets;

	if (p->kind != TMO_CHANNELS || !channel_sets(t, &sets))
		return;
	for (size_t entry = 0; entry < sets.entries; entry++) {
		struct tmo_strip strip;
		size_t best = SIZE_MAX, kept = 0;

		tmo_strip_at(&sets, entry, 1, &strip);
		for (size_t k = 0; k < strip.lines * strip.length; k++) {
			const size_t i = tmo_strip_line(&strip, k / strip.length) +
				k % strip.length * strip.step;

			kept += s->keep[i];
			best = best == SIZE_MAX || s->score[i] > s->score[best] ? i : best;
		}
		s->keep[best] = kept > 0 ? s->keep[best] : 1;
	}
}

void
prune_zero_unmarked(struct tmo_tensor *t, const struct scored *s, int threads)
{
	if (t->data64 != NULL)
		prune_zero_f64(t->data64, &s->units, s->keep, threads);
	else
		prune_zero_f32(t->data, &s->units, s->keep, threads);
}
