/* SPDX-License-Identifier: Apache-2.0 */
/* quant_options.h: tmo-quant's options, and what they come to for one tensor. */
#ifndef QUANT_OPTIONS_H
#define QUANT_OPTIONS_H

#include "encode.h"

/* The words of the choices, in the order of the option table in quant.c. */
enum { TYPE_INT, TYPE_F16, TYPE_BF16, TYPE_F8E4M3, TYPE_F8E5M2, TYPE_NF4, TYPE_TERNARY, TYPE_BINARY };
enum { GRANULARITY_AUTO, GRANULARITY_TENSOR, GRANULARITY_CHANNEL, GRANULARITY_GROUP };
enum { SCALE_FLOAT, SCALE_POW2, SCALE_NONE };
enum { ROUND_AUTO, ROUND_EVEN, ROUND_AWAY };
enum { PRESET_NONE, PRESET_TFLITE, PRESET_ONNXRUNTIME };
enum { NAN_ERROR, NAN_ZERO, NAN_KEEP };

/* The values of the option table in quant.c. */
struct quant {
	int64_t bits;
	struct tmo_choice type, granularity, range, scale, round, preset, nan;
	bool symmetric, asymmetric, saturate, merge;
	double min_sqnr;	/* in dB; 0: whatever comes out */
};

/* What the options come to for one tensor, one of the two: a cast, or codes with scales. */
struct plan {
	bool is_cast;
	struct cast cast;
	struct coding coding;
};

/* For struct tmo_filter: which options mean nothing beside which, and what else can be wrong. */
extern const struct tmo_rule quant_rules[];
int quant_check(const void *options, struct tmo_error *err);

/*
 * What is to become of t. *why says, for a note, where its axes do not allow what was asked; else it is
 * empty, and for a cast left alone.
 */
struct plan quant_plan(const struct quant *o, const struct tmo_tensor *t, const char **why);

/* Whether t, whose values are not shared (quant_plan_shares), would take more room so than plain. */
bool quant_plan_is_larger(const struct plan *plan, const struct tmo_tensor *t);

/* The next best plan where the given one loses too much: 8 bits. Returns false if there is none. */
bool quant_plan_eight(struct plan *plan);

/* That where shared values would be lost: f16. Returns false if the plan is that already. */
bool quant_plan_half(struct plan *plan);

/* Whether integers or small floats may stand in a codebook; else it is decoded first. */
bool quant_plan_has_codebooks(const struct plan *plan);

/* Whether t has shared values of float that the plan encodes in their place, and t keeps its codes. */
bool quant_plan_shares(const struct plan *plan, const struct tmo_tensor *t);

/* Whether codes will be fp8, with or without a scale; how many bits one has. */
bool quant_plan_is_fp8(const struct plan *plan);
int quant_plan_bits(const struct plan *plan);

/* What the plan makes of weights, for notes: "8 bits", "nf4", …; it may be written to text. */
const char *quant_plan_name(const struct plan *plan, char *text, size_t size);

/* What to do where weights become 0 by the plan, of what it is made of. */
const char *quant_plan_advice(const struct plan *plan);

#endif
