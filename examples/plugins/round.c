/* SPDX-License-Identifier: Apache-2.0 */
/* tmo-round: keep some bits of each weight's mantissa; what is zero then compresses to nothing. */
#include <math.h>
#include <string.h>
#include <tmo.h>

struct round {
	int64_t bits;
};

static const struct tmo_option options[] = {
	TMO_INT('b', "bits", struct round, bits, "N", 7, 1, 22, "bits of the mantissa that are kept"),
	TMO_OPTIONS_END
};

/* To nearest, ties to even; what would become infinite is cut instead. */
static float
rounded(float x, int drop)
{
	const uint32_t last = (uint32_t)1 << drop;
	uint32_t bits, cut;
	float result;

	memcpy(&bits, &x, sizeof(bits));
	cut = bits & ~(last - 1);
	bits = (bits + last / 2 - 1 + (bits >> drop & 1)) & ~(last - 1);
	memcpy(&result, &bits, sizeof(bits));
	if (!isfinite(result))
		memcpy(&result, &cut, sizeof(cut));
	return result;
}

static int
round_tensor(struct tmo_run *run, struct tmo_tensor *t, struct tmo_error *err)
{
	const struct round *o = tmo_options(run);

	for (size_t i = 0; i < t->count; i++) {
		if (isnan(t->data[i]))
			return tmo_fail(err, "NaN at index %zu; mend the model", i);
		if (isfinite(t->data[i]))
			t->data[i] = rounded(t->data[i], (int)(23 - o->bits));
	}
	tmo_note(run, "%d bits of the mantissa", (int)o->bits);
	return tmo_put(run, t, err);
}

int
main(int argc, char **argv)
{
	static const struct tmo_filter filter = {
		.name = "round", .version = "1.0", .summary = "keep some bits of the mantissa",
		.kind = TMO_FILTER, .options = options, .options_size = sizeof(struct round),
		.example = "tmo-round --bits 7 model.tar | zstd -19 >model.tar.zst",
		.tensor = round_tensor,
	};

	return tmo_main(&filter, argc, argv);
}
