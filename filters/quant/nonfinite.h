/* SPDX-License-Identifier: Apache-2.0 */
/* nonfinite.h: weights that are NaN or infinite, taken out, and put back as codes. */
#ifndef QUANT_NONFINITE_H
#define QUANT_NONFINITE_H

#include "tmo.h"

struct odd {
	size_t count;
	struct odd_value {
		size_t index;
		double value;
		float narrow;	/* the same, bit for bit, if they are float */
	} *list;		/* owned; NULL unless wanted */
};

/* How many of n values (double if wide, else float) are NaN or infinite. */
size_t quant_count_odd(const void *x, bool wide, size_t n);

/*
 * Replaces what is NaN or infinite among n values (double if wide, else float) by 0. out->count is
 * how many there were; with `wanted` out->list, which the caller frees, says where and what.
 */
int quant_take_odd(void *x, bool wide, size_t n, bool wanted, struct odd *out,
                   struct tmo_error *err);

/* Back to where they were taken from. */
void quant_return_odd(const struct odd *odd, void *x, bool wide);

/* Their patterns in an 8-bit float type: NaN; infinity, where f8e4m3 has its largest number. */
void quant_put_odd(const struct odd *odd, enum tmo_type type, unsigned char *codes);

#endif
