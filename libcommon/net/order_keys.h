/* SPDX-License-Identifier: Apache-2.0 */
/* order_keys.h: elements of any type as integers of the same order. */
#ifndef TMO_ORDER_KEYS_H
#define TMO_ORDER_KEYS_H

#include "tmo.h"

/*
 * keys[i] of element first + i * step, for n of them: larger where the number is, equal where it is: for either
 * sign of zero, too. A NaN of any kind is above all numbers.
 */
void tmo_order_keys(const struct tmo_array *a, size_t first, size_t step, size_t n, uint64_t *keys);

#endif
