/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise_body.h: lines of depthwise convolutions, in one form. */

/* Places that are computed together share each weight that is loaded. */
enum { DEPTHWISE_PLACES = 4 };

ALWAYS_INLINE vector
depthwise_load(const float *p, size_t part)
{
	return part == VECTOR ? vector_load(p) : vector_load_part(p, part);
}

/* Sums in blocks of taps, of kernels of any kind. */
ALWAYS_INLINE void
depthwise_sum(size_t places, size_t part, const struct tmo_depthwise *d, const float *input, size_t channel,
              vector total[DEPTHWISE_PLACES])
{
	const vector start = d->bias != NULL ? vector_load(d->bias + channel) : vector_all(0.0f);
	vector sum[DEPTHWISE_PLACES];
	size_t tap = 0;

	UNROLLED
	for (size_t i = 0; i < places; i++) {
		sum[i] = start;
		total[i] = vector_all(-0.0f);	/* which changes nothing that is added to it */
	}
	do {
		const size_t end = d->taps - tap < TMO_PRODUCT_BLOCK ? d->taps : tap + TMO_PRODUCT_BLOCK;

		for (; tap < end; tap++) {
			const float *const x = input + d->offsets[tap];
			const vector w = vector_load(d->weights + tap * d->weight_step + channel);

			UNROLLED
			for (size_t i = 0; i < places; i++)
				sum[i] = vector_fma(depthwise_load(x + (ptrdiff_t)i * d->input_step[2], part), w, sum[i]);
		}
		UNROLLED
		for (size_t i = 0; i < places; i++) {
			total[i] = total[i] + sum[i];
			sum[i] = vector_all(0.0f);
		}
	} while (tap < d->taps);
}

/* The same for 3 x 3, where neighbours share inputs, which are loaded once: `stride` pixels lie between them. */
ALWAYS_INLINE void
depthwise_sum_3x3(size_t places, size_t part, size_t stride, const struct tmo_depthwise *d, const float *input,
                  size_t channel, vector sum[DEPTHWISE_PLACES])
{
	const vector start = d->bias != NULL ? vector_load(d->bias + channel) : vector_all(0.0f);
	const ptrdiff_t pixel = d->input_step[2] / (ptrdiff_t)stride;

	UNROLLED
	for (size_t i = 0; i < places; i++)
		sum[i] = start;
	UNROLLED
	for (size_t row = 0; row < 3; row++) {
		const float *const x = input + d->offsets[3 * row];
		vector pixels[(DEPTHWISE_PLACES - 1) * 2 + 3];

		UNROLLED
		for (size_t i = 0; i < (places - 1) * stride + 3; i++)
			pixels[i] = depthwise_load(x + (ptrdiff_t)i * pixel, part);
		UNROLLED
		for (size_t column = 0; column < 3; column++) {
			const vector w = vector_load(d->weights + (3 * row + column) * d->weight_step + channel);

			UNROLLED
			for (size_t i = 0; i < places; i++)
				sum[i] = vector_fma(pixels[i * stride + column], w, sum[i]);
		}
	}
}

/* 1 or 2 if it is a 3 x 3 kernel of that stride (in distances of its columns), 0 if it is another. */
static size_t
stride_of_3x3(const struct tmo_depthwise *d)
{
	const ptrdiff_t pixel = d->taps == 9 ? d->offsets[1] - d->offsets[0] : 0;

	if (pixel == 0)
		return 0;
	for (size_t tap = 0; tap < 9; tap++)
		if (d->offsets[tap] != d->offsets[tap / 3 * 3] + (ptrdiff_t)(tap % 3) * pixel)
			return 0;
	return d->input_step[2] == pixel ? 1 : d->input_step[2] == 2 * pixel ? 2 : 0;
}

/* A vector of channels, or the `part` first of one, at so many places; stride: of stride_of_3x3. */
ALWAYS_INLINE void
depthwise_places(size_t places, size_t part, size_t stride, const struct tmo_depthwise_line *t, size_t column,
                 size_t channel)
{
	const struct tmo_depthwise *const d = t->of;
	const struct tmo_epilogue *const e = &d->epilogue;
	const float *const input = t->input + (ptrdiff_t)column * d->input_step[2] + channel;
	vector sum[DEPTHWISE_PLACES];

	if (stride == 0)
		depthwise_sum(places, part, d, input, channel, sum);
	else
		depthwise_sum_3x3(places, part, stride, d, input, channel, sum);
	UNROLLED
	for (size_t i = 0; i < places; i++) {
		const ptrdiff_t place = (ptrdiff_t)(column + i);
		vector a = sum[i];

		if (e->scale != NULL)
			a = a * vector_load(e->scale + channel);
		if (e->shift != NULL)
			a = a + vector_load(e->shift + channel);
		if (t->addend != NULL)
			a = a + depthwise_load(t->addend + place * d->addend_step[2] + channel, part);
		a = vector_one_nan(vector_smaller(vector_all(e->high), vector_larger(vector_all(e->low), a)));
		if (part == VECTOR)
			vector_store(t->output + place * d->output_step[2] + channel, a);
		else
			vector_store_part(t->output + place * d->output_step[2] + channel, a, part);
	}
}

ALWAYS_INLINE void
depthwise_columns(size_t places, size_t stride, const struct tmo_depthwise_line *t, size_t column)
{
	const size_t channels = t->of->channels;
	size_t channel = 0;

	for (; channel + VECTOR <= channels; channel += VECTOR)
		depthwise_places(places, VECTOR, stride, t, column, channel);
	if (channel < channels)
		depthwise_places(places, channels - channel, stride, t, column, channel);
}

ALWAYS_INLINE void
depthwise_of_stride(size_t stride, const struct tmo_depthwise_line *t)
{
	const size_t columns = t->of->count[2];
	size_t column = 0;

	for (; column + DEPTHWISE_PLACES <= columns; column += DEPTHWISE_PLACES)
		depthwise_columns(DEPTHWISE_PLACES, stride, t, column);
	for (; column < columns; column++)
		depthwise_columns(1, stride, t, column);
}

static void
depthwise_line(const struct tmo_depthwise_line *t)
{
	switch (stride_of_3x3(t->of)) {
	case 1: depthwise_of_stride(1, t); break;
	case 2: depthwise_of_stride(2, t); break;
	default: depthwise_of_stride(0, t); break;
	}
}
