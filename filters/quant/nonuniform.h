/* SPDX-License-Identifier: Apache-2.0 */
/* nonuniform.h: values to codes that are no integers: fp8, nf4, ternary, binary. */
#ifndef QUANT_NONUNIFORM_H
#define QUANT_NONUNIFORM_H

#include <stddef.h>

#include "round.h"

/* What the codes 0 to 15 of nf4 and 0 to 1 of binary stand for, before the scale. */
extern const float quant_nf4[16];
extern const float quant_binary[2];

/*
 * As quant_round, for the other kinds: the code of the level nearest to x / scale. Of two levels
 * equally near fp8 takes the one whose last bit is 0, nf4 the lower. fp8 and nf4 are cut to their
 * largest level. Ternary: 0 unless |x| is above *border, which is one for each column as scale is;
 * scale is not looked at. Binary: the sign. border is looked at for ternary only.
 */
void quant_nonuniform_f32(const struct code_range *codes, const float *x, size_t rows, size_t cols,
                          const float *scale, const float *border, unsigned char *out);
void quant_nonuniform_f64(const struct code_range *codes, const double *x, size_t rows, size_t cols,
                          const double *scale, const double *border, unsigned char *out);

#endif
