/* SPDX-License-Identifier: Apache-2.0 */
/*
 * integers.h: functions of arrays of integers, u8 to i64, exact: what leaves the type's range wraps
 * around. Truth values count as u8.
 */
#ifndef TMO_INTEGERS_H
#define TMO_INTEGERS_H

#include "kernel/maps.h"
#include "tmo.h"

/* Functions of integers, or truth values, besides those of enum tmo_binary. */
enum tmo_integer_binary {
	TMO_BINARY_BITS_AND = TMO_BINARY_COUNT, TMO_BINARY_BITS_OR, TMO_BINARY_BITS_XOR,
	TMO_BINARY_SHIFT_LEFT, TMO_BINARY_SHIFT_RIGHT,
	TMO_BINARY_AND, TMO_BINARY_OR, TMO_BINARY_XOR	/* 0 is false, all else true */
};

/* One side of a pair: numbers in a row, or one for all. */
struct tmo_side {
	const void *data;
	size_t step;		/* 1 or 0 */
};

/*
 * y = f(a, b). A quotient is rounded towards 0; one by 0 is 0, and so is the rest. A power below 0 is what its
 * quotient is. Shifted by less than 0 bits, or by all: 0, or -1 of what is below 0 and goes to the right. y may be the
 * data of a side whose step is 1.
 */
void tmo_integer_pair(int f, enum tmo_type type, struct tmo_side a, struct tmo_side b, void *y, size_t n);
void tmo_integer_compare(enum tmo_comparison f, enum tmo_type type, struct tmo_side a, struct tmo_side b,
                         uint8_t *y, size_t n);

#endif
