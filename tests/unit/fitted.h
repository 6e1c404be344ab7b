/* SPDX-License-Identifier: Apache-2.0 */
/* fitted.h: what the tests of fitted scales share: values of all shapes, and one entry of them fitted. */
#ifndef UNIT_FITTED_H
#define UNIT_FITTED_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filters/quant/fit.h"
#include "tests/unit/check.h"
#include "tests/unit/partition.h"

enum { NORMAL, CUBED, POSITIVE, LATTICE, PRUNED, OUTLIER, CONSTANT, SHAPES };

static inline void
draw(int shape, double *x, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const double g = random_normal();

		x[i] = shape == NORMAL ? g : shape == CUBED ? g * g * g : shape == POSITIVE ? random_uniform() :
			shape == LATTICE ? rint(g * 3) * 0.37 :
			shape == PRUNED ? (fabs(g) > 1 ? g : 0) :
			shape == OUTLIER ? (i == n / 2 ? 40 : 0.1 * g) : -0.3;
		x[i] = (double)(float)x[i];
	}
}

/* One entry of n values fitted, as double or as float. */
struct answer {
	double scale, zero;
};

static inline struct answer
fit_one(const struct fit *f, const double *x, size_t n, bool wide, int threads)
{
	const struct tmo_blocks l = partition_whole(n);
	float *const narrow = malloc(n * sizeof(*narrow));
	double lo = 0, hi = 0, scale = 0;
	float lo32, hi32, scale32 = 0;
	struct tmo_error err = {0};
	int status;

	for (size_t i = 0; i < n; i++) {
		narrow[i] = (float)x[i];
		lo = x[i] < lo ? x[i] : lo;
		hi = x[i] > hi ? x[i] : hi;
	}
	lo32 = (float)lo;
	hi32 = (float)hi;
	status = wide ? quant_fit(f, &l, true, x, &lo, &hi, &scale, threads, &err) :
		quant_fit(f, &l, false, narrow, &lo32, &hi32, &scale32, threads, &err);
	CHECK(status == 0, "quant_fit: %s", err.text);
	free(narrow);
	return wide ? (struct answer){scale, lo} : (struct answer){(double)scale32, (double)lo32};
}

/* The error of a scale, with integer codes. */
static inline double
error_of(const double *x, size_t n, double scale, double low, double high)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double code = rint(x[i] / scale), off;

		code = code < low ? low : code > high ? high : code;
		off = x[i] - scale * code;
		sum += off * off;
	}
	return sum;
}

#endif
