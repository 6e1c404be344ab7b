/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kernels.h: arithmetic on arrays of floats, in one form for each set of instructions: "portable", "avx2",
 * "avx512", "neon". All give the same bytes: every sum has its order (see product.h, reduction.h), every result that
 * is NaN is 7fc00000. What callers use is in the other headers; they hand over a form.
 */
#ifndef TMO_KERNELS_H
#define TMO_KERNELS_H

#include <stddef.h>

/* The form of that name, the best that this processor can run if name is NULL; NULL if it has none. */
const struct tmo_kernels *tmo_kernels_choose(const char *name);
/* Those that this processor can run, portable first, the best last; NULL after them. */
const struct tmo_kernels *tmo_kernels_of(size_t i);
const char *tmo_kernels_name(const struct tmo_kernels *kernels);

#endif
