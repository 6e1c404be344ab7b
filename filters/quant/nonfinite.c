/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "nonfinite.h"
#include "real.h"

size_t
quant_nonfinite_count(const void *x, bool wide, size_t n)
{
	size_t count = 0;

	if (wide)
		for (size_t i = 0; i < n; i++)
			count += isfinite(((const double *)x)[i]) ? 0 : 1;
	else
		for (size_t i = 0; i < n; i++)
			count += isfinite(((const float *)x)[i]) ? 0 : 1;
	return count;
}

int
quant_nonfinite_take(void *x, bool wide, size_t n, bool wanted, struct nonfinite *out,
                     struct tmo_error *err)
{
	size_t found = 0;

	*out = (struct nonfinite){.count = quant_nonfinite_count(x, wide, n)};
	if (wanted && (out->list = tmo_alloc(out->count, sizeof(*out->list), err)) == NULL)
		return -1;
	for (size_t i = 0; found < out->count; i++) {
		const double value = quant_get(x, wide, i);

		if (isfinite(value))
			continue;
		if (wanted)
			out->list[found] = (struct nonfinite_value){
				.index = i, .value = value, .narrow = wide ? 0 : ((const float *)x)[i],
			};
		quant_set(x, wide, i, 0);
		found++;
	}
	return 0;
}

void
quant_nonfinite_restore(const struct nonfinite *taken, void *x, bool wide)
{
	for (size_t i = 0; i < taken->count; i++) {
		const struct nonfinite_value *const o = &taken->list[i];

		if (wide)
			((double *)x)[o->index] = o->value;
		else
			((float *)x)[o->index] = o->narrow;
	}
}

void
quant_nonfinite_encode(const struct nonfinite *taken, enum tmo_type type, unsigned char *codes)
{
	for (size_t i = 0; i < taken->count; i++) {
		const double x = taken->list[i].value;
		const bool cut = type == TMO_F8E4M3 && isinf(x);
		const float value = cut ? copysignf((float)tmo_type_max(type), (float)x) : (float)x;

		tmo_from_f32(codes + taken->list[i].index, type, &value, 1);
	}
}
