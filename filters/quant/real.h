/* SPDX-License-Identifier: Apache-2.0 */
/* real.h: elements of an array that is of double if wide, else of float. */
#ifndef QUANT_REAL_H
#define QUANT_REAL_H

#include <stdbool.h>
#include <stddef.h>

static inline double
quant_get(const void *x, bool wide, size_t i)
{
	return wide ? ((const double *)x)[i] : (double)((const float *)x)[i];
}

static inline void
quant_set(void *x, bool wide, size_t i, double value)
{
	if (wide)
		((double *)x)[i] = value;
	else
		((float *)x)[i] = (float)value;
}

#endif
