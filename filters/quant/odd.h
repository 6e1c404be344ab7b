/* SPDX-License-Identifier: Apache-2.0 */
/* odd.h: weights that are NaN or infinite, taken out, and put back as codes. */
#ifndef QUANT_ODD_H
#define QUANT_ODD_H

#include "tmo.h"

struct odd {
	size_t count;
	struct odd_value {
		size_t index;
		double value;
	} *list;		/* owned; NULL unless wanted */
};

/*
 * Replaces what is NaN or infinite among n values (double if wide, else float) by 0. out->count is
 * how many there were; with `wanted` out->list, which the caller frees, says where and what.
 */
int quant_take_odd(void *x, bool wide, size_t n, bool wanted, struct odd *out,
                   struct tmo_error *err);

/* Their patterns in an 8-bit float type: NaN; infinity, where f8e4m3 has its largest number. */
void quant_put_odd(const struct odd *odd, enum tmo_type type, unsigned char *codes);

#endif
