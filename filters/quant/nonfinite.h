/* SPDX-License-Identifier: Apache-2.0 */
/* nonfinite.h: weights that are NaN or infinite, taken out, and put back as codes. */
#ifndef QUANT_NONFINITE_H
#define QUANT_NONFINITE_H

#include "tmo.h"

/* What was taken out of an array. */
struct nonfinite {
	size_t count;
	struct nonfinite_value {
		size_t index;
		double value;
		float narrow;	/* the same, bit for bit, if they are float */
	} *list;		/* owned; NULL unless wanted */
};

/* How many of n values (double if wide, else float) are NaN or infinite. */
size_t quant_nonfinite_count(const void *x, bool wide, size_t n);

/*
 * Replaces what is NaN or infinite among n values (double if wide, else float) by 0. out->count is
 * how many there were; with `wanted` out->list, which the caller frees, says where and what.
 */
int quant_nonfinite_take(void *x, bool wide, size_t n, bool wanted, struct nonfinite *out,
                         struct tmo_error *err);

/* Back to where they were taken from. */
void quant_nonfinite_restore(const struct nonfinite *taken, void *x, bool wide);

/* Their patterns in an 8-bit float type: NaN; infinity, where f8e4m3 has its largest number. */
void quant_nonfinite_encode(const struct nonfinite *taken, enum tmo_type type, unsigned char *codes);

#endif
