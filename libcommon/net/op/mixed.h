/* SPDX-License-Identifier: Apache-2.0 */
/* mixed.h: functions of rows whose types no kernel has. */
#ifndef TMO_MIXED_H
#define TMO_MIXED_H

#include "kernel/integers.h"
#include "tmo.h"

/*
 * y, of the type of a, = a to the power of b, where these are of two types, f32 or integers. Between integers it is
 * exact; else it is computed in f32, and what is beyond an integer's range is its nearest end.
 */
void tmo_power_mixed(const struct tmo_kernels *kernels, enum tmo_type a_type, struct tmo_side a,
                     enum tmo_type b_type, struct tmo_side b, void *y, size_t n);

/* Compares floats of any type, as they are. */
void tmo_compare_floats(enum tmo_comparison f, enum tmo_type type, struct tmo_side a, struct tmo_side b,
                        uint8_t *y, size_t n);

/* Integers of the type that are nearest to x, fractions cut off; 0 for NaN. */
void tmo_integers_of(enum tmo_type type, const float *x, void *y, size_t n);

/* Element i of y, an array of integers or truth values: the last bits of the number. */
void tmo_store_integer(enum tmo_type type, void *y, size_t i, uint64_t number);

#endif
