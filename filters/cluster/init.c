/* SPDX-License-Identifier: Apache-2.0 */
#include "init.h"

#include <assert.h>
#include <math.h>

#define GRID ((size_t)30)

/*
 * To f32, unless the weights are f64. An operation on two f32 in double, rounded afterwards, is the
 * operation in f32.
 */
static inline double
round_as(const struct points *p, double x)
{
	return p->wide ? x : (double)(float)x;
}

/* Place i of n from low to high. */
static double
place(const struct points *p, double low, double high, size_t n, size_t i)
{
	const double steps = n > 1 ? (double)(n - 1) : 1.0;
	double step = round_as(p, round_as(p, high - low) / steps);

	if (i == 0)
		return low;
	if (i == n - 1)
		return high;
	if (!isfinite(step))	/* high - low is beyond the type */
		step = round_as(p, high / steps - low / steps);
	return round_as(p, low + round_as(p, step * (double)i));
}

void
cluster_init_linear(const struct points *p, size_t from, size_t to, size_t k, double *value)
{
	assert(from < to && to <= p->n);
	for (size_t i = 0; i < k; i++)
		value[i] = place(p, cluster_points_value(p, from), cluster_points_value(p, to - 1),
		                 k, i);
}

/* The share of points [from, to) that are no larger than x, in f32. */
static float
share_up_to(const struct points *p, size_t from, size_t to, double x)
{
	size_t end = cluster_points_above(p, x);

	end = end < from ? from : end < to ? end : to;
	return (float)cluster_points_mass(p, from, end) / (float)cluster_points_mass(p, from, to);
}

/*
 * Place i of the grid, as tfmot has it: on a line between it and the one before, where the share
 * is that of place i. That is place i again, but for what f32 makes of it on the way.
 */
static double
on_line(const struct points *p, const double *x, const float *share, size_t i)
{
	const double before = i > 0 ? (double)share[i - 1] : (double)share[0], here = share[i];
	double slope, offset, found;

	if (before == here)
		return x[i];
	slope = round_as(p, round_as(p, before - here) / round_as(p, 0.001));
	offset = round_as(p, here - round_as(p, x[i] * slope));
	found = round_as(p, round_as(p, here - offset) / slope);
	return isfinite(found) ? found : x[i];
}

void
cluster_init_density(const struct points *p, size_t from, size_t to, size_t k, bool one_sign,
                     double *value)
{
	const double low = cluster_points_value(p, from), high = cluster_points_value(p, to - 1);
	double gap = round_as(p, 0.01), x[GRID];
	float share[GRID];
	size_t at = 0;

	if (one_sign && fmin(fabs(low), fabs(high)) / 2 < gap)
		gap = round_as(p, fmin(fabs(low), fabs(high)) / 2);
	for (size_t i = 0; i < GRID; i++) {
		x[i] = place(p, round_as(p, low - gap), round_as(p, high + gap), GRID, i);
		share[i] = share_up_to(p, from, to, x[i]);
	}
	for (size_t i = 0; i < k; i++) {
		const float first = 0.01f, step = (1.0f - first) / (float)(k > 1 ? k - 1 : 1);
		const float wanted = i == 0 ? first : i == k - 1 ? 1.0f : first + step * (float)i;

		while (at < GRID && !(share[at] > wanted))
			at++;
		value[i] = on_line(p, x, share, at < GRID ? at : GRID - 1);
	}
}

void
cluster_init_random(const struct points *p, size_t from, size_t to, size_t k, struct tmo_rng *rng,
                    double *value)
{
	const double low = cluster_points_value(p, from), high = cluster_points_value(p, to - 1);

	for (size_t i = 0; i < k; i++) {
		const double u = (double)tmo_rng_float(rng);

		value[i] = round_as(p, low * (1.0 - u) + high * u);
	}
}
