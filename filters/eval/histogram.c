/* SPDX-License-Identifier: Apache-2.0 */
#include "histogram.h"

#include <math.h>

#include "base/minifloat.h"

static double
value(const struct tmo_array *a, size_t i)
{
	double v;

	if (a->type == TMO_F32)
		return (double)((const float *)a->data)[i];
	tmo_to_f64(&v, a->type, (const char *)a->data + i * tmo_type_size(a->type), 1);
	return v;
}

static bool
fits(const struct tmo_array *a)
{
	return a->data != NULL && tmo_type_is_float(a->type);
}

static void
widen(struct histogram *h, const struct tmo_array *a)
{
	for (size_t i = 0; i < a->count; i++) {
		const double v = value(a, i);

		if (!isfinite(v))
			continue;
		h->low = v < h->low ? v : h->low;
		h->high = v > h->high ? v : h->high;
	}
}

/* Halves, for the difference of two doubles may be infinite. */
static size_t
bin(const struct histogram *h, double v)
{
	const double share = (v / 2 - h->low / 2) / (h->high / 2 - h->low / 2);
	const size_t b = (size_t)(share * HISTOGRAM_BINS);

	return b < HISTOGRAM_BINS ? b : HISTOGRAM_BINS - 1;
}

static void
count(const struct histogram *h, const struct tmo_array *a, uint64_t *bins)
{
	for (size_t i = 0; i < a->count; i++) {
		const double v = value(a, i);

		if (isfinite(v))
			bins[bin(h, v)]++;
	}
}

static void
locate_errors(struct histogram *h, const struct tmo_array *reference, const struct tmo_array *x)
{
	const double n = (double)x->count;

	for (size_t i = 0; i < x->count; i++) {
		const double r = value(reference, i), e = r - value(x, i);
		const size_t place = (size_t)((double)i / n * HISTOGRAM_BINS);

		if (!isfinite(r) || !isfinite(e))
			continue;
		h->error[bin(h, r)] += e * e;
		h->place[place < HISTOGRAM_BINS ? place : HISTOGRAM_BINS - 1] += e * e;
	}
}

bool
eval_histogram_make(struct histogram *h, const struct tmo_array *reference,
                    const struct tmo_array *x)
{
	*h = (struct histogram){ .low = INFINITY, .high = -INFINITY, .compared = reference != NULL };
	if (!fits(x) || (reference != NULL && (!fits(reference) || reference->count != x->count)))
		return false;
	widen(h, x);
	if (reference != NULL)
		widen(h, reference);
	if (h->low > h->high)
		return false;
	if (h->low == h->high) {		/* one value: in the middle */
		const double reach = h->low == 0 ? 1 : fabs(h->low) / 2;

		h->low -= reach;
		h->high += reach;
	}
	count(h, x, h->after);
	if (reference != NULL) {
		count(h, reference, h->before);
		locate_errors(h, reference, x);
	}
	return true;
}
