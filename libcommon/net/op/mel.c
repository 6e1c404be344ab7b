/* SPDX-License-Identifier: Apache-2.0 */
/* mel.c: MelWeightMatrix: which frequencies of a spectrum count for which band of the mel scale, and how much. */
#include <math.h>
#include <string.h>

#include "base/math/elementary.h"
#include "base/math/exponential.h"
#include "base/minifloat.h"
#include "net/op/op.h"

enum { BANDS, LENGTH, RATE, LOWEST, HIGHEST };	/* inputs */

#define LN_10 2.302585092994046
#define SIZE_LIMIT ((int64_t)1 << 24)

static const char damaged[] = "; the model is damaged";

static double
input_number(const struct tmo_array *a)
{
	double x;

	tmo_to_f64(&x, a->type, a->data, 1);
	return x;
}

int
tmo_shape_mel(struct tmo_step *step, struct tmo_error *err)
{
	const enum tmo_type type = tmo_node_type(step->node, "output_datatype", TMO_F32);
	struct tmo_integers bands, length;

	if (tmo_step_expect(step, 5, err) < 0)
		return -1;
	for (size_t i = 0; i < 5; i++)
		if (tmo_fact_count(&step->input[i]) != 1)
			return tmo_fail(err, "input %zu is not one number%s", i, damaged);
	if (!tmo_step_integers(step, NULL, BANDS, &bands) || !tmo_step_integers(step, NULL, LENGTH, &length) ||
	    bands.value[0] < 1 || bands.value[0] > SIZE_LIMIT || length.value[0] < 1 || length.value[0] > SIZE_LIMIT)
		return tmo_fail(err, "its bands or its length are not from 1 to %jd%s", (intmax_t)SIZE_LIMIT, damaged);
	if (!tmo_type_is_float(type))
		return tmo_fail_unsupported(err, "weights of type %jd of ONNX",
		                            (intmax_t)tmo_node_number(step->node, "output_datatype", 1));
	tmo_step_give(step, 0, type, 2, (size_t[]){ (size_t)length.value[0] / 2 + 1, (size_t)bands.value[0] });
	return 0;
}

static double
mel_of_hertz(double hertz)
{
	return 2595.0 / LN_10 * (double)tmo_log1p((float)(hertz / 700.0));
}

static double
hertz_of_mel(double mel)
{
	return 700.0 * (double)tmo_expm1((float)(mel * (LN_10 / 2595.0)));
}

/* A triangle over the bins from low to high, 1 at the centre. */
static void
set_band(struct tmo_array *y, size_t band, const double edge[3])
{
	const size_t size = tmo_type_size(y->type);

	for (size_t i = 0; i < y->shape[0]; i++) {
		const double bin = (double)i, rise = edge[1] - edge[0], fall = edge[2] - edge[1];
		double weight = 0;

		if (bin >= edge[1] && bin < edge[2] && fall > 0)
			weight = (edge[2] - bin) / fall;
		else if (bin >= edge[0] && bin <= edge[1])
			weight = rise > 0 ? (bin - edge[0]) / rise : 1.0;
		tmo_from_f64((char *)y->data + (i * y->shape[1] + band) * size, y->type, &weight, 1);
	}
}

int
tmo_run_mel(const struct tmo_step *step, const struct tmo_work *work, struct tmo_error *err)
{
	const double length = input_number(work->input[LENGTH]), rate = input_number(work->input[RATE]);
	const double low = mel_of_hertz(input_number(work->input[LOWEST]));
	const double high = mel_of_hertz(input_number(work->input[HIGHEST]));
	struct tmo_array *const y = work->output[0];
	const double between = (high - low) / (double)(y->shape[1] + 2);

	(void)step;
	if (!(rate > 0) || !(low < high))
		return tmo_fail(err, "frequencies from %g to %g mel of a signal of %g Hz%s", low, high, rate, damaged);
	for (size_t band = 0; band < y->shape[1]; band++) {
		double edge[3];

		for (size_t k = 0; k < 3; k++)
			edge[k] = floor((length + 1) * hertz_of_mel(low + between * (double)(band + k)) / rate);
		set_band(y, band, edge);
	}
	return 0;
}
