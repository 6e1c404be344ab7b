/* SPDX-License-Identifier: Apache-2.0 */
/* norm.h: the BatchNormalization that a layer's output goes through. */
#ifndef TMO_NORM_H
#define TMO_NORM_H

#include "tmo.h"

struct tmo_norm {
	char *weight;		/* of the layer; owned, like all here */
	char *scale;		/* the tensor that holds the scale, gamma */
	size_t count;		/* elements in values */
	double *values;		/* gamma; NULL: the stream has the tensor, or the first norm of
				   that scale has the values */
};

struct tmo_norms {
	size_t count;
	struct tmo_norm *norm;
};

/*
 * For each layer whose output goes to a BatchNormalization, also through an added bias or a change
 * of shape: its weight and the scale. Of several the first in the order of the nodes. The network is
 * given as the bytes of graph.onnx; its inner graphs are not looked at.
 */
int tmo_graph_norms(const void *onnx, size_t size, struct tmo_norms *norms, struct tmo_error *err);
void tmo_norms_free(struct tmo_norms *norms);

#endif
