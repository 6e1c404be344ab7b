/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-prune: sets the least weights to zero, singly or in patterns. */
#include "global_threshold.h"
#include "run/run.h"
#include "run/run_lookup.h"
#include "spare.h"

struct state {
	struct score_inputs inputs;
	struct scored scored;		/* of the tensor at hand */
	struct global_threshold global;	/* of a global scope */
	/* Seen in the scan for gammas: a tensor to prune by its gamma; one that has it. */
	bool any_wanted, any_gamma;
	const struct prune *whole;	/* the options of the run, where a map gives a tensor its own */
};

static const struct tmo_option options[] = {
	TMO_REAL('s', "sparsity", struct prune, sparsity, "S", 0.5, 0.0, 1.0,
	         "share of the weights that becomes zero"),
	TMO_TEXT('p', "pattern", struct prune, pattern, "PATTERN", "unstructured",
	         "block:RxC[:avg|max], N:M or channel[:l1|l2|bn]"),
	TMO_CHOICE('c', "criterion", struct prune, criterion, "magnitude|random|wanda", "magnitude",
	           "what makes a weight stay"),
	TMO_FILE(0, "input-norms", struct prune, input_norms, "norms of the inputs, for wanda: stream or file"),
	TMO_CHOICE(0, "scope", struct prune, scope, "tensor|global", "tensor",
	           "weights that are counted with each other"),
	TMO_REAL(0, "keep-at-least", struct prune, keep_at_least, "S", 0, 0.0, 1.0,
	         "so much of each tensor stays, one weight a channel"),
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

/* A map has no say where all tensors are counted, and gammas are looked for before it is asked. */
static int
check_map(struct tmo_run *run, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run), *const whole =
		((const struct state *)tmo_state(run))->whole;

	if (o != whole && o->scope.index == SCOPE_GLOBAL)
		return tmo_fail_usage(err, "--scope global has one rule for all tensors; --map can only "
		                      "skip some");
	if (prune_by_gamma(o) && !prune_by_gamma(whole))
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
		s->inputs.norms = tmo_run_lookup(run, o->input_norms, err);
		return s->inputs.norms == NULL ? -1 : 0;
	}
	if (!prune_by_gamma(o))
		return 0;
	if (tmo_run_net(run, &net, err) < 0)
		return -1;
	if (net == NULL)
		return tmo_fail(err, "no graph.onnx, which says what BatchNormalization follows a layer; "
		                "take --pattern channel:l2");
	return prune_gammas_find(&s->inputs.gammas, net, err);
}

static bool
wants_gammas(const void *values)
{
	return prune_by_gamma(values);
}

/* The first scan, for gammas: they stand in tensors that nobody chose. */
static bool
is_gamma(struct tmo_run *run, const char *name)
{
	const struct state *const s = tmo_state(run);

	return prune_gammas_want(&s->inputs.gammas, name);
}

/* Takes one, or notes that there is a layer which has one. */
static int
collect_gamma(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	struct state *const s = tmo_state(run);

	if (check_map(run, err) < 0)
		return -1;
	if (prune_gammas_want(&s->inputs.gammas, t->name))
		return prune_gammas_take(&s->inputs.gammas, t, err);
	s->any_wanted = s->any_wanted || prune_by_gamma(tmo_options(run));
	s->any_gamma = s->any_gamma || prune_gammas_has(&s->inputs.gammas, t->name);
	return 0;
}

static int
gammas_collected(struct tmo_run *run, bool *again, struct tmo_error *err)
{
	const struct state *const s = tmo_state(run);

	(void)again;
	if (s->any_gamma || !s->any_wanted)
		return 0;
	return tmo_fail(err, "no BatchNormalization follows any of the tensors; they may have been "
	                "folded into the weights: take --pattern channel:l2");
}

static bool
wants_threshold(const void *values)
{
	return prune_globally(values);
}

/* The second scan, for the threshold of a global scope. */
static int
count_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	const struct tmo_pattern p = prune_pattern(o);
	struct state *const s = tmo_state(run);
	const int threads = tmo_threads(run);

	if (check_map(run, err) < 0)
		return -1;
	if (!has_weights(t) || prune_why_not(&s->inputs, o, &p, t) != NULL)
		return 0;
	if (prune_by_magnitude(o))
		return prune_global_add_weights(&s->global, t, threads, err);
	if (prune_score_tensor(&s->inputs, o, &p, t, threads, &s->scored, err) < 0 ||
	    prune_spare(o, &p, t, threads, &s->scored, err) < 0)
		return -1;
	return prune_global_add_units(&s->global, &s->scored, threads, err);
}

/* Each time through the stream tells more digits of the threshold. */
static int
counted(struct tmo_run *run, bool *again, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct state *const s = tmo_state(run);

	(void)err;
	*again = !prune_global_narrow(&s->global, o->sparsity);
	return 0;
}

static const struct tmo_scan scans[] = {
	{.wanted = wants_gammas, .tensor = collect_gamma, .also = is_gamma, .end = gammas_collected},
	{.wanted = wants_threshold, .tensor = count_tensor, .end = counted},
	TMO_SCANS_END
};

/* Single weights by magnitude. */
static int
prune_plain(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct global_threshold *const global = &((struct state *)tmo_state(run))->global;
	const bool all_ties = o->ties.index == TIES_KEEP;
	uint64_t stay;
	double threshold;

	if (prune_globally(o)) {
		prune_global_cut_weights(global, t, all_ties, tmo_threads(run));
		tmo_note(run, "weights from %.9g stay", global->threshold);
		return 0;
	}
	if (prune_cut_tensor(t, o->sparsity, all_ties, tmo_threads(run), &stay, &threshold, err) < 0)
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
	struct scored *const scored = &s->scored;
	const int threads = tmo_threads(run);
	size_t stay = 0;

	if (prune_score_tensor(&s->inputs, o, p, t, threads, scored, err) < 0 ||
	    prune_spare(o, p, t, threads, scored, err) < 0)
		return -1;
	if (prune_globally(o)) {
		prune_global_mark_units(&s->global, scored, o->ties.index == TIES_KEEP);
		prune_spare_owns(p, t, scored);
	} else if (prune_mark_best(o, p, t, threads, scored, err) < 0) {
		return -1;
	}
	prune_zero_unmarked(t, scored, threads);
	for (size_t i = 0; i < scored->units.count; i++)
		stay += scored->keep[i];
	tmo_note(run, "%zu of %zu %s stay", stay, scored->units.count, names[p->kind]);
	return 0;
}

static int
prune_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	const struct tmo_pattern p = prune_pattern(o);
	struct state *const s = tmo_state(run);
	const char *why = NULL;

	if (check_map(run, err) < 0)
		return -1;
	if (!has_weights(t) || (o->sparsity <= 0 && p.kind != TMO_N_OF_M))
		why = "nothing to prune";
	else
		why = prune_why_not(&s->inputs, o, &p, t);
	if (why != NULL) {
		tmo_note(run, "left as it is: %s", why);
		return tmo_pass(run, t, err);
	}
	tmo_run_losses(run, p.kind == TMO_CHANNELS, "--keep-at-least spares some");
	if ((prune_by_magnitude(o) ? prune_plain(run, t, err) : prune_units(run, &p, t, err)) < 0)
		return -1;
	return tmo_put(run, t, err);
}

static int
prune_finish(struct tmo_run *run, struct tmo_error *err)
{
	struct state *const s = tmo_state(run);

	return s->inputs.norms != NULL ? tmo_lookup_finish(s->inputs.norms, err) : 0;
}

static void
prune_release(struct tmo_run *run)
{
	struct state *const s = tmo_state(run);

	prune_score_inputs_free(&s->inputs);
	prune_scored_free(&s->scored);
	prune_global_free(&s->global);
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
		.rules = prune_rules, .check = prune_check, .begin = prune_begin, .scans = scans,
		.tensor = prune_tensor,
		.finish = prune_finish, .release = prune_release,
	};

	return tmo_main(&prune, argc, argv);
}
