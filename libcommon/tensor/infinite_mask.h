/* SPDX-License-Identifier: Apache-2.0 */
/* infinite_mask.h: tables of a mask, as attention has them: -inf where nothing may be seen. */
#ifndef TMO_INFINITE_MASK_H
#define TMO_INFINITE_MASK_H

#include "tmo.h"

/*
 * Whether t, whose values are there (data or data64), is a mask and no weight that was damaged: it has
 * infinities, no NaN, and at most two different finite values.
 */
bool tmo_is_mask(const struct tmo_tensor *t);

#endif
