/* SPDX-License-Identifier: Apache-2.0 */
/* apart.h: whether shared values can still be told apart once they have fewer bits. */
#ifndef QUANT_APART_H
#define QUANT_APART_H

#include "tmo.h"

/*
 * *apart: no value of t's codebook, with its scale and zero point, lies farther from what it was than 1/8
 * of the distance to the nearest other value of its row; a lone value, of that to 0. `before` is the
 * codebook as it was, of the same shape and without a scale. NaN and infinities are not looked at.
 */
int quant_stays_apart(const struct tmo_tensor *t, const struct tmo_array *before, bool *apart,
                      struct tmo_error *err);

#endif
