/* SPDX-License-Identifier: Apache-2.0 */
/* sqnr.h: whether an encoding is near enough to what it stands for. */
#ifndef QUANT_SQNR_H
#define QUANT_SQNR_H

#include "tmo.h"

/*
 * Whether the signal-to-quantization-noise ratio of n values (double if wide, else float) is `db`
 * decibels or more: sum(reference^2) against sum((reference - x)^2), in double. NaN and infinities
 * that are the same in both are left out; all others are an infinite error.
 */
int quant_near_enough(const void *reference, const void *x, bool wide, size_t n, double db,
                      int threads, bool *enough, struct tmo_error *err);

/* 10^(db / 10), with a relative error of 1e-14 at most, the same on every machine. */
double quant_power_ratio(double db);

#endif
