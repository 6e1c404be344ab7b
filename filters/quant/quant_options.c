/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "quant_options.h"

#define NF4_GROUP 64	/* QLoRA's block */

static bool
is_fp8(const struct quant *o)
{
	return o->type.index == TYPE_F8E4M3 || o->type.index == TYPE_F8E5M2;
}

static bool
is_half(const struct quant *o)
{
	return o->type.index == TYPE_F16 || o->type.index == TYPE_BF16;
}

static bool
is_cast(const struct quant *o)
{
	return is_half(o) || (is_fp8(o) && o->scale.index == SCALE_NONE);
}

/* Options about how integers are computed, with a type that has none. */
static int
check_integers_only(const struct quant *o, struct tmo_error *err)
{
	if (is_half(o) && (o->bits != 8 || o->symmetric || o->asymmetric ||
	    o->granularity.index != GRANULARITY_AUTO))
		return tmo_fail_usage(err, "--bits, --granularity, --symmetric and --asymmetric are "
		                      "about integers; leave them out or take --type int");
	if (o->type.index != TYPE_INT && (o->bits != 8 || o->symmetric || o->asymmetric))
		return tmo_fail_usage(err, "--bits, --symmetric and --asymmetric are about integers; "
		                      "leave them out or take --type int");
	if (o->type.index != TYPE_INT && o->round.index == ROUND_AWAY)
		return tmo_fail_usage(err, "--round away is about integers; leave it out or take "
		                      "--type int");
	if (o->type.index != TYPE_INT && !is_half(o) && o->preset.index != PRESET_NONE)
		return tmo_fail_usage(err, "--preset is about integers, f16 and bf16; leave it out or "
		                      "take one of these as --type");
	return 0;
}

static int
check_range(const struct quant *o, struct tmo_error *err)
{
	const int method = o->range.index;

	if (method == FIT_PERCENTILE && !(o->range.number > 50 && o->range.number <= 100))
		return tmo_fail_usage(err, "--range percentile:%g: it must be over 50 and at most 100; "
		                      "say percentile:99.9", o->range.number);
	if (is_cast(o) && (method != FIT_MINMAX || o->scale.index == SCALE_POW2))
		return tmo_fail_usage(err, "--range and --scale are about codes with scales; leave "
		                      "them out or take --type int");
	if (method == FIT_ENTROPY && o->type.index != TYPE_INT)
		return tmo_fail_usage(err, "--range entropy is about integers; take mse, or --type int");
	if (method == FIT_PERCENTILE &&
	    (o->type.index == TYPE_TERNARY || o->type.index == TYPE_BINARY))
		return tmo_fail_usage(err, "--range percentile means nothing to ternary and binary "
		                      "codes, whose scale is a mean; take minmax or mse");
	if (o->scale.index == SCALE_NONE && !is_cast(o))
		return tmo_fail_usage(err, "--scale none is about fp8, other codes need a scale; leave "
		                      "it out or take --type f8e4m3");
	return 0;
}

int
quant_check(const void *options, struct tmo_error *err)
{
	const struct quant *const o = options;
	const bool integers = o->type.index == TYPE_INT;
	const bool can_overflow = is_cast(o) && o->type.index != TYPE_F8E4M3;

	if (o->symmetric && o->asymmetric)
		return tmo_fail_usage(err, "--symmetric and --asymmetric exclude each other; give one");
	if (check_integers_only(o, err) < 0 || check_range(o, err) < 0)
		return -1;
	if (is_cast(o) && !is_half(o) && o->granularity.index != GRANULARITY_AUTO)
		return tmo_fail_usage(err, "--granularity is about scales, and there is none; leave it "
		                      "out, or --scale none");
	if (o->saturate && !can_overflow)
		return tmo_fail_usage(err, "--saturate is about f16, bf16 and f8e5m2 without a scale, "
		                      "%s always fit; leave it out or add --type",
		                      integers ? "integers" : "others");
	if (o->nan.index == NAN_KEEP && !is_half(o) && !is_fp8(o))
		return tmo_fail_usage(err, "--nan keep: only float types have a NaN; say --nan zero, or "
		                      "take --type f16");
	return 0;
}

void
quant_settle(void *options)
{
	struct quant *const o = options;
	const bool means = o->type.index == TYPE_TERNARY || o->type.index == TYPE_BINARY;

	if (is_half(o) || (!is_fp8(o) && o->scale.index == SCALE_NONE))
		o->scale.index = SCALE_FLOAT;
	if (o->type.index != TYPE_INT) {
		o->bits = 8;
		o->symmetric = o->asymmetric = false;
		o->round.index = ROUND_AUTO;
		if (!is_half(o))
			o->preset.index = PRESET_NONE;
	}
	if (is_cast(o))
		o->granularity.index = GRANULARITY_AUTO;
	if (is_cast(o) || (means && o->range.index == FIT_PERCENTILE) ||
	    (o->type.index != TYPE_INT && o->range.index == FIT_ENTROPY))
		o->range.index = FIT_MINMAX;
	if (!is_cast(o) || o->type.index == TYPE_F8E4M3)
		o->saturate = false;
	if (!is_half(o) && !is_fp8(o) && o->nan.index == NAN_KEEP)
		o->nan.index = NAN_ERROR;
}

/* The granularity that the tensor's axes allow. */
static enum granularity
allowed(const struct tmo_tensor *t, enum granularity wanted, const char **why)
{
	if (wanted == PER_GROUP && t->input_axis < 0) {
		*why = "; no input axis for groups";
		wanted = PER_CHANNEL;
	}
	if (wanted == PER_CHANNEL && t->output_axis < 0) {
		*why = "; no output axis for channels";
		wanted = PER_TENSOR;
	}
	return wanted;
}

static enum granularity
wanted_granularity(const struct quant *o, const struct tmo_tensor *t)
{
	switch (o->granularity.index) {
	case GRANULARITY_TENSOR:
		return PER_TENSOR;
	case GRANULARITY_CHANNEL:
		return PER_CHANNEL;
	case GRANULARITY_GROUP:
		return PER_GROUP;
	default:
		break;
	}
	if (o->type.index == TYPE_NF4)
		return PER_GROUP;
	/* Convolutions by channel, matrices (fully connected layers) as a whole. */
	if (o->preset.index == PRESET_TFLITE)
		return t->rank > 2 ? PER_CHANNEL : PER_TENSOR;
	return o->preset.index == PRESET_ONNXRUNTIME ? PER_TENSOR : PER_CHANNEL;
}

static struct coding
coding_of(const struct quant *o, const struct tmo_tensor *t, const char **why)
{
	static const enum code_kind kinds[] = {
		[TYPE_F8E4M3] = CODE_F8E4M3, [TYPE_F8E5M2] = CODE_F8E5M2, [TYPE_NF4] = CODE_NF4,
		[TYPE_TERNARY] = CODE_TERNARY, [TYPE_BINARY] = CODE_BINARY,
	};
	const bool tflite = o->preset.index == PRESET_TFLITE;
	const bool ort = o->preset.index == PRESET_ONNXRUNTIME;
	struct coding c = {
		.kind = o->type.index == TYPE_INT ? CODE_INT : kinds[o->type.index],
		.bits = (int)o->bits, .symmetric = !o->asymmetric,
		.granularity = wanted_granularity(o, t),
		.group = o->granularity.index == GRANULARITY_GROUP ? (size_t)o->granularity.number :
			NF4_GROUP,
		.method = (enum fit_method)o->range.index, .percentile = o->range.number,
		.pow2 = o->scale.index == SCALE_POW2, .keep = is_fp8(o) && o->nan.index == NAN_KEEP,
	};

	if (c.kind == CODE_INT) {
		c.away = o->round.index == ROUND_AWAY || (o->round.index == ROUND_AUTO && tflite);
		c.by_factor = tflite && c.symmetric;
		c.precise = ort && !c.symmetric && t->dtype != TMO_F64;
		c.lowest = ort && c.symmetric && c.bits == 4;
	}
	if (t->codebook.data == NULL)
		c.granularity = allowed(t, c.granularity, why);
	c.blocked = c.precise && c.granularity == PER_GROUP;
	return c;
}

struct plan
quant_plan(const struct quant *o, const struct tmo_tensor *t, const char **why)
{
	static const enum tmo_type types[] = {
		[TYPE_F16] = TMO_F16, [TYPE_BF16] = TMO_BF16, [TYPE_F8E4M3] = TMO_F8E4M3,
		[TYPE_F8E5M2] = TMO_F8E5M2,
	};
	struct plan plan = {.is_cast = is_cast(o)};

	if (plan.is_cast)
		plan.cast = (struct cast){
			.type = types[o->type.index], .keep = o->nan.index == NAN_KEEP,
			/* The converter cuts to the range of f16. */
			.saturate = o->saturate || o->preset.index == PRESET_TFLITE,
		};
	else
		plan.coding = coding_of(o, t, why);
	return plan;
}

bool
quant_plan_eight(struct plan *plan)
{
	const struct coding *const c = &plan->coding;
	const bool by_cast = plan->is_cast;

	if (by_cast ? plan->cast.type == TMO_F16 || plan->cast.type == TMO_BF16 :
	    c->kind == CODE_INT && c->bits == 8)
		return false;
	plan->coding = (struct coding){
		.kind = CODE_INT, .bits = 8, .symmetric = by_cast || c->symmetric,
		.granularity = by_cast ? PER_TENSOR : c->granularity, .group = c->group,
		.method = by_cast ? FIT_MINMAX : c->method, .percentile = c->percentile,
		.pow2 = c->pow2, .away = c->away, .by_factor = c->by_factor, .precise = c->precise,
		.blocked = c->blocked,
	};
	plan->is_cast = false;
	return true;
}

bool
quant_keeps_codebook(const struct plan *plan)
{
	const enum code_kind kind = plan->coding.kind;

	return plan->is_cast || kind == CODE_INT || kind == CODE_F8E4M3 || kind == CODE_F8E5M2;
}

const char *
quant_plan_name(const struct plan *plan, char *text, size_t size)
{
	static const char *const kinds[] = {
		[CODE_F8E4M3] = "f8e4m3", [CODE_F8E5M2] = "f8e5m2", [CODE_NF4] = "nf4",
		[CODE_TERNARY] = "ternary", [CODE_BINARY] = "binary",
	};

	if (!plan->is_cast && plan->coding.kind == CODE_INT)
		snprintf(text, size, "%d bits", plan->coding.bits);
	else
		snprintf(text, size, "%s", plan->is_cast ? tmo_type_name(plan->cast.type) :
		         kinds[plan->coding.kind]);
	return text;
}
