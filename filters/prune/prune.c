/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-prune: sets the least weights to zero, singly or in patterns. */
#include "global_threshold.h"
#include "run/run.h"

struct state {
	struct judge judge;
	struct verdict verdict;		/* of the tensor at hand */
	struct pool pool;		/* of a global scope */
	bool met, judged;		/* a tensor to prune; one that can be judged */
	const struct prune *whole;	/* the options of the run, where a map gives a tensor its own */
};

static const struct tmo_option options[] = {
	TMO_REAL('s', "sparsity", struct prune, sparsity, "S", 0.5, 0.0, 1.0,
	         "share of the weights that becomes zero"),
	TMO_TEXT('p', "pattern", struct prune, pattern, "PATTERN", "unstructured",
	         "block:RxC[:avg|max], N:M or channel[:l1|l2|bn]"),
	TMO_CHOICE('c', "criterion", struct prune, criterion, "magnitude|random|wanda", "magnitude",
	           "what makes a weight stay"),
	TMO_FILE(0, "input-norms", struct prune, input_norms, "norms of the inputs, for wanda"),
	TMO_CHOICE(0, "scope", struct prune, scope, "tensor|global", "tensor",
	           "weights that are compared with each other"),
	TMO_FLAG(0, "normalize", struct prune, normalize,
	         "global: compare magnitudes over their tensor's rms"),
	TMO_CHOICE(0, "ties", struct prune, ties, "first|keep", "first",
	           "which of equals stay at the threshold"),
	TMO_INT(0, "seed", struct prune, seed, "N", 0, 0, 4294967295,
	        "which random numbers --criterion random draws"),
	TMO_OPTIONS_END
};

static bool
has_weights(const struct tmo_tensor *t)
{
	return t->count > 0 && (t->data != NULL || t->data64 != NULL);
}

/* A map has no say where all tensors are compared, and gammas are looked for before it is asked. */
static int
check_map(struct tmo_run *run, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run), *const whole =
		((const struct state *)tmo_state(run))->whole;

	if (o != whole && o->scope.index == SCOPE_GLOBAL)
		return tmo_fail_usage(err, "--scope global has one rule for all tensors; --map can only "
		                      "skip some");
	if (rules_gamma(o) && !rules_gamma(whole))
		return tmo_fail_usage(err, "channel:bn in a map only; give --pattern channel:bn too");
	return 0;
}

static int
prune_begin(struct tmo_run *run, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct state *const s = tmo_state(run);
	const struct tmo_net *net;

	s->whole = o;
	if (o->input_norms != NULL) {
		s->judge.norms = tmo_lookup_open(o->input_norms, tmo_run_temporary_dir(run),
		                                    tmo_run_limit(run), err);
		return s->judge.norms == NULL ? -1 : 0;
	}
	if (!rules_gamma(o))
		return 0;
	if (tmo_run_net(run, &net, err) < 0)
		return -1;
	if (net == NULL)
		return tmo_fail(err, "no graph.onnx, which says what BatchNormalization follows a layer; "
		                "take --pattern channel:l2");
	return gammas_find(&s->judge.gammas, net, err);
}

static bool
wants_gammas(const void *values)
{
	return rules_gamma(values);
}

/* The first scan, for gammas: they stand in tensors that nobody chose. */
static bool
is_gamma(struct tmo_run *run, const char *name)
{
	const struct state *const s = tmo_state(run);

	return gammas_want(&s->judge.gammas, name);
}

/* Takes one, or notes that there is a layer which has one. */
static int
collect_gamma(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	struct state *const s = tmo_state(run);

	if (check_map(run, err) < 0)
		return -1;
	if (gammas_want(&s->judge.gammas, t->name))
		return gammas_take(&s->judge.gammas, t, err);
	s->met = s->met || rules_gamma(tmo_options(run));
	s->judged = s->judged || gammas_has(&s->judge.gammas, t->name);
	return 0;
}

static int
gammas_collected(struct tmo_run *run, bool *again, struct tmo_error *err)
{
	const struct state *const s = tmo_state(run);

	(void)again;
	if (s->judged || !s->met)
		return 0;
	return tmo_fail(err, "no BatchNormalization follows any of the tensors; they may have been "
	                "folded into the weights: take --pattern channel:l2");
}

static bool
wants_threshold(const void *values)
{
	return rules_global(values);
}

/* The second scan, for the threshold of a global scope. */
static int
pool_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	const struct tmo_pattern p = rules_pattern(o);
	struct state *const s = tmo_state(run);
	const int threads = tmo_threads(run);

	if (check_map(run, err) < 0)
		return -1;
	if (!has_weights(t) || judge_cannot(&s->judge, o, &p, t) != NULL)
		return 0;
	if (rules_plain(o))
		return pool_add_weights(&s->pool, t, threads, err);
	if (judge_score(&s->judge, o, &p, t, threads, &s->verdict, err) < 0)
		return -1;
	return pool_add_units(&s->pool, &s->verdict, threads, err);
}

/* Each time through the stream tells more digits of the threshold. */
static int
pool_collected(struct tmo_run *run, bool *again, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct state *const s = tmo_state(run);

	(void)err;
	*again = !pool_settle(&s->pool, o->sparsity);
	return 0;
}

static const struct tmo_scan scans[] = {
	{.wanted = wants_gammas, .tensor = collect_gamma, .also = is_gamma, .end = gammas_collected},
	{.wanted = wants_threshold, .tensor = pool_tensor, .end = pool_collected},
	TMO_SCANS_END
};

/* Single weights by magnitude. */
static int
prune_plain(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct pool *const pool = &((struct state *)tmo_state(run))->pool;
	const bool all_ties = o->ties.index == TIES_KEEP;
	uint64_t stay;
	double threshold;

	if (rules_global(o)) {
		pool_cut_weights(pool, t, all_ties, tmo_threads(run));
		tmo_note(run, "weights from %.9g stay", pool->threshold);
		return 0;
	}
	if (weights_cut_alone(t, o->sparsity, all_ties, tmo_threads(run), &stay, &threshold, err) < 0)
		return -1;
	tmo_note(run, "%ju of %zu weights stay, from %.9g", (uintmax_t)stay, t->count, threshold);
	return 0;
}

/* All else: by scores. */
static int
prune_units(struct tmo_run *run, const struct tmo_pattern *p, struct tmo_tensor *t,
            struct tmo_error *err)
{
	static const char *const names[] = {
		[TMO_UNSTRUCTURED] = "weights", [TMO_BLOCKS] = "blocks", [TMO_N_OF_M] = "weights",
		[TMO_CHANNELS] = "channels",
	};
	const struct prune *const o = tmo_options(run);
	struct state *const s = tmo_state(run);
	struct verdict *const v = &s->verdict;
	const int threads = tmo_threads(run);
	size_t stay = 0;

	if (judge_score(&s->judge, o, p, t, threads, v, err) < 0)
		return -1;
	if (rules_global(o))
		pool_mark_units(&s->pool, v, o->ties.index == TIES_KEEP);
	else if (judge_pick(o, p, t, threads, v, err) < 0)
		return -1;
	judge_cut(t, v, threads);
	for (size_t i = 0; i < v->units.count; i++)
		stay += v->keep[i];
	tmo_note(run, "%zu of %zu %s stay", stay, v->units.count, names[p->kind]);
	return 0;
}

static int
prune_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	const struct tmo_pattern p = rules_pattern(o);
	struct state *const s = tmo_state(run);
	const char *why = NULL;

	if (check_map(run, err) < 0)
		return -1;
	if (!has_weights(t) || (o->sparsity <= 0 && p.kind != TMO_N_OF_M))
		why = "nothing to prune";
	else
		why = judge_cannot(&s->judge, o, &p, t);
	if (why != NULL) {
		tmo_note(run, "left as it is: %s", why);
		return tmo_pass(run, t, err);
	}
	if ((rules_plain(o) ? prune_plain(run, t, err) : prune_units(run, &p, t, err)) < 0)
		return -1;
	return tmo_put(run, t, err);
}

static int
prune_finish(struct tmo_run *run, struct tmo_error *err)
{
	struct state *const s = tmo_state(run);

	return s->judge.norms != NULL ? tmo_lookup_finish(s->judge.norms, err) : 0;
}

static void
prune_release(struct tmo_run *run)
{
	struct state *const s = tmo_state(run);

	judge_free(&s->judge);
	verdict_free(&s->verdict);
	pool_free(&s->pool);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter prune = {
		.name = "prune", .summary = "set the smallest weights to zero", .kind = TMO_FILTER,
		.example = "tmo-prune --sparsity 0.7 --scope global <in.tar | tmo-quant >out.tar",
		.options = options, .options_size = sizeof(struct prune),
		.state_size = sizeof(struct state),
		.accepts = TMO_TAKES_F64 | TMO_TAKES_MAP, .not_in_map = "scope|normalize|input-norms",
		.rules = prune_rules, .check = rules_check, .begin = prune_begin, .scans = scans,
		.tensor = prune_tensor,
		.finish = prune_finish, .release = prune_release,
	};

	return tmo_main(&prune, argc, argv);
}
