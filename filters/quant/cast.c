/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "cast.h"
#include "float.h"
#include "io.h"

#define CHUNK ((size_t)1 << 16)

struct job {
	const void *x;
	bool wide, saturate;
	size_t n;
	enum tmo_type type;
	uint16_t *out;
	size_t *bad;		/* of each chunk: 1 + index of a value that has no code, or 0 */
};

static double
value_at(const struct job *w, size_t i)
{
	return w->wide ? ((const double *)w->x)[i] : (double)((const float *)w->x)[i];
}

static void
round_chunk(const struct job *w, size_t start, size_t end)
{
	const double *const x = w->x;

	if (!w->wide)
		tmo_from_f32(w->out + start, w->type, (const float *)w->x + start, end - start);
	else if (w->type == TMO_F16)
		for (size_t i = start; i < end; i++)
			w->out[i] = tmo_f64_to_f16(x[i]);
	else
		for (size_t i = start; i < end; i++)
			w->out[i] = tmo_f64_to_bf16(x[i]);
}

static void
cast_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	const unsigned infinity = w->type == TMO_F16 ? 0x7c00 : 0x7f80;
	const size_t start = chunk * CHUNK, end = w->n - start < CHUNK ? w->n : start + CHUNK;
	bool beyond = false;

	round_chunk(w, start, end);
	for (size_t i = start; i < end; i++)
		beyond |= (w->out[i] & infinity) == infinity;
	for (size_t i = start; beyond && i < end; i++) {
		if ((w->out[i] & infinity) != infinity)
			continue;
		if (!w->saturate || !isfinite(value_at(w, i))) {
			w->bad[chunk] = i + 1;
			return;
		}
		/* The pattern before infinity's is that of the largest finite number. */
		w->out[i] = (uint16_t)(w->out[i] - 1);
	}
}

static int
fail_at(const struct job *w, size_t i, struct tmo_error *err)
{
	const double x = value_at(w, i);

	if (isfinite(x))
		return tmo_fail(err, "%.9g at index %zu is beyond the largest %s, %.9g; "
		                "--saturate cuts it", x, i, tmo_type_name(w->type),
		                tmo_type_max(w->type));
	return tmo_fail(err, "%s at index %zu; mend it, or leave the tensor out with --skip",
	                isnan(x) ? "NaN" : "infinity", i);
}

int
quant_cast(const void *x, bool wide, size_t n, enum tmo_type type, bool saturate, uint16_t *out,
           int threads, struct tmo_error *err)
{
	struct job w = {
		.x = x, .wide = wide, .saturate = saturate, .n = n, .type = type, .out = out,
	};
	const size_t chunks = n / CHUNK + (n % CHUNK != 0);
	int status = 0;

	w.bad = tmo_alloc(chunks, sizeof(*w.bad), err);
	if (w.bad == NULL)
		return -1;
	tmo_parallel_for(threads, chunks, cast_chunk, &w);
	for (size_t i = 0; i < chunks && status == 0; i++)
		if (w.bad[i] != 0)
			status = fail_at(&w, w.bad[i] - 1, err);
	free(w.bad);
	return status;
}
