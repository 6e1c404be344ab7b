/* SPDX-License-Identifier: Apache-2.0 */
/* normalization.h: what normalizations do with a row of n floats. y may be x. */
#ifndef TMO_NORMALIZATION_H
#define TMO_NORMALIZATION_H

#include "kernel/kernels.h"

/* y = x - mean; returns the variance, that is the mean of y^2. mean: NULL, or where it goes. */
float tmo_center(const struct tmo_kernels *kernels, const float *x, float *y, size_t n, float *mean);
/* Returns the mean of x^2. */
float tmo_mean_square(const struct tmo_kernels *kernels, const float *x, size_t n);
/* y = x * factor. */
void tmo_scale(const struct tmo_kernels *kernels, float factor, const float *x, float *y, size_t n);

#endif
