/* SPDX-License-Identifier: Apache-2.0 */
/*
 * products [FORM [SECONDS]]: how fast products and convolutions are, one thread and two, in the form named
 * or the best. Prints "what TAB GF/s, 1 thread TAB share of the peak TAB GF/s, 2 threads", the best of what
 * was tried in SECONDS each (0.5); the peak is multiply-adds in registers, as many as the form can do.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/team.h"
#include "kernel/depthwise.h"
#include "kernel/product.h"

struct job {
	const struct tmo_kernels *kernels;
	struct tmo_product product;
	struct tmo_product_tasks tasks;
	struct tmo_depthwise depthwise;
};

static double seconds = 0.5;

/* One thread's time is that of the processor, so that what else runs beside it does not count. */
static double
now(int threads)
{
	struct timespec t;

	clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static float *
floats(size_t n)
{
	float *const x = aligned_alloc(64, (n + 32) / 16 * 64);

	if (x == NULL)
		exit(1);
	for (size_t i = 0; i < n + 16; i++)
		x[i] = (float)(i * 2654435761u % 1000) / 1000.0f - 0.5f;
	return x;
}

static void
product_task(void *context, size_t task, int worker)
{
	struct job *const j = context;

	(void)worker;
	tmo_product_task(j->kernels, &j->product, &j->tasks, task);
}

static void
depthwise_task(void *context, size_t task, int worker)
{
	struct job *const j = context;

	(void)worker;
	tmo_depthwise_run(j->kernels, &j->depthwise, task, task + 1);
}

static double
best(struct job *j, int threads)
{
	struct tmo_error err = {0};
	struct tmo_team *const team = tmo_team_start(threads, &err);
	const double start = now(threads);
	double least = 1e9;

	if (team == NULL)
		exit(1);
	j->tasks = tmo_product_cut(j->kernels, &j->product, threads);
	while (now(threads) - start < seconds) {
		const double before = now(threads);

		if (j->depthwise.taps > 0)
			tmo_team_run(team, j->depthwise.count[0] * j->depthwise.count[1], depthwise_task, j);
		else
			tmo_team_run(team, j->tasks.row_tasks * j->tasks.panel_tasks, product_task, j);
		least = fmin(least, now(threads) - before);
	}
	tmo_team_stop(team);
	return least;
}

static void
report(struct job *j, double peak, double flops, const char *what)
{
	const double one = flops / best(j, 1) / 1e9, two = flops / best(j, 2) / 1e9;

	printf("%s\t%.1f\t%.2f\t%.1f\n", what, one, one / peak, two);
}

/* m x k times k x n. */
static void
matrix(const struct tmo_kernels *kernels, double peak, size_t m, size_t k, size_t n)
{
	static const ptrdiff_t none[1];
	float *const a = floats(m * k), *const b = floats(k * n), *const c = floats(m * n);
	float *const packed = floats(k * tmo_product_padded(n));
	struct job j = {kernels, {
		.segments = 1, .segment = k, .offsets = none, .channels = n, .weights = packed,
		.weight_step = TMO_PANEL, .panel_step = k * TMO_PANEL, .epilogue = TMO_EPILOGUE_NONE,
		.count = {1, 1, m}, .input = a, .input_step = {0, 0, (ptrdiff_t)k},
		.output = c, .output_step = {0, 0, (ptrdiff_t)n},
	}, {0}, {0}};
	char what[80];

	tmo_product_pack(b, k, n, (ptrdiff_t)n, 1, packed);
	snprintf(what, sizeof(what), "product %zu x %zu x %zu", m, k, n);
	report(&j, peak, 2.0 * (double)(m * k) * (double)n, what);
	free(a);
	free(b);
	free(c);
	free(packed);
}

/* size x size over a side x side picture of c channels, of which n are made (0: each by itself). */
static void
convolution(const struct tmo_kernels *kernels, double peak, size_t side, size_t c, size_t size, size_t stride,
            size_t n)
{
	const size_t padded = side + size - 1, result = (side + stride - 1) / stride, k = size * size * c;
	const size_t channels = n == 0 ? c : n, taps = size * size;
	float *const x = floats(padded * padded * c), *const y = floats(result * result * channels);
	float *const w = floats(k * tmo_product_padded(channels)), *const bias = floats(channels);
	ptrdiff_t offsets[64];
	struct job j = {.kernels = kernels};
	char what[80];

	if (n == 0) {
		j.depthwise = (struct tmo_depthwise){
			.taps = taps, .offsets = offsets, .weights = w, .weight_step = tmo_product_padded(c),
			.channels = c, .bias = bias, .epilogue = TMO_EPILOGUE_RELU, .count = {1, result, result},
			.input = x, .input_step = {0, (ptrdiff_t)(stride * padded * c), (ptrdiff_t)(stride * c)},
			.output = y, .output_step = {0, (ptrdiff_t)(result * c), (ptrdiff_t)c},
		};
		for (size_t i = 0; i < taps; i++)
			offsets[i] = (ptrdiff_t)((i / size * padded + i % size) * c);
	} else {
		j.product = (struct tmo_product){
			.segments = size, .segment = size * c, .offsets = offsets, .channels = n, .weights = w,
			.weight_step = TMO_PANEL, .panel_step = k * TMO_PANEL, .bias = bias,
			.epilogue = TMO_EPILOGUE_RELU, .count = {1, result, result},
			.input = x, .input_step = {0, (ptrdiff_t)(stride * padded * c), (ptrdiff_t)(stride * c)},
			.output = y, .output_step = {0, (ptrdiff_t)(result * n), (ptrdiff_t)n},
		};
		for (size_t i = 0; i < size; i++)
			offsets[i] = (ptrdiff_t)(i * padded * c);
	}
	snprintf(what, sizeof(what), "%s %zux%zu/%zu, %zux%zux%zu to %zu", n == 0 ? "depthwise" : "convolution",
	         size, size, stride, side, side, c, channels);
	report(&j, peak, 2.0 * (double)(result * result * taps) * (double)(n == 0 ? c : c * n), what);
	free(x);
	free(y);
	free(w);
	free(bias);
}

/* Seconds for 200 tiles of 6 rows whose operands are all in the first-level cache. */
static double
tile_seconds(const struct tmo_kernels *kernels, struct tmo_product *p, size_t k)
{
	const double before = now(1);

	p->segment = k;
	for (int times = 0; times < 200; times++)
		tmo_product_run(kernels, p, 0, 6, 0, 1);
	return now(1) - before;
}

static int
by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* What a tile does between its beginning and its end: that of the fastest tenth. */
static double
peak_of(const struct tmo_kernels *kernels)
{
	static const ptrdiff_t none[1];
	float *const x = floats(256 * 6), *const w = floats(256 * TMO_PANEL), *const y = floats(6 * TMO_PANEL);
	struct tmo_product p = {
		.segments = 1, .offsets = none, .channels = TMO_PANEL, .weights = w,
		.weight_step = TMO_PANEL, .epilogue = TMO_EPILOGUE_NONE, .count = {1, 1, 6},
		.input = x, .input_step = {0, 0, 256}, .output = y, .output_step = {0, 0, TMO_PANEL},
	};
	double took[501];

	for (size_t i = 0; i < 501; i++)
		took[i] = tile_seconds(kernels, &p, 256) - tile_seconds(kernels, &p, 128);
	qsort(took, 501, sizeof(*took), by_size);
	free(x);
	free(w);
	free(y);
	return 200 * 2.0 * 128 * 6 * TMO_PANEL / took[50] / 1e9;
}

int
main(int argc, char **argv)
{
	const struct tmo_kernels *const kernels = tmo_kernels_choose(argc > 1 ? argv[1] : NULL);
	double peak;

	if (kernels == NULL) {
		fprintf(stderr, "products: this processor has no form %s\n", argv[1]);
		return 1;
	}
	if (argc > 2)
		seconds = atof(argv[2]);
	peak = peak_of(kernels);
	printf("form %s, peak\t%.1f\t1.00\n", tmo_kernels_name(kernels), peak);
	matrix(kernels, peak, 1024, 1024, 1024);
	matrix(kernels, peak, 512, 512, 512);
	matrix(kernels, peak, 32, 784, 128);
	matrix(kernels, peak, 1, 1024, 1024);
	convolution(kernels, peak, 56, 64, 3, 1, 64);
	convolution(kernels, peak, 14, 256, 3, 1, 256);
	convolution(kernels, peak, 32, 16, 3, 1, 16);
	convolution(kernels, peak, 28, 64, 1, 1, 128);
	convolution(kernels, peak, 96, 3, 3, 2, 8);
	convolution(kernels, peak, 48, 8, 3, 1, 0);
	convolution(kernels, peak, 25, 64, 3, 1, 0);
	convolution(kernels, peak, 24, 64, 3, 2, 0);
	return 0;
}
