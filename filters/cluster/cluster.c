/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-cluster: few shared values in the place of many. */
#include <string.h>

#include "base/random.h"
#include "importance.h"
#include "run/run.h"
#include "tensor/infinite_mask.h"
#include "run/run_lookup.h"
#include "tensor_codebooks.h"
#include "unique_values.h"

struct cluster {
	int64_t clusters, steps, seed;
	struct tmo_choice granularity, init;
	int keep_zeros;			/* -1: where there are many */
	const char *importance;
};

static const struct tmo_option options[] = {
	TMO_INT('c', "clusters", struct cluster, clusters, "N", 16, 2, 65536,
	        "how many values are shared, 0.0 with them"),
	TMO_CHOICE('g', "granularity", struct cluster, granularity, "tensor|channel|group:N",
	           "tensor", "what has a codebook of its own"),
	TMO_SWITCH(0, "keep-zeros", struct cluster, keep_zeros,
	           "0.0 for the zeros alone [if over 20 % are zero]"),
	/* The words are in the order of enum init. */
	TMO_CHOICE('i', "init", struct cluster, init, "optimal|kmeans++|density|linear|random",
	           "optimal", "values to start from"),
	TMO_INT(0, "steps", struct cluster, steps, "N", 1000000, 0, 999999999,
	        "not optimal: most steps of Lloyd's algorithm"),
	TMO_INT(0, "seed", struct cluster, seed, "N", 9, 0, 4294967295,
	        "kmeans++, random: other numbers"),
	TMO_FILE(0, "importance", struct cluster, importance,
	         "stream or file of how much each error counts"),
	TMO_OPTIONS_END
};

struct state {
	struct tmo_lookup *importance;
};

static int
cluster_check(const void *data, struct tmo_error *err)
{
	const struct cluster *o = data;

	if (o->importance != NULL && strcmp(o->importance, "-") == 0)
		return tmo_fail_usage(err, "--importance: stdin is the stream itself; name a file");
	return 0;
}

static int
cluster_begin(struct tmo_run *run, struct tmo_error *err)
{
	const struct cluster *o = tmo_options(run);
	struct state *s = tmo_state(run);

	if (o->importance == NULL)
		return 0;
	s->importance = tmo_run_lookup(run, o->importance, err);
	return s->importance == NULL ? -1 : 0;
}

static int
cluster_finish(struct tmo_run *run, struct tmo_error *err)
{
	struct state *s = tmo_state(run);

	return s->importance != NULL ? tmo_lookup_finish(s->importance, err) : 0;
}

static void
cluster_release(struct tmo_run *run)
{
	struct state *s = tmo_state(run);

	tmo_lookup_close(s->importance);
}

/* Looks over the whole tensor first: whether it can be clustered, and whether its zeros stay. */
static int
look(const struct group *weights, const struct tmo_tensor *t, const struct cluster *o,
     struct method *m, size_t *zeros, int threads, struct tmo_error *err)
{
	struct census census;

	if (t->count > UINT32_MAX)
		return tmo_fail(err, "%zu weights, at most %lu can be clustered; --skip it", t->count,
		                (unsigned long)UINT32_MAX);
	if (cluster_census(weights, threads, &census, err) < 0)
		return -1;
	if (census.bad != SIZE_MAX) {
		const double x = t->data != NULL ? (double)t->data[census.bad]
		                                 : t->data64[census.bad];

		return tmo_fail(err, "%s at index %zu, which has no cluster; repair it, or --skip it",
		                x != x ? "NaN" : x > 0 ? "inf" : "-inf", census.bad);
	}
	/* Over 20 %, in whole numbers. */
	m->keep_zeros = o->keep_zeros != 0 &&
	                (o->keep_zeros > 0 || census.zeros > t->count / 5);
	*zeros = census.zeros;
	return 0;
}

/* Of a tensor's time this much goes by before its books are made, and while they are. */
#define LOOKING 0.1
#define BOOKS 0.7

static void
tell_books(void *run, double part)
{
	tmo_run_tensor_part(run, LOOKING + BOOKS * part);
}

/* What codes and books take, once these are made. */
static struct tmo_entry_cost
cost_of(const struct plan *plan, const struct tmo_tensor *t)
{
	int bits;
	const size_t values = cluster_plan_values(plan, &bits);

	return (struct tmo_entry_cost){
		.numbers = values, .code_bits = (size_t)bits,
		.number_bytes = tmo_type_size(t->data64 != NULL ? TMO_F64 : TMO_F32),
	};
}

/*
 * The books at the granularity that is wanted, or at the next coarser one where they turn out to take
 * more room than the weights. *granularity and *why are for the note.
 */
static int
make_books(struct tmo_run *run, struct plan *plan, const struct tmo_tensor *t,
           const struct method *m, const struct group *weights, enum tmo_granularity *granularity,
           const char **why, struct tmo_error *err)
{
	const struct cluster *o = tmo_options(run);
	const size_t group = (size_t)o->granularity.number;
	struct tmo_entry_cost cost = { .numbers = 1 };
	bool made = false;

	cost.number_bytes = tmo_type_size(t->data64 != NULL ? TMO_F64 : TMO_F32);
	*granularity = (enum tmo_granularity)o->granularity.index;
	*why = "";
	for (;;) {
		const char *reason;
		const enum tmo_granularity g =
			tmo_granularity_for(t, *granularity, group, &cost, &reason);

		*why = *reason != '\0' ? reason : *why;
		if (made && g == *granularity)
			return 0;
		cluster_plan_free(plan);
		if (cluster_plan_groups(plan, t, g, group, m->most, tmo_threads(run), err) < 0)
			return -1;
		plan->method = m;
		plan->whole = *weights;
		plan->told = tell_books;
		plan->told_arg = run;
		if (cluster_plan_make_books(plan, err) < 0)
			return -1;
		made = true;
		*granularity = g;
		cost = cost_of(plan, t);
	}
}

static int
cluster_plan(struct tmo_run *run, struct plan *plan, struct tmo_tensor *t, struct method *m,
             enum tmo_granularity *granularity, const char **why, struct tmo_error *err)
{
	const struct cluster *o = tmo_options(run);
	struct state *s = tmo_state(run);
	const int threads = tmo_threads(run);
	struct group weights = cluster_group_whole(t);
	struct tmo_tensor importance = { 0 };
	size_t zeros = 0;
	int status = -1;

	if (look(&weights, t, o, m, &zeros, threads, err) < 0)
		return -1;
	if (s->importance != NULL) {
		if (cluster_importance_load(s->importance, t, &importance, threads, err) < 0)
			goto out;
		weights.w = importance.data;
		weights.w64 = importance.data64;
	}
	tell_books(run, 0);
	status = make_books(run, plan, t, m, &weights, granularity, why, err);
	plan->counts_zeros = zeros > 0 && o->keep_zeros < 0;
out:
	plan->whole.w = NULL;
	plan->whole.w64 = NULL;
	tmo_tensor_free(&importance);
	return status;
}

/* Unless --keep-zeros or --no-keep-zeros said what is to become of them. */
static void
warn_of_zeros(struct tmo_run *run, const struct plan *plan, const struct tmo_tensor *t)
{
	const size_t lost = cluster_plan_zeros_lost(plan);

	if (lost > 0)
		tmo_run_warn(run, "%zu of %zu weights were 0 and are not now; --keep-zeros keeps them",
		             lost, t->count);
}

static int
cluster_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	static const char *const owner[] = { "", " a channel", " a group" };
	const struct cluster *o = tmo_options(run);
	struct method m = {
		.most = (size_t)o->clusters, .init = (enum init)o->init.index,
		.steps = (size_t)o->steps, .seed = (uint64_t)o->seed,
		.stream = tmo_rng_stream(t->name),
	};
	enum tmo_granularity granularity;
	struct plan plan = { 0 };
	struct tmo_entry_cost cost;
	const char *why;
	int status = -1;

	if ((t->data == NULL && t->data64 == NULL) || t->count == 0 || t->rank == TMO_RANK_MAX) {
		tmo_note(run, "left as it is: %s", t->count == 0 ? "no elements" :
		         t->rank == TMO_RANK_MAX ? "too many axes for a codebook" : "no floats");
		return tmo_pass(run, t, err);
	}
	if (tmo_is_mask(t)) {
		tmo_run_warn(run, "left as it is: a mask, with infinities and at most two other values");
		return tmo_pass(run, t, err);
	}
	if (cluster_plan(run, &plan, t, &m, &granularity, &why, err) < 0)
		goto out;
	cost = cost_of(&plan, t);
	if (tmo_granularity_is_larger(t, granularity, (size_t)o->granularity.number, &cost)) {
		tmo_note(run, "left as it is: codes and codebook would take more room");
		status = tmo_pass(run, t, err);
		goto out;
	}
	if (cluster_plan_encode(&plan, t, err) < 0)
		goto out;
	tmo_note(run, "%zu values%s%s, %d bits%s", t->codebook.shape[t->rank], owner[granularity],
	         m.keep_zeros ? ", zeros kept" : "", t->bits, why);
	tmo_run_losses(run, false, "allow more --clusters, or leave it out with --skip");
	warn_of_zeros(run, &plan, t);
	status = tmo_put(run, t, err);
out:
	cluster_plan_free(&plan);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter cluster = {
		.name = "cluster",
		.summary = "let weights share a few values",
		.example = "tmo-from-onnx <m.onnx | tmo-cluster --clusters 32 | tmo-pack >m.tar",
		.options = options,
		.options_size = sizeof(struct cluster),
		.state_size = sizeof(struct state),
		.accepts = TMO_TAKES_F64 | TMO_TAKES_MAP,
		.not_in_map = "importance",
		.check = cluster_check,
		.begin = cluster_begin,
		.tensor = cluster_tensor,
		.finish = cluster_finish,
		.release = cluster_release,
	};

	return tmo_main(&cluster, argc, argv);
}
