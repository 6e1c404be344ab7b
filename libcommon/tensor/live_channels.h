/* SPDX-License-Identifier: Apache-2.0 */
/* live_channels.h: which output channels of a weight have something in them. */
#ifndef TMO_LIVE_CHANNELS_H
#define TMO_LIVE_CHANNELS_H

#include "tensor/blocks.h"

/* The channels of a tensor of these axes: an entry for each combination of output and own. */
void tmo_channels_of(struct tmo_blocks *channels, const struct tmo_axes *axes);

/*
 * live[i] becomes 1 if channel i of t has a weight that is not 0, else 0. t has its values (data or data64)
 * or is encoded, and then is decoded by the element; it fits its encoding. A channel is looked at only up
 * to the first such weight, so that this costs next to nothing where most have one.
 */
void tmo_live_channels(const struct tmo_tensor *t, const struct tmo_blocks *channels,
                       unsigned char *live);

#endif
