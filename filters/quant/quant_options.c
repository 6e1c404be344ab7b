/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "nonuniform.h"
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

/* What quant_rules ask. */
static bool
type_is_half(const void *options)
{
	return is_half(options);
}

static bool
type_is_not_int(const void *options)
{
	return ((const struct quant *)options)->type.index != TYPE_INT;
}

static bool
type_has_no_preset(const void *options)
{
	return type_is_not_int(options) && !is_half(options);
}

static bool
type_has_no_nan(const void *options)
{
	return !is_half(options) && !is_fp8(options);
}

static bool
scale_is_a_mean(const void *options)
{
	const struct quant *const o = options;

	return o->type.index == TYPE_TERNARY || o->type.index == TYPE_BINARY;
}

static bool
codes_have_no_scale(const void *options)
{
	return is_cast(options);
}

static bool
integers_fit(const void *options)
{
	return !type_is_not_int(options);
}

static bool
others_fit(const void *options)
{
	const struct quant *const o = options;

	return !is_cast(o) || o->type.index == TYPE_F8E4M3;
}

/* In this order: what a cast is depends on --scale. */
const struct tmo_rule quant_rules[] = {
	{"bits|granularity|symmetric|asymmetric", type_is_half,
	 "--bits, --granularity, --symmetric and --asymmetric are about integers; leave them out or take "
	 "--type int"},
	{"bits|symmetric|asymmetric", type_is_not_int,
	 "--bits, --symmetric and --asymmetric are about integers; leave them out or take --type int"},
	{"round=away", type_is_not_int,
	 "--round away is about integers; leave it out or take --type int"},
	{"preset", type_has_no_preset,
	 "--preset is about integers, f16 and bf16; leave it out or take one of these as --type"},
	{"scale=none", type_has_no_nan,
	 "--scale none is about fp8, other codes need a scale; leave it out or take --type f8e4m3"},
	{"scale=pow2", type_is_half,
	 "--range and --scale are about codes with scales; leave them out or take --type int"},
	{"range", codes_have_no_scale,
	 "--range and --scale are about codes with scales; leave them out or take --type int"},
	{"range=entropy", type_is_not_int,
	 "--range entropy is about integers; take mse, or --type int"},
	{"range=percentile", scale_is_a_mean,
	 "--range percentile means nothing to ternary and binary codes, whose scale is a mean; take minmax "
	 "or mse"},
	{"granularity", codes_have_no_scale,
	 "--granularity is about scales, and there is none; leave it out, or --scale none"},
	{"saturate", integers_fit,
	 "--saturate is about f16, bf16 and f8e5m2 without a scale, integers always fit; leave it out or "
	 "add --type"},
	{"saturate", others_fit,
	 "--saturate is about f16, bf16 and f8e5m2 without a scale, others always fit; leave it out or add "
	 "--type"},
	{"nan=keep", type_has_no_nan,
	 "--nan keep: only float types have a NaN; say --nan zero, or take --type f16"},
	TMO_RULES_END
};

int
quant_check(const void *options, struct tmo_error *err)
{
	const struct quant *const o = options;

	if (o->symmetric && o->asymmetric)
		return tmo_fail_usage(err, "--symmetric and --asymmetric exclude each other; give one");
	if (o->range.index == FIT_PERCENTILE && !(o->range.number > 50 && o->range.number <= 100))
		return tmo_fail_usage(err, "--range percentile:%g: it must be over 50 and at most 100; "
		                      "say percentile:99.9", o->range.number);
	return 0;
}

static enum tmo_granularity
wanted_granularity(const struct quant *o, const struct tmo_tensor *t)
{
	switch (o->granularity.index) {
	case GRANULARITY_TENSOR:
		return TMO_PER_TENSOR;
	case GRANULARITY_CHANNEL:
		return TMO_PER_CHANNEL;
	case GRANULARITY_GROUP:
		return TMO_PER_GROUP;
	default:
		break;
	}
	if (o->type.index == TYPE_NF4)
		return TMO_PER_GROUP;
	/* Convolutions by channel, matrices (fully connected layers) as a whole. */
	if (o->preset.index == PRESET_TFLITE)
		return t->rank > 2 ? TMO_PER_CHANNEL : TMO_PER_TENSOR;
	return o->preset.index == PRESET_ONNXRUNTIME ? TMO_PER_TENSOR : TMO_PER_CHANNEL;
}

static bool
keeps_codebook(enum code_kind kind)
{
	return kind == CODE_INT || kind == CODE_F8E4M3 || kind == CODE_F8E5M2;
}

static bool
has_shared_floats(const struct tmo_tensor *t)
{
	return t->codebook.data != NULL && t->scale.data == NULL && t->zero_point.data == NULL &&
	       tmo_type_is_float(t->codebook.type);
}

/* What codes, scales and all else takes. */
static struct tmo_entry_cost
cost_of(const struct coding *c, const struct tmo_tensor *t)
{
	return (struct tmo_entry_cost){
		.code_bits = (size_t)quant_code_bits(c), .numbers = 1,
		.number_bytes = (t->dtype == TMO_F64 ? sizeof(double) : sizeof(float)) + !c->symmetric,
		.more_bytes = c->kind == CODE_NF4 ? sizeof(quant_nf4) :
			c->kind == CODE_BINARY ? sizeof(quant_binary) : 0,
	};
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
	if (!keeps_codebook(c.kind) || !has_shared_floats(t)) {
		const struct tmo_entry_cost cost = cost_of(&c, t);

		c.granularity = tmo_granularity_for(t, c.granularity, c.group, &cost, why);
	}
	c.blocked = c.precise && c.granularity == TMO_PER_GROUP;
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
			.type = types[o->type.index], .dtype = t->dtype, .keep = o->nan.index == NAN_KEEP,
			/* The converter cuts to the range of f16. */
			.saturate = o->saturate || o->preset.index == PRESET_TFLITE,
		};
	else
		plan.coding = coding_of(o, t, why);
	return plan;
}

bool
quant_plan_is_larger(const struct plan *plan, const struct tmo_tensor *t)
{
	const struct coding *const c = &plan->coding;
	const struct tmo_entry_cost cost = cost_of(c, t);

	return !plan->is_cast && tmo_granularity_is_larger(t, c->granularity, c->group, &cost);
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
		.granularity = by_cast ? TMO_PER_TENSOR : c->granularity, .group = c->group,
		.method = by_cast ? FIT_MINMAX : c->method, .percentile = c->percentile,
		.pow2 = c->pow2, .away = c->away, .by_factor = c->by_factor, .precise = c->precise,
		.blocked = c->blocked,
	};
	plan->is_cast = false;
	return true;
}

bool
quant_plan_half(struct plan *plan)
{
	if (plan->is_cast && plan->cast.type == TMO_F16)
		return false;
	/* A value beyond f16 must not end the run: what it is cut to is judged as any other. */
	*plan = (struct plan){
		.is_cast = true,
		.cast = {.type = TMO_F16, .saturate = true, .keep = plan->is_cast && plan->cast.keep},
	};
	return true;
}

bool
quant_plan_has_codebooks(const struct plan *plan)
{
	return plan->is_cast || keeps_codebook(plan->coding.kind);
}

bool
quant_plan_shares(const struct plan *plan, const struct tmo_tensor *t)
{
	return quant_plan_has_codebooks(plan) && has_shared_floats(t);
}

bool
quant_plan_is_fp8(const struct plan *plan)
{
	const enum code_kind kind = plan->coding.kind;

	return plan->is_cast ? tmo_type_size(plan->cast.type) == 1 :
		kind == CODE_F8E4M3 || kind == CODE_F8E5M2;
}

int
quant_plan_bits(const struct plan *plan)
{
	return plan->is_cast ? 8 * (int)tmo_type_size(plan->cast.type) : quant_code_bits(&plan->coding);
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

const char *
quant_plan_advice(const struct plan *plan)
{
	if (plan->is_cast && plan->cast.type == TMO_F16)
		return "take --type bf16, which has smaller numbers, or leave it out with --skip";
	if (plan->is_cast)
		return quant_plan_is_fp8(plan) ? "take --scale float, or leave it out with --skip" :
		       "leave it out with --skip";
	if (quant_code_bits(&plan->coding) == 8)
		return "take smaller granularity, or leave it out with --skip";
	return plan->coding.kind == CODE_INT ?
	       "take more bits or smaller granularity, or leave it out with --skip" :
	       "take a type of more bits or smaller granularity, or leave it out with --skip";
}
