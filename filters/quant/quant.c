/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant: weights as codes of few bits with scales, or as small floats. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nonfinite.h"
#include "run/run.h"
#include "tensor/infinite_mask.h"
#include "trial.h"

static const struct tmo_option options[] = {
	TMO_INT('b', "bits", struct quant, bits, "N", 8, 2, 8, "width of an integer code"),
	TMO_CHOICE('t', "type", struct quant, type,
	           "int|f16|bf16|f8e4m3|f8e5m2|nf4|ternary|binary", "int", "what the codes are"),
	TMO_CHOICE('g', "granularity", struct quant, granularity, "auto|tensor|channel|group:N",
	           "auto", "what shares a scale"),
	TMO_FLAG(0, "symmetric", struct quant, symmetric,
	         "same range on both sides of 0 (the default)"),
	TMO_FLAG('a', "asymmetric", struct quant, asymmetric,
	         "range from the smallest to the largest"),
	TMO_CHOICE('r', "range", struct quant, range, "minmax|percentile:P|mse|entropy", "minmax",
	           "fit scales to"),
	TMO_CHOICE('s', "scale", struct quant, scale, "float|pow2|none", "float",
	           "powers of two; none: plain fp8"),
	TMO_CHOICE(0, "round", struct quant, round, "auto|even|away", "auto",
	           "halves between two integers"),
	TMO_CHOICE('p', "preset", struct quant, preset, "none|tflite|onnxruntime", "none",
	           "give this program's codes"),
	TMO_REAL(0, "min-sqnr", struct quant, min_sqnr, "DB", 0, 0, 99,
	         "keep what falls short at 8 bits, or as it is"),
	TMO_FLAG(0, "merge", struct quant, merge,
	         "of a codebook: values may come near each other"),
	TMO_CHOICE(0, "nan", struct quant, nan, "error|zero|keep", "error", "NaN and infinity"),
	TMO_FLAG(0, "saturate", struct quant, saturate,
	         "f16, bf16, f8e5m2: cut what is beyond the type"),
	TMO_OPTIONS_END
};

/* Whether the tensor is what the cast would make of it, or is smaller. */
static bool
is_already(const struct tmo_tensor *t, const struct plan *plan)
{
	const enum tmo_type now = tmo_is_encoded(t) ? t->code : t->dtype;
	const bool small = plan->cast.type == TMO_F16 || plan->cast.type == TMO_BF16;

	return plan->is_cast && t->scale.data == NULL &&
		(now == plan->cast.type || (small && tmo_type_size(now) == 1));
}

/*
 * Whether the tensor has integer codes, or a codebook's, of no more bits than it would get: as an integer
 * model, or one that was trained for integers, has them. To fit them another grid would round them twice,
 * for nothing. A preset and powers of two are another grid that may be wanted, and so is fp8, but not in the
 * place of fewer bits.
 */
static bool
is_small_already(const struct quant *o, const struct tmo_tensor *t, const struct plan *plan)
{
	const int bits = quant_plan_bits(plan);

	if (!tmo_is_encoded(t) || t->code != TMO_NONE || quant_plan_shares(plan, t))
		return false;
	if (quant_plan_is_fp8(plan))
		return t->bits < bits;
	return t->bits <= bits && o->preset.index == PRESET_NONE &&
	       (plan->is_cast || !plan->coding.pow2);
}

/* Whether several weights of t have one value by a codebook of its own, not by that of a type. */
static bool
has_shared_values(const struct tmo_tensor *t)
{
	const bool scaled = t->scale.data != NULL || t->zero_point.data != NULL;

	return t->codebook.data != NULL &&
	       (!scaled || (t->codebook.type != TMO_F32 && t->codebook.type != TMO_F64));
}

/*
 * Whether the tensor has shared values that have few bits already, and would lose them: they were put
 * apart from each other on a grid of their own.
 */
static bool
has_small_codebook(const struct quant *o, const struct tmo_tensor *t, const struct plan *plan)
{
	return has_shared_values(t) && !quant_plan_shares(plan, t) && quant_plan_has_codebooks(plan) &&
	       !o->merge;
}

/* Whether t stays as it is; text, for a note, says why. */
static bool
is_left(const struct quant *o, const struct tmo_tensor *t, const struct plan *plan, char *text,
        size_t size)
{
	if (!tmo_type_is_float(t->dtype) || t->count == 0)
		snprintf(text, size, "%s", t->count == 0 ? "no elements" : "not of a float type");
	else if (is_already(t, plan))
		snprintf(text, size, "%s already",
		         tmo_type_name(tmo_is_encoded(t) ? t->code : t->dtype));
	else if (is_small_already(o, t, plan))
		snprintf(text, size, "%d bits already", t->bits);
	else if (has_small_codebook(o, t, plan))
		snprintf(text, size, "shared values of few bits already");
	else if (!quant_plan_shares(plan, t) && quant_plan_is_larger(plan, t))
		snprintf(text, size, "codes and scales would take more room");
	else
		return false;
	return true;
}

/* --nan zero: what is no finite number becomes 0. */
static int
mend(struct tmo_run *run, struct tmo_tensor *t, bool shared, struct tmo_error *err)
{
	struct tmo_array *const a = shared ? &t->codebook : &t->values;
	struct nonfinite taken;

	/* A codebook of halves, which is rare, is not looked at here, and its NaN are an error. */
	if (a->type != TMO_F32 && a->type != TMO_F64)
		return 0;
	if (quant_nonfinite_take(a->data, a->type == TMO_F64, a->count, false, &taken, err) < 0)
		return -1;
	if (taken.count > 0)
		tmo_note(run, "%zu %s NaN or infinite, now 0", taken.count,
		         taken.count == 1 ? "value was" : "values were");
	return 0;
}

static void
say(struct tmo_run *run, const struct tmo_tensor *t, const struct plan *plan,
    const struct trial *trial, bool was_cast, const char *why)
{
	const char *const how = !trial->decoded ? "" : was_cast ? "; was another float type" :
		"; was decoded first";
	char name[32];

	quant_plan_name(plan, name, sizeof(name));
	if (plan->is_cast)
		tmo_note(run, "%s%s%s", trial->shared ? "codebook to " : "", name, how);
	else
		tmo_note(run, "%s%s, %zu scale%s%s%s", trial->shared ? "codebook to " : "", name,
		         t->scale.count, t->scale.count == 1 ? "" : "s", why, how);
}

/* Whether t has NaN or infinities that are to be kept: integers, the next best plan, have none. */
static bool
must_stay_float(const struct quant *o, const struct tmo_tensor *t)
{
	const struct tmo_array *const v = &t->values;

	return o->nan.index == NAN_KEEP &&
	       quant_nonfinite_count(v->data, v->type == TMO_F64, v->count) > 0;
}

/* What the encoding at hand does to the tensor that is not wanted. */
enum fault { FAULT_NONE, FAULT_LARGER, FAULT_MERGED, FAULT_FAR };

static int
find_fault(struct tmo_run *run, struct tmo_tensor *t, const struct trial *trial, enum fault *fault,
           struct tmo_error *err)
{
	const struct quant *const o = tmo_options(run);
	bool good = true;

	*fault = FAULT_NONE;
	if (trial->shared && quant_trial_is_larger(t, trial)) {
		*fault = FAULT_LARGER;
		return 0;
	}
	if (trial->shared && !o->merge && quant_trial_apart(t, trial, &good, err) < 0)
		return -1;
	if (!good)
		*fault = FAULT_MERGED;
	else if (o->min_sqnr > 0 &&
	         quant_trial_measure(t, o->min_sqnr, &good, tmo_threads(run), err) < 0)
		return -1;
	else if (!good)
		*fault = FAULT_FAR;
	return 0;
}

/* The plan to try after one with this fault. Returns false if there is none. */
static bool
next_plan(struct tmo_run *run, const struct tmo_tensor *t, struct plan *plan, enum fault fault)
{
	const struct quant *const o = tmo_options(run);
	char name[32];

	quant_plan_name(plan, name, sizeof(name));
	if (fault == FAULT_MERGED)
		tmo_note(run, "%s would not keep shared values apart; --merge allows that", name);
	else if (fault == FAULT_LARGER)
		tmo_note(run, "%s and scales would take more room than the codebook", name);
	if (fault != FAULT_FAR)
		return quant_plan_half(plan);
	tmo_note(run, "%s would be under %g dB", name, o->min_sqnr);
	return !must_stay_float(o, t) && quant_plan_eight(plan);
}

/* Encodes by the plan, or by the next one where that loses too much. *done: t is encoded. */
static int
encode(struct tmo_run *run, struct tmo_tensor *t, struct plan *plan, struct trial *trial, bool *done,
       struct tmo_error *err)
{
	enum fault fault;

	for (*done = true;;) {
		if (quant_trial_encode(t, plan, tmo_threads(run), err) < 0 ||
		    find_fault(run, t, trial, &fault, err) < 0)
			return -1;
		if (fault == FAULT_NONE)
			return 0;
		*done = next_plan(run, t, plan, fault);
		if (quant_trial_undo(t, trial, !*done, err) < 0)
			return -1;
		if (!*done)
			return 0;
	}
}

/* Of a tensor's time this much goes by while scales are fitted; codes and a look at them take the rest. */
#define FITTING 0.9

static void
tell_fitting(void *run, double part)
{
	tmo_run_tensor_part(run, FITTING * part);
}

static int
quant_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct quant *const o = tmo_options(run);
	const bool was_cast = t->code != TMO_NONE, was_shared = has_shared_values(t);
	const char *why = "";
	struct plan plan = quant_plan(o, t, &why);
	struct trial trial = {0};
	bool done = false;
	char left[80];
	int status = -1;

	if (is_left(o, t, &plan, left, sizeof(left))) {
		tmo_note(run, "left as it is: %s", left);
		return tmo_pass(run, t, err);
	}
	if (o->nan.index == NAN_ERROR && !tmo_is_encoded(t) && tmo_is_mask(t)) {
		tmo_run_warn(run, "left as it is: a mask, with infinities and at most two other values");
		return tmo_pass(run, t, err);
	}
	plan.coding.tell = tell_fitting;
	plan.coding.tell_arg = run;
	if (quant_trial_begin(t, &plan, o->min_sqnr > 0, tmo_threads(run), &trial, err) < 0 ||
	    (o->nan.index == NAN_ZERO && mend(run, t, trial.shared, err) < 0))
		goto out;
	if (encode(run, t, &plan, &trial, &done, err) < 0)
		goto out;
	tmo_run_losses(run, false, quant_plan_advice(&plan));
	if (done && was_shared && !trial.shared && !o->merge)
		tmo_run_warn(run, "its shared values are gone, other codes came in their place; leave out "
		             "tmo-cluster, or say --merge");
	if (done)
		say(run, t, &plan, &trial, was_cast, why);
	else
		tmo_note(run, "left as it is: it would lose too much");
	status = done ? tmo_put(run, t, err) : tmo_pass(run, t, err);
out:
	quant_trial_free(&trial);
	return status;
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter quant = {
		.name = "quant", .summary = "give weights fewer bits", .kind = TMO_FILTER,
		.example = "tmo-from-onnx <m.onnx | tmo-quant --bits 4 -g group:32 | "
			"tmo-pack --zstd 19 >m.tar.zst",
		.options = options, .options_size = sizeof(struct quant),
		.accepts = TMO_TAKES_ENCODED | TMO_TAKES_F64 | TMO_TAKES_MAP,
		.rules = quant_rules, .check = quant_check, .tensor = quant_tensor,
	};

	return tmo_main(&quant, argc, argv);
}
