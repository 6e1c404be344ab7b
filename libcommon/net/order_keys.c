/* SPDX-License-Identifier: Apache-2.0 */
#include "net/order_keys.h"

#include "base/minifloat.h"
#include "base/sort.h"
#include "tensor/tensor.h"

static uint64_t
key_of_float(const struct tmo_array *a, size_t i)
{
	double number;

	tmo_to_f64(&number, a->type, (const char *)a->data + i * tmo_type_size(a->type), 1);
	/* + 0.0 makes a zero of -0.0 */
	return number != number ? UINT64_MAX : tmo_key_f64(number + 0.0);
}

void
tmo_order_keys(const struct tmo_array *a, size_t first, size_t step, size_t n, uint64_t *keys)
{
	const uint64_t sign = a->type == TMO_U64 ? 0 : (uint64_t)1 << 63;

	if (tmo_type_is_float(a->type))
		for (size_t i = 0; i < n; i++)
			keys[i] = key_of_float(a, first + i * step);
	else
		for (size_t i = 0; i < n; i++)
			keys[i] = (uint64_t)tmo_array_integer(a, first + i * step) ^ sign;
}
