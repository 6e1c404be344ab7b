/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-prune: sets the weights of the smallest magnitude to zero. */
#include <math.h>

#include "threshold.h"

enum { SCOPE_TENSOR, SCOPE_GLOBAL };

struct prune {
	double sparsity;
	struct tmo_choice scope;
};

/* Of a global scope; nothing of it is used per tensor. */
struct global {
	struct selection selection;
	uint64_t total, kept, ties;
	double threshold;
};

static const struct tmo_option options[] = {
	TMO_REAL('s', "sparsity", struct prune, sparsity, "S", 0.5, 0.0, 1.0,
	         "share of the weights that becomes zero"),
	TMO_CHOICE(0, "scope", struct prune, scope, "tensor|global", "tensor",
	           "weights that are compared with each other"),
	TMO_OPTIONS_END
};

/* Round half to even; one weight always stays. */
static uint64_t
kept_of(uint64_t n, double sparsity)
{
	const double kept = rint((double)n * (1 - sparsity));

	return kept < 1 ? 1 : (uint64_t)kept;
}

static bool
is_global(const void *options_)
{
	const struct prune *const o = options_;

	return o->scope.index == SCOPE_GLOBAL && o->sparsity > 0;
}

/* Fails at a NaN, which is neither larger nor smaller than others. */
static int
count(struct selection *s, const struct tmo_tensor *t, struct tmo_error *err)
{
	const size_t i = t->data64 != NULL ? prune_count_f64(s, t->data64, t->count) :
		prune_count_f32(s, t->data, t->count);

	if (i == t->count)
		return 0;
	return tmo_fail(err, "NaN at index %zu; mend it, or leave the tensor out with --skip", i);
}

static void
cut(struct tmo_run *run, struct tmo_tensor *t, double threshold, uint64_t *ties)
{
	if (t->data64 != NULL)
		prune_cut_f64(t->data64, t->count, threshold, ties, tmo_threads(run));
	else
		prune_cut_f32(t->data, t->count, threshold, ties, tmo_threads(run));
}

static bool
has_weights(const struct tmo_tensor *t)
{
	return t->count > 0 && (t->data != NULL || t->data64 != NULL);
}

static int
prune_scan(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	struct global *const g = tmo_state(run);

	if (!has_weights(t))
		return 0;
	if (g->selection.counts == NULL &&
	    prune_selection_start(&g->selection, UINT64_MAX, tmo_threads(run), err) < 0)
		return -1;
	if (g->kept == 0)
		g->total += t->count;
	return count(&g->selection, t, err);
}

static int
prune_scanned(struct tmo_run *run, bool *again, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct global *const g = tmo_state(run);

	(void)err;
	if (g->total == 0)
		return 0;
	g->kept = kept_of(g->total, o->sparsity);
	*again = !prune_narrow(&g->selection, g->kept);
	if (!*again) {
		g->threshold = prune_threshold(&g->selection);
		g->ties = g->kept - g->selection.above;
	}
	return 0;
}

static int
prune_alone(struct tmo_run *run, struct tmo_tensor *t, uint64_t kept, struct tmo_error *err)
{
	struct selection s;
	uint64_t ties;
	int status;

	if (prune_selection_start(&s, t->count, tmo_threads(run), err) < 0)
		return -1;
	do
		status = count(&s, t, err);
	while (status == 0 && !prune_narrow(&s, kept));
	if (status == 0) {
		ties = kept - s.above;
		cut(run, t, prune_threshold(&s), s.equal > ties ? &ties : NULL);
		tmo_note(run, "%ju of %zu weights stay, from %.9g", (uintmax_t)kept, t->count,
		         prune_threshold(&s));
	}
	prune_selection_free(&s);
	return status;
}

static int
prune_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct prune *const o = tmo_options(run);
	struct global *const g = tmo_state(run);
	const uint64_t kept = has_weights(t) ? kept_of(t->count, o->sparsity) : t->count;

	if (!has_weights(t) || o->sparsity <= 0) {
		tmo_note(run, "left as it is: nothing to prune");
		return tmo_pass(run, t, err);
	}
	if (is_global(o)) {
		cut(run, t, g->threshold, g->selection.equal > g->ties ? &g->ties : NULL);
		tmo_note(run, "weights from %.9g stay", g->threshold);
	} else if (prune_alone(run, t, kept, err) < 0) {
		return -1;
	}
	return tmo_put(run, t, err);
}

static void
prune_release(struct tmo_run *run)
{
	struct global *const g = tmo_state(run);

	prune_selection_free(&g->selection);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter prune = {
		.name = "prune", .summary = "set the smallest weights to zero", .kind = TMO_FILTER,
		.example = "tmo-prune --sparsity 0.7 --scope global <in.tar | tmo-quant >out.tar",
		.options = options, .options_size = sizeof(struct prune),
		.state_size = sizeof(struct global), .takes_f64 = true,
		.two_passes = is_global, .scan = prune_scan, .scanned = prune_scanned,
		.tensor = prune_tensor, .release = prune_release,
	};

	return tmo_main(&prune, argc, argv);
}
