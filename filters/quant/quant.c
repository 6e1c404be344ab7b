/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-quant: weights as small integers with scales, or as 16-bit floats. */
#include "encode.h"

enum { TYPE_INT, TYPE_F16, TYPE_BF16 };

struct quant {
	int64_t bits;
	struct tmo_choice type, granularity;
	bool symmetric, asymmetric, saturate;
};

static const struct tmo_option options[] = {
	TMO_INT('b', "bits", struct quant, bits, "N", 8, 2, 8, "width of an integer code"),
	TMO_CHOICE('t', "type", struct quant, type, "int|f16|bf16", "int", "what the codes are"),
	TMO_CHOICE('g', "granularity", struct quant, granularity, "tensor|channel|group:N",
	           "channel", "weights that share a scale"),
	TMO_FLAG(0, "symmetric", struct quant, symmetric,
	         "same range on both sides of 0 (the default)"),
	TMO_FLAG('a', "asymmetric", struct quant, asymmetric,
	         "range from the smallest to the largest"),
	TMO_FLAG(0, "saturate", struct quant, saturate, "f16, bf16: cut what is beyond the type"),
	TMO_OPTIONS_END
};

static int
quant_check(const void *opts, struct tmo_error *err)
{
	const struct quant *const o = opts;
	const double group = o->granularity.number;
	const bool floats = o->type.index != TYPE_INT;

	if (o->symmetric && o->asymmetric)
		return tmo_fail_usage(err, "--symmetric and --asymmetric exclude each other; "
		                      "give one");
	if (o->granularity.index == PER_GROUP &&
	    !(group >= 1 && group < 0x1p53 && group == (double)(size_t)group))
		return tmo_fail_usage(err, "--granularity group:%g: a group is a whole number of "
		                      "weights, 1 or more; say group:32", group);
	if (floats && (o->bits != 8 || o->symmetric || o->asymmetric ||
	    o->granularity.index != PER_CHANNEL))
		return tmo_fail_usage(err, "--bits, --granularity, --symmetric and --asymmetric are "
		                      "about integers; leave them out or take --type int");
	if (!floats && o->saturate)
		return tmo_fail_usage(err, "--saturate is about f16 and bf16, integers always fit; "
		                      "leave it out or add --type");
	return 0;
}

/* What stands in the way of being encoded anew is decoded; *how says so for the note. */
static int
make_plain(struct tmo_run *run, struct tmo_tensor *t, const char **how, struct tmo_error *err)
{
	if (!tmo_is_encoded(t))
		return 0;
	*how = t->code == TMO_NONE ? "; was decoded first" : "; was another float type";
	if (tmo_decode(run, t, err) < 0)
		return -1;
	tmo_forget_encoding(t);
	return 0;
}

static int
to_floats(struct tmo_run *run, struct tmo_tensor *t, const struct quant *o, struct tmo_error *err)
{
	const enum tmo_type type = o->type.index == TYPE_F16 ? TMO_F16 : TMO_BF16;
	const enum tmo_type now = tmo_is_encoded(t) ? t->code : t->dtype;
	const bool shared = t->codebook.data != NULL && t->scale.data == NULL;
	const char *how = "";

	if (t->scale.data == NULL && (now == type || tmo_type_size(now) == 1)) {
		tmo_note(run, "left as it is: %s already", tmo_type_name(now));
		return tmo_pass(run, t, err);
	}
	if (!shared && make_plain(run, t, &how, err) < 0)
		return -1;
	if (encode_floats(t, type, o->saturate, tmo_threads(run), err) < 0)
		return -1;
	tmo_note(run, "%s%s%s", shared ? "codebook to " : "", tmo_type_name(type), how);
	return tmo_put(run, t, err);
}

/* The granularity that the tensor's axes allow; *why is for the note. */
static enum granularity
granularity_of(const struct tmo_tensor *t, enum granularity wanted, const char **why)
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

static int
to_integers(struct tmo_run *run, struct tmo_tensor *t, const struct quant *o,
            struct tmo_error *err)
{
	const bool shared = t->codebook.data != NULL && t->scale.data == NULL;
	struct integers want = {
		.bits = (int)o->bits, .symmetric = !o->asymmetric,
		.granularity = (enum granularity)o->granularity.index,
		.group = (size_t)o->granularity.number,
	};
	const char *how = "", *why = "";

	if (!shared) {
		if (make_plain(run, t, &how, err) < 0)
			return -1;
		want.granularity = granularity_of(t, want.granularity, &why);
	}
	if ((shared ? encode_codebook(t, &want, err) :
	     encode_integers(t, &want, tmo_threads(run), err)) < 0)
		return -1;
	tmo_note(run, "%s%d bits, %zu scale%s%s%s", shared ? "codebook to " : "", want.bits,
	         t->scale.count, t->scale.count == 1 ? "" : "s", why, how);
	return tmo_put(run, t, err);
}

static int
quant_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct quant *const o = tmo_options(run);

	if (!tmo_type_is_float(t->dtype) || t->count == 0) {
		tmo_note(run, "left as it is: %s",
		         t->count == 0 ? "no elements" : "not of a float type");
		return tmo_pass(run, t, err);
	}
	return o->type.index == TYPE_INT ? to_integers(run, t, o, err) : to_floats(run, t, o, err);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter quant = {
		.name = "quant", .summary = "give weights fewer bits", .kind = TMO_FILTER,
		.example = "tmo-from-onnx <m.onnx | tmo-quant --bits 4 -g group:32 | "
			"tmo-pack --zstd 19 >m.tar.zst",
		.options = options, .options_size = sizeof(struct quant),
		.takes_encoded = true, .takes_f64 = true,
		.check = quant_check, .tensor = quant_tensor,
	};

	return tmo_main(&quant, argc, argv);
}
