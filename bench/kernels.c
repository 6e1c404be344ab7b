/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels: how fast the kernels are without a stream, one thread, 64 MiB of normal weights. Prints
 * "name TAB GB/s of weights TAB share of memcpy", the best of five.
 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "filters/eval/measure.h"
#include "filters/prune/threshold.h"
#include "filters/quant/affine.h"

#define ROWS ((size_t)4096)
#define COLS ((size_t)4096)
#define COUNT (ROWS * COLS)

static float *weights, *copy;
static unsigned char *codes, *zeros;
static float *scales;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void
run_memcpy(void)
{
	memcpy(copy, weights, COUNT * sizeof(*weights));
}

static void
quantize(int bits, bool symmetric, enum fit_method method, struct layout layout)
{
	const struct affine a = {
		.layout = &layout,
		.fit = { .method = method, .codes = quant_code_range(bits, symmetric, FLT_MAX) },
		.x = weights, .what = "weight", .codes = codes, .scale = scales,
		.zero_point = symmetric ? NULL : zeros,
	};
	struct tmo_error err = {0};

	if (quant_affine(&a, 1, &err) < 0) {
		fprintf(stderr, "kernels: %s\n", err.text);
		exit(1);
	}
}

static const size_t shape[2] = {ROWS, COLS};

static void
run_int8(void)
{
	quantize(8, true, FIT_MINMAX, quant_layout_channels(2, shape, 0));
}

static void
run_last_axis(void)
{
	quantize(8, true, FIT_MINMAX, quant_layout_channels(2, shape, 1));
}

static void
run_asymmetric(void)
{
	quantize(8, false, FIT_MINMAX, quant_layout_channels(2, shape, 0));
}

static void
run_groups(void)
{
	quantize(4, true, FIT_MINMAX, quant_layout_groups(2, shape, 1, 32));
}

static void
run_mse(void)
{
	quantize(4, true, FIT_MSE, quant_layout_channels(2, shape, 0));
}

static void
run_threshold(void)
{
	struct tmo_error err = {0};
	struct selection s = {0};

	if (prune_selection_start(&s, COUNT, 1, &err) < 0)
		exit(1);
	do
		prune_count_f32(&s, weights, COUNT);
	while (!prune_narrow(&s, COUNT / 2));
	prune_selection_free(&s);
}

static void
run_variety(void)
{
	struct tmo_error err = {0};
	struct variety v;

	if (measure_variety(weights, COUNT, sizeof(*weights), 1, &v, &err) < 0)
		exit(1);
}

static double
best_of_five(void (*kernel)(void))
{
	double best = 1e9;

	for (int i = 0; i < 5; i++) {
		const double start = now();
		double took;

		kernel();
		took = now() - start;
		best = took < best ? took : best;
	}
	return best;
}

int
main(void)
{
	static const struct { const char *name; void (*kernel)(void); } kernels[] = {
		{"memcpy", run_memcpy}, {"quant, 8 bits, channels", run_int8},
		{"quant, 8 bits, channels of the last axis", run_last_axis},
		{"quant, 8 bits, asymmetric", run_asymmetric},
		{"quant, 4 bits, groups of 32", run_groups},
		{"quant, 4 bits, channels, mse", run_mse}, {"prune, threshold", run_threshold},
		{"eval, distinct values", run_variety},
	};
	struct tmo_rng random;
	double limit = 0;

	weights = malloc(COUNT * sizeof(*weights));
	copy = malloc(COUNT * sizeof(*copy));
	codes = malloc(COUNT);
	zeros = malloc(COUNT);
	scales = malloc(COUNT * sizeof(*scales));
	if (weights == NULL || copy == NULL || codes == NULL || zeros == NULL || scales == NULL)
		return 1;
	tmo_rng_start(&random, 1, 0);
	for (size_t i = 0; i < COUNT; i++) {
		weights[i] = -6;
		for (int j = 0; j < 12; j++)
			weights[i] += tmo_rng_float(&random);
	}
	for (size_t i = 0; i < sizeof(kernels) / sizeof(*kernels); i++) {
		const double speed = (double)(COUNT * sizeof(*weights)) / best_of_five(kernels[i].kernel) / 1e9;

		limit = i == 0 ? speed : limit;
		printf("%s\t%.2f\t%.2f\n", kernels[i].name, speed, speed / limit);
	}
	free(weights);
	free(copy);
	free(codes);
	free(zeros);
	free(scales);
	return 0;
}
