/* SPDX-License-Identifier: Apache-2.0 */
/* range.h: the range of values, in columns of an array. */
#ifndef QUANT_RANGE_H
#define QUANT_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include "tensor/blocks.h"

/*
 * x is rows by cols. lo[j] and hi[j] become the smallest and largest value of column j, widened to
 * include 0. Returns false if a value is NaN or infinite; lo and hi then mean nothing.
 */
bool quant_range_f32(const float *x, size_t rows, size_t cols, float *lo, float *hi);
bool quant_range_f64(const double *x, size_t rows, size_t cols, double *lo, double *hi);

/* From the ranges of all parts (lo[part], hi[part]) to those of the entries, in place. */
void quant_fold_f32(const struct tmo_blocks *b, float *lo, float *hi);
void quant_fold_f64(const struct tmo_blocks *b, double *lo, double *hi);

#endif
