/* SPDX-License-Identifier: Apache-2.0 */
/* cast.h: values to the bit patterns of a 16-bit float type. */
#ifndef QUANT_CAST_H
#define QUANT_CAST_H

#include "tmo.h"

/*
 * Rounds n values (double if wide, else float) to type, f16 or bf16: nearest, ties to even. A
 * finite value that rounds beyond the largest finite one is cut to it if saturate, else an error
 * that names its index, as are NaN and infinity.
 */
int quant_cast(const void *x, bool wide, size_t n, enum tmo_type type, bool saturate,
               uint16_t *out, int threads, struct tmo_error *err);

#endif
