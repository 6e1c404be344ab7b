/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "sqnr.h"

#define CHUNK ((size_t)1 << 16)
#define LANES 4
#define LN_10 2.302585092994045684

struct job {
	const void *reference, *x;
	bool wide;
	size_t n;
	double *signal, *noise;		/* of each chunk */
};

/* What a difference that is no finite number adds to the noise. */
static double
noise_of(double r, double x)
{
	return r == x || (isnan(r) && isnan(x)) ? 0 : INFINITY;
}

/* Adds n values to the sums, each lane to its own. */
static void
add_f32(const float *reference, const float *x, size_t n, double *signal, double *noise)
{
	for (size_t i = 0; i < n; i++) {
		const double r = (double)reference[i], e = r - (double)x[i];
		const bool finite = isfinite(e);

		signal[i % LANES] += finite ? r * r : 0;
		noise[i % LANES] += finite ? e * e : noise_of(r, (double)x[i]);
	}
}

static void
add_f64(const double *reference, const double *x, size_t n, double *signal, double *noise)
{
	for (size_t i = 0; i < n; i++) {
		const double r = reference[i], e = r - x[i];
		const bool finite = isfinite(e);

		signal[i % LANES] += finite ? r * r : 0;
		noise[i % LANES] += finite ? e * e : noise_of(r, x[i]);
	}
}

static void
add_chunk(void *arg, size_t chunk)
{
	const struct job *const w = arg;
	const size_t start = chunk * CHUNK, n = w->n - start < CHUNK ? w->n - start : CHUNK;
	double signal[LANES] = {0}, noise[LANES] = {0};

	if (w->wide)
		add_f64((const double *)w->reference + start, (const double *)w->x + start, n, signal,
		        noise);
	else
		add_f32((const float *)w->reference + start, (const float *)w->x + start, n, signal,
		        noise);
	for (size_t j = 0; j < LANES; j++) {
		w->signal[chunk] += signal[j];
		w->noise[chunk] += noise[j];
	}
}

/* libm's pow differs between machines: the whole tens by multiplication, the rest by the series. */
double
quant_power_ratio(double db)
{
	const double whole = floor(db / 10), x = (db / 10 - whole) * LN_10;
	double term = 1, sum = 1;

	for (int i = 1; i < 40; i++) {
		term = term * x / i;
		sum += term;
	}
	for (double i = 0; i < fabs(whole); i++)
		sum = whole > 0 ? sum * 10 : sum / 10;
	return sum;
}

int
quant_near_enough(const void *reference, const void *x, bool wide, size_t n, double db,
                  int threads, bool *enough, struct tmo_error *err)
{
	struct job w = {.reference = reference, .x = x, .wide = wide, .n = n};
	const size_t chunks = n / CHUNK + (n % CHUNK != 0);
	double signal = 0, noise = 0;
	int status = -1;

	w.signal = tmo_alloc(chunks, sizeof(*w.signal), err);
	w.noise = tmo_alloc(chunks, sizeof(*w.noise), err);
	if (w.signal == NULL || w.noise == NULL)
		goto out;
	tmo_parallel_for(threads, chunks, add_chunk, &w);
	for (size_t i = 0; i < chunks; i++) {
		signal += w.signal[i];
		noise += w.noise[i];
	}
	*enough = noise * quant_power_ratio(db) <= signal;
	status = 0;
out:
	free(w.signal);
	free(w.noise);
	return status;
}
