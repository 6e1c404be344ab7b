/* SPDX-License-Identifier: Apache-2.0 */
/* norms.h: the BatchNormalization that a layer's output goes through. */
#ifndef TMO_NORMS_H
#define TMO_NORMS_H

#include "net/net.h"

struct tmo_norm {
	size_t weight;		/* the layer's weight, a value of the network */
	size_t scale;		/* the value that has the scale, gamma */
};

struct tmo_norms {
	size_t count;
	struct tmo_norm *norm;	/* owned */
};

/*
 * For each layer whose output goes to a BatchNormalization, also through an added bias or a change
 * of shape: its weight and the scale, both as they are before any change of their form. Of several the
 * first in the order of the nodes. Inner graphs are not looked at.
 */
int tmo_net_norms(const struct tmo_net *net, struct tmo_norms *norms, struct tmo_error *err);
void tmo_norms_free(struct tmo_norms *norms);

#endif
