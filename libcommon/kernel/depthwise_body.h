/* SPDX-License-Identifier: Apache-2.0 */
/* depthwise_body.h: lines of depthwise convolutions, in one form. */

/* Places that are computed together share each weight that is loaded. */
enum { DEPTHWISE_PLACES = 4 };

ALWAYS_INLINE vector
depthwise_load(const float *p, size_t part)
{
	return part == VECTOR ? vector_load(p) : vector_load_part(p, part);
}

/* A vector of channels, or the `part` first of one, at so many places. */
ALWAYS_INLINE void
depthwise_places(size_t places, size_t part, const struct tmo_depthwise_line *t, size_t column, size_t channel)
{
	const struct tmo_depthwise *const d = t->of;
	const struct tmo_epilogue *const e = &d->epilogue;
	const ptrdiff_t first = (ptrdiff_t)column;
	const float *const input = t->input + first * d->input_step[2] + channel;
	const vector start = d->bias != NULL ? vector_load(d->bias + channel) : vector_all(0.0f);
	vector sum[DEPTHWISE_PLACES], total[DEPTHWISE_PLACES];
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
	UNROLLED
	for (size_t i = 0; i < places; i++) {
		const ptrdiff_t place = first + (ptrdiff_t)i;
		vector a = total[i];

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
depthwise_columns(size_t places, const struct tmo_depthwise_line *t, size_t column)
{
	size_t channel = 0;

	for (; channel + VECTOR <= t->of->channels; channel += VECTOR)
		depthwise_places(places, VECTOR, t, column, channel);
	if (channel < t->of->channels)
		depthwise_places(places, t->of->channels - channel, t, column, channel);
}

static void
depthwise_line(const struct tmo_depthwise_line *t)
{
	const size_t columns = t->of->count[2];
	size_t column = 0;

	for (; column + DEPTHWISE_PLACES <= columns; column += DEPTHWISE_PLACES)
		depthwise_columns(DEPTHWISE_PLACES, t, column);
	for (; column < columns; column++)
		depthwise_columns(1, t, column);
}
