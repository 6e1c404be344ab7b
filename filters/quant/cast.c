/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "base/parallel.h"
#include "base/minifloat.h"
#include "cast.h"
#include "real.h"
#include "tensor/tensor.h"

#define CHUNK ((size_t)1 << 16)

struct job {
	const struct cast *how;
	const void *x;
	bool wide;
	size_t n;
	void *out;
	unsigned largest;	/* the pattern of the largest number that there is; behind it: infinity, NaN */
};

static unsigned
largest_pattern(const struct cast *how)
{
	switch (how->type) {
	case TMO_F16:
		return 0x7bff;
	case TMO_BF16:
		return how->dtype == TMO_F16 ? 0x477f : 0x7f7f;
	case TMO_F8E5M2:
		return 0x7b;
	default:
		return 0x7e;
	}
}

/* Whether a pattern is not that of a finite number. */
static bool
special(const struct job *w, size_t i)
{
	const unsigned pattern = tmo_type_size(w->how->type) == 2 ? ((uint16_t *)w->out)[i] :
		((uint8_t *)w->out)[i];

	return (pattern & (tmo_type_size(w->how->type) == 2 ? 0x7fffu : 0x7fu)) > w->largest;
}

static bool
any_special(const struct job *w, size_t start, size_t end)
{
	const uint16_t *const halves = w->out;
	const uint8_t *const bytes = w->out;
	bool found = false;

	if (tmo_type_size(w->how->type) == 2)
		for (size_t i = start; i < end; i++)
			found |= (halves[i] & 0x7fffu) > w->largest;
	else
		for (size_t i = start; i < end; i++)
			found |= (bytes[i] & 0x7fu) > w->largest;
	return found;
}

/* Infinity, or the first NaN, to the largest number: the pattern before it; of bf16 for f16 likewise. */
static void
cut(const struct job *w, size_t i)
{
	if (tmo_type_size(w->how->type) == 2)
		((uint16_t *)w->out)[i]--;
	else
		((uint8_t *)w->out)[i]--;
}

/*
 * Whether the value at i may have its pattern, which is that of no finite number; cuts it to one where
 * that is asked for. (gcc 12 takes "isfinite or isinf" for true, of NaN too, under -fno-trapping-math: so
 * NaN is asked for first.)
 */
static bool
mend_pattern(const struct job *w, size_t i)
{
	const struct cast *const how = w->how;
	const bool saturating = how->type == TMO_F8E4M3;
	const double x = quant_get(w->x, w->wide, i);

	if (isnan(x))
		return how->keep;
	if (isinf(x) ? !how->keep : !how->saturate && !saturating)
		return false;
	if (!isinf(x) || saturating)
		cut(w, i);
	return true;
}

static int
fail_at(const struct job *w, size_t i, struct tmo_error *err)
{
	const enum tmo_type type = w->how->type;
	const double x = quant_get(w->x, w->wide, i);

	if (isfinite(x) && type == TMO_BF16 && w->how->dtype == TMO_F16)
		return tmo_fail(err, "%.9g at index %zu is beyond the largest bf16 that f16 can hold, 65280; "
		                "--saturate cuts it", x, i);
	if (isfinite(x))
		return tmo_fail(err, "%.9g at index %zu is beyond the largest %s, %.9g; "
		                "--saturate cuts it", x, i, tmo_type_name(type), tmo_type_max(type));
	return tmo_fail(err, "%s at index %zu; mend it, say --nan, or leave the tensor out with --skip",
	                isnan(x) ? "NaN" : "infinity", i);
}

static int
cast_chunk(void *arg, size_t chunk, struct tmo_error *err)
{
	const struct job *const w = arg;
	const size_t start = chunk * CHUNK, end = w->n - start < CHUNK ? w->n : start + CHUNK;
	char *const out = (char *)w->out + start * tmo_type_size(w->how->type);

	if (w->wide)
		tmo_from_f64(out, w->how->type, (const double *)w->x + start, end - start);
	else
		tmo_from_f32(out, w->how->type, (const float *)w->x + start, end - start);
	if (!any_special(w, start, end))
		return 0;
	for (size_t i = start; i < end; i++)
		if (special(w, i) && !mend_pattern(w, i))
			return fail_at(w, i, err);
	return 0;
}

int
quant_cast(const struct cast *how, const void *x, bool wide, size_t n, void *out, int threads,
           struct tmo_error *err)
{
	struct job w = {
		.how = how, .x = x, .wide = wide, .n = n, .out = out, .largest = largest_pattern(how),
	};
	const size_t chunks = n / CHUNK + (n % CHUNK != 0);

	return tmo_parallel_try(threads, chunks, cast_chunk, &w, err);
}
