/* SPDX-License-Identifier: Apache-2.0 */
#include "prune_options.h"

struct tmo_pattern
prune_pattern(const struct prune *o)
{
	struct tmo_error ignored = {0};
	struct tmo_pattern p;

	tmo_pattern_parse(o->pattern, &p, &ignored);
	return p;
}

bool
prune_by_gamma(const struct prune *o)
{
	const struct tmo_pattern p = prune_pattern(o);

	return p.kind == TMO_CHANNELS && p.measure == TMO_GAMMA;
}

bool
prune_by_magnitude(const struct prune *o)
{
	return prune_pattern(o).kind == TMO_UNSTRUCTURED && !o->normalize && o->keep_at_least <= 0 &&
	       o->criterion.index == CRITERION_MAGNITUDE;
}

bool
prune_globally(const struct prune *o)
{
	return o->scope.index == SCOPE_GLOBAL && o->sparsity > 0;
}

/* What prune_rules ask. */
static bool
pattern_counts(const void *options)
{
	return prune_pattern(options).kind == TMO_N_OF_M;
}

static bool
criterion_has_no_ties(const void *options)
{
	return ((const struct prune *)options)->criterion.index == CRITERION_RANDOM;
}

static bool
criterion_has_no_norms(const void *options)
{
	return ((const struct prune *)options)->criterion.index != CRITERION_WANDA;
}

/* (N:M looks at no more than M weights.) */
const struct tmo_rule prune_rules[] = {
	{"sparsity", pattern_counts, "--pattern N:M says itself how many weights stay; drop --sparsity"},
	{"keep-at-least", pattern_counts,
	 "--pattern N:M says itself how many weights stay; drop --keep-at-least"},
	{"ties=keep", pattern_counts, "--pattern N:M never keeps more than N of them; drop --ties keep"},
	{"ties=keep", criterion_has_no_ties,
	 "--ties keep is for equal magnitudes; drop it, or --criterion random"},
	{"input-norms", criterion_has_no_norms, "--input-norms is for --criterion wanda; add that"},
	TMO_RULES_END
};

static int
check_wanda(const struct prune *o, const struct tmo_pattern *p, struct tmo_error *err)
{
	if (o->input_norms == NULL)
		return tmo_fail_usage(err, "--criterion wanda wants the norms of the inputs; give "
		                      "--input-norms FILE");
	if (p->kind == TMO_BLOCKS || p->kind == TMO_CHANNELS)
		return tmo_fail_usage(err, "--criterion wanda compares the weights of one output channel; "
		                      "take --pattern unstructured or N:M");
	if (o->scope.index == SCOPE_GLOBAL)
		return tmo_fail_usage(err, "--criterion wanda compares the weights of one output channel; "
		                      "drop --scope global");
	return 0;
}

int
prune_check(const void *options, struct tmo_error *err)
{
	const struct prune *const o = options;
	const bool magnitude = o->criterion.index == CRITERION_MAGNITUDE;
	bool gamma;
	struct tmo_pattern p;

	if (tmo_pattern_parse(o->pattern, &p, err) < 0)
		return -1;
	gamma = prune_by_gamma(o);
	if (p.kind == TMO_N_OF_M && o->scope.index == SCOPE_GLOBAL)
		return tmo_fail_usage(err, "--pattern %.40s compares weights of one group; drop --scope "
		                      "global", o->pattern);
	if (o->criterion.index == CRITERION_WANDA && check_wanda(o, &p, err) < 0)
		return -1;
	if (gamma && !magnitude)
		return tmo_fail_usage(err, "--pattern channel:bn is a criterion of its own; drop "
		                      "--criterion, or take channel:l1");
	if (o->normalize && (o->scope.index != SCOPE_GLOBAL || !magnitude || gamma))
		return tmo_fail_usage(err, "--normalize makes the magnitudes of several tensors alike; it "
		                      "goes with --scope global%s",
		                      o->scope.index != SCOPE_GLOBAL ? "; add that" :
		                      " and --criterion magnitude, not with channel:bn");
	return 0;
}
