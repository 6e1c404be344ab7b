/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "base/memory.h"
#include "base/minifloat.h"
#include "nonfinite.h"
#include "real.h"

size_t
quant_count_odd(const void *x, bool wide, size_t n)
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
quant_take_odd(void *x, bool wide, size_t n, bool wanted, struct odd *out, struct tmo_error *err)
{
	size_t found = 0;

	*out = (struct odd){.count = quant_count_odd(x, wide, n)};
	if (wanted && (out->list = tmo_alloc(out->count, sizeof(*out->list), err)) == NULL)
		return -1;
	for (size_t i = 0; found < out->count; i++) {
		const double value = quant_get(x, wide, i);

		if (isfinite(value))
			continue;
		if (wanted)
			out->list[found] = (struct odd_value){
				.index = i, .value = value, .narrow = wide ? 0 : ((const float *)x)[i],
			};
		quant_set(x, wide, i, 0);
		found++;
	}
	return 0;
}

void
quant_return_odd(const struct odd *odd, void *x, bool wide)
{
	for (size_t i = 0; i < odd->count; i++) {
		const struct odd_value *const o = &odd->list[i];

		if (wide)
			((double *)x)[o->index] = o->value;
		else
			((float *)x)[o->index] = o->narrow;
	}
}

void
quant_put_odd(const struct odd *odd, enum tmo_type type, unsigned char *codes)
{
	for (size_t i = 0; i < odd->count; i++) {
		const double x = odd->list[i].value;
		const bool cut = type == TMO_F8E4M3 && isinf(x);
		const float value = cut ? copysignf((float)tmo_type_max(type), (float)x) : (float)x;

		tmo_from_f32(codes + odd->list[i].index, type, &value, 1);
	}
}
