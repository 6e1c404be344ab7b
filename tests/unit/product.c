/* SPDX-License-Identifier: Apache-2.0 */
/*
 * product.c: products and convolutions in every form that this processor has, against the sum as
 * product.h defines it, bit for bit, whole and in tasks.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/product.h"
#include "tests/unit/check.h"

static float *
some_floats(size_t n)
{
	float *const x = malloc((n + 1) * sizeof(*x));

	for (size_t i = 0; i < n; i++)
		x[i] = (float)random_normal();
	return x;
}

static float
one_nan(float x)
{
	const uint32_t bits = 0x7fc00000;

	if (isnan(x))
		memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Straight from the definition: the sum of row and channel, then the epilogue. */
static float
expected(const struct tmo_product *p, size_t row, size_t channel)
{
	const size_t x = row % p->count[2], y = row / p->count[2] % p->count[1], n = row / p->count[2] / p->count[1];
	const size_t at[3] = {n, y, x};
	float sum = p->bias != NULL ? p->bias[channel] : 0.0f, total = 0.0f;
	ptrdiff_t input = 0, addend = 0;

	for (int i = 0; i < 3; i++) {
		input += (ptrdiff_t)at[i] * p->input_step[i];
		addend += (ptrdiff_t)at[i] * p->addend_step[i];
	}
	for (size_t k = 0; k < p->segments * p->segment; k++) {
		const ptrdiff_t offset = p->offsets[k / p->segment] + (ptrdiff_t)(k % p->segment);

		if (k > 0 && k % 256 == 0) {
			total = k == 256 ? sum : total + sum;
			sum = 0.0f;
		}
		sum = fmaf(p->input[input + offset], p->weights[channel / 16 * p->panel_step + k * p->weight_step +
			channel % 16], sum);
	}
	sum = p->segments * p->segment > 256 ? total + sum : sum;
	if (p->epilogue.scale != NULL)
		sum = sum * p->epilogue.scale[channel];
	if (p->epilogue.shift != NULL)
		sum = sum + p->epilogue.shift[channel];
	if (p->addend != NULL)
		sum = sum + p->addend[addend + (ptrdiff_t)channel];
	sum = p->epilogue.low > sum ? p->epilogue.low : sum;
	return one_nan(sum > p->epilogue.high ? p->epilogue.high : sum);
}

/* Every form, whole and in two ways of tasks; what lies between the rows must stay. */
static void
compare(struct tmo_product *p, float *output, size_t size, const char *what)
{
	const struct tmo_kernels *kernels;
	float *const wanted = malloc((size + 1) * sizeof(*wanted));

	for (size_t i = 0; i < size; i++)
		wanted[i] = 7.0f;
	for (size_t row = 0; row < tmo_product_rows(p); row++) {
		const ptrdiff_t at = (ptrdiff_t)(row / p->count[2] / p->count[1]) * p->output_step[0] +
			(ptrdiff_t)(row / p->count[2] % p->count[1]) * p->output_step[1] +
			(ptrdiff_t)(row % p->count[2]) * p->output_step[2];

		for (size_t channel = 0; channel < p->channels; channel++)
			wanted[p->output - output + at + (ptrdiff_t)channel] = expected(p, row, channel);
	}
	for (size_t form = 0; (kernels = tmo_kernels_of(form)) != NULL; form++)
		for (int threads = 1; threads <= 7; threads += 2) {
			const struct tmo_product_tasks tasks = tmo_product_cut(kernels, p, threads);

			for (size_t i = 0; i < size; i++)
				output[i] = 7.0f;
			for (size_t task = tasks.row_tasks * tasks.panel_tasks; task-- > 0;)
				tmo_product_task(kernels, p, &tasks, task);
			CHECK(memcmp(output, wanted, size * sizeof(*output)) == 0,
			      "%s, %s: %zu rows of %zu segments of %zu to %zu channels, %d threads", what,
			      tmo_kernels_name(kernels), tmo_product_rows(p), p->segments, p->segment, p->channels,
			      threads);
		}
	free(wanted);
}

/* Biases and the like: whole panels of numbers, or none. */
static float *
some_or_none(size_t channels)
{
	return random_below(3) == 0 ? NULL : some_floats(tmo_product_padded(channels));
}

static void
random_epilogue(struct tmo_epilogue *e, size_t channels)
{
	*e = (struct tmo_epilogue){
		.scale = some_or_none(channels), .shift = some_or_none(channels),
		.low = random_below(2) == 0 ? -INFINITY : 0.0f, .high = random_below(2) == 0 ? INFINITY : 1.0f,
	};
}

static void
matrix(size_t m, size_t k, size_t channels, bool packed)
{
	static const ptrdiff_t none[1];
	const size_t width = channels + 3, padded = tmo_product_padded(channels);
	float *const a = some_floats(m * (k + 1)), *const b = some_floats(k * channels + 16);
	float *const weights = malloc((k * padded + 1) * sizeof(*weights));
	float *const output = malloc(m * width * sizeof(*output)), *const addend = some_floats(m * channels);
	float *const bias = some_or_none(channels);
	struct tmo_product p = {
		.segments = 1, .segment = k, .offsets = none, .channels = channels, .bias = bias,
		.weights = packed ? weights : b, .weight_step = packed ? 16 : channels, .panel_step = packed ? k * 16 : 16,
		.count = {1, 1, m}, .input = a, .input_step = {0, 0, (ptrdiff_t)k + 1},
		.output = output, .output_step = {0, 0, (ptrdiff_t)width},
		.addend = random_below(2) == 0 ? NULL : addend, .addend_step = {0, 0, (ptrdiff_t)channels},
	};

	tmo_product_pack(b, k, channels, (ptrdiff_t)channels, 1, weights);
	random_epilogue(&p.epilogue, channels);
	if (random_below(8) == 0 && m * k > 0)	/* what NaN and infinity do must not depend on the form either */
		a[random_below(m * (k + 1))] = random_below(2) == 0 ? INFINITY : -NAN;
	if (random_below(8) == 0)
		addend[random_below(m * channels)] = -NAN;
	compare(&p, output, m * width, packed ? "matrix" : "matrix as it lies");
	free((void *)(uintptr_t)p.epilogue.scale);
	free((void *)(uintptr_t)p.epilogue.shift);
	free(a);
	free(b);
	free(weights);
	free(output);
	free(addend);
	free(bias);
}

/* Pictures of c channels with a border, kernels of size² with a stride; kernel rows as one segment or several. */
static void
convolution(size_t images, size_t side, size_t c, size_t size, size_t stride, bool elements, size_t channels)
{
	const size_t padded = side + size - 1, result = (side + stride - 1) / stride, k = size * size * c;
	const size_t segments = elements ? size * size : size;
	float *const input = some_floats(images * padded * padded * c), *const b = some_floats(channels * k);
	float *const weights = malloc(k * tmo_product_padded(channels) * sizeof(*weights));
	float *const output = malloc(images * result * result * channels * sizeof(*output));
	ptrdiff_t *const offsets = malloc(segments * sizeof(*offsets));
	struct tmo_product p = {
		.segments = segments, .segment = k / segments, .offsets = offsets, .channels = channels,
		.weights = weights, .weight_step = 16, .panel_step = k * 16, .epilogue = TMO_EPILOGUE_RELU,
		.count = {images, result, result}, .input = input, .output = output,
		.input_step = {(ptrdiff_t)(padded * padded * c), (ptrdiff_t)(stride * padded * c), (ptrdiff_t)(stride * c)},
		.output_step = {(ptrdiff_t)(result * result * channels), (ptrdiff_t)(result * channels),
			(ptrdiff_t)channels},
	};

	for (size_t i = 0; i < segments; i++)
		offsets[i] = (ptrdiff_t)(elements ? (i / size * padded + i % size) * c : i * padded * c);
	tmo_product_pack(b, k, channels, 1, (ptrdiff_t)k, weights);
	compare(&p, output, images * result * result * channels, "convolution");
	free(input);
	free(b);
	free(weights);
	free(output);
	free(offsets);
}

int
main(void)
{
	static const size_t ks[] = {0, 1, 2, 27, 255, 256, 257, 511, 512, 513, 1100};

	for (size_t m = 1; m <= 20; m++)
		for (size_t channels = 1; channels <= 70; channels += 1 + random_below(7))
			matrix(m, ks[random_below(sizeof(ks) / sizeof(*ks))], channels, random_below(3) != 0);
	matrix(1, 300, 1000, true);
	matrix(1, 300, 1000, false);
	matrix(200, 40, 33, true);
	for (size_t i = 0; i < 60; i++)
		convolution(1 + i % 3, 1 + random_below(9), 1 + random_below(20), 1 + 2 * random_below(3),
		            1 + random_below(2), i % 2 == 0, 1 + random_below(40));
	convolution(2, 5, 100, 3, 1, false, 20);	/* segments of more than a block, cut between */
	return check_status();
}
