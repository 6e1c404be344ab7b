/* SPDX-License-Identifier: Apache-2.0 */
/* losses.h: whether a filter leaves nothing of a tensor, or of an output channel, which is always said. */
#ifndef TMO_LOSSES_H
#define TMO_LOSSES_H

#include "tensor/blocks.h"

/* What is known of the tensor at hand. Start with {0}; free with tmo_losses_free. */
struct tmo_losses {
	bool watched;			/* live holds */
	struct tmo_blocks channels;
	unsigned char *live;		/* owned; tmo_live_channels of it as it came */
	size_t room;
	bool channels_may_go;		/* and are not said */
	const char *advice;		/* static text */
};
void tmo_losses_free(struct tmo_losses *l);

/* Looks at a tensor that is about to be changed. What has no elements, or no floats, is not watched. */
int tmo_losses_before(struct tmo_losses *l, const struct tmo_tensor *t, struct tmo_error *err);

/*
 * Puts into text what t, which is about to be written, lost since then: "2 of 64 output channels lost all of
 * their weights: 3, 17; ...". "" if that is nothing, or if t has another shape now.
 */
int tmo_losses_after(const struct tmo_losses *l, const struct tmo_tensor *t, char *text, size_t size,
                     struct tmo_error *err);

#endif
