/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise.c: depthwise convolutions in every form, against the sum as product.h defines it, bit for bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/depthwise.h"
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
expected(const struct tmo_depthwise *d, const float *x, const float *addend, size_t channel)
{
	const struct tmo_epilogue *const e = &d->epilogue;
	const uint32_t bits = 0x7fc00000;
	float sum = d->bias != NULL ? d->bias[channel] : 0.0f, total = 0.0f;

	for (size_t tap = 0; tap < d->taps; tap++) {
		if (tap > 0 && tap % 256 == 0) {
			total = tap == 256 ? sum : total + sum;
			sum = 0.0f;
		}
		sum = fmaf(x[d->offsets[tap] + (ptrdiff_t)channel], d->weights[tap * d->weight_step + channel], sum);
	}
	sum = d->taps > 256 ? total + sum : sum;
	if (e->scale != NULL)
		sum = sum * e->scale[channel];
	if (e->shift != NULL)
		sum = sum + e->shift[channel];
	if (d->addend != NULL)
		sum = sum + addend[channel];
	sum = e->low > sum ? e->low : sum;
	sum = sum > e->high ? e->high : sum;
	if (isnan(sum))
		memcpy(&sum, &bits, sizeof(sum));
	return sum;
}

static void
compare(struct tmo_depthwise *d, float *output, size_t size, size_t kernel)
{
	const size_t lines = d->count[0] * d->count[1];
	float *const wanted = malloc(size * sizeof(*wanted));
	const struct tmo_kernels *kernels;

	for (size_t i = 0; i < lines * d->count[2]; i++) {
		const size_t at[3] = {i / d->count[2] / d->count[1], i / d->count[2] % d->count[1], i % d->count[2]};
		ptrdiff_t x = 0, y = 0;

		for (int k = 0; k < 3; k++) {
			x += (ptrdiff_t)at[k] * d->input_step[k];
			y += (ptrdiff_t)at[k] * d->output_step[k];
		}
		for (size_t c = 0; c < d->channels; c++)
			wanted[y + (ptrdiff_t)c] = expected(d, d->input + x, d->addend + (d->addend == NULL ? 0 : y), c);
	}
	for (size_t form = 0; (kernels = tmo_kernels_of(form)) != NULL; form++) {
		memset(output, 0, size * sizeof(*output));
		for (size_t line = lines; line-- > 0;)
			tmo_depthwise_run(kernels, d, line, line + 1);
		CHECK(memcmp(output, wanted, size * sizeof(*output)) == 0,
		      "%s: kernel %zu, steps %td, %zu x %zu x %zu of %zu channels", tmo_kernels_name(kernels), kernel,
		      d->input_step[2], d->count[0], d->count[1], d->count[2], d->channels);
	}
	free(wanted);
}

static void
try(size_t images, size_t side, size_t c, size_t kernel, size_t stride, size_t dilation)
{
	const size_t padded = side + (kernel - 1) * dilation, result = (side + stride - 1) / stride;
	const size_t room = tmo_product_padded(c), size = images * result * result * c;
	float *const input = some_floats(images * padded * padded * c), *const weights = some_floats(kernel * kernel * room);
	float *const bias = some_floats(room), *const scale = some_floats(room), *const shift = some_floats(room);
	float *const output = malloc(size * sizeof(*output)), *const addend = some_floats(size);
	ptrdiff_t *const offsets = malloc(kernel * kernel * sizeof(*offsets));
	struct tmo_depthwise d = {
		.taps = kernel * kernel, .offsets = offsets, .weights = weights, .weight_step = room, .channels = c,
		.bias = random_below(2) == 0 ? NULL : bias,
		.epilogue = {.scale = random_below(2) == 0 ? NULL : scale, .shift = random_below(2) == 0 ? NULL : shift,
			.low = random_below(2) == 0 ? -INFINITY : 0, .high = random_below(2) == 0 ? INFINITY : 1},
		.count = {images, result, result}, .input = input, .output = output,
		.input_step = {(ptrdiff_t)(padded * padded * c), (ptrdiff_t)(stride * padded * c), (ptrdiff_t)(stride * c)},
		.output_step = {(ptrdiff_t)(result * result * c), (ptrdiff_t)(result * c), (ptrdiff_t)c},
		.addend = random_below(2) == 0 ? NULL : addend,
		.addend_step = {(ptrdiff_t)(result * result * c), (ptrdiff_t)(result * c), (ptrdiff_t)c},
	};

	for (size_t i = 0; i < kernel * kernel; i++)
		offsets[i] = (ptrdiff_t)((i / kernel * padded + i % kernel) * dilation * c);
	if (random_below(5) == 0)
		input[random_below(images * padded * padded * c)] = random_below(2) == 0 ? INFINITY : -NAN;
	compare(&d, output, size, kernel);
	free(input);
	free(weights);
	free(bias);
	free(scale);
	free(shift);
	free(output);
	free(addend);
	free(offsets);
}

int
main(void)
{
	for (size_t i = 0; i < 400; i++)
		try(1 + random_below(2), 1 + random_below(12), 1 + random_below(40), 1 + random_below(5),
		    1 + random_below(3), 1 + random_below(2));
	try(1, 3, 11, 17, 1, 1);	/* 289 elements: two blocks */
	return check_status();
}
