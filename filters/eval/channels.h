/* SPDX-License-Identifier: Apache-2.0 */
/* channels.h: the worst output channel of a weight, and how many have nothing but zeros. */
#ifndef EVAL_CHANNELS_H
#define EVAL_CHANNELS_H

#include "tmo.h"

struct channels {
	size_t count;			/* each combination of output and own; 0: none was looked at */
	size_t dead;			/* of zeros only; with a reference: that were not so there */
	double most_zeros;		/* the share of them in the channel that has most */
	double least_sqnr;		/* in dB, of the channel that is farthest from the reference */
	size_t sparsest, farthest;	/* the first such channel */
};

/*
 * Looks at the channels of t, whose values are there and whose axes are known, against the reference's
 * values, of as many elements (NULL: there are none; then least_sqnr is infinite). only_dead: of the
 * numbers only count and dead, which costs next to nothing where channels have something in them. No
 * result depends on threads. Fails if memory is out.
 */
int eval_measure_channels(const struct tmo_tensor *t, const struct tmo_array *reference, bool only_dead,
                          int threads, struct channels *out, struct tmo_error *err);

#endif
