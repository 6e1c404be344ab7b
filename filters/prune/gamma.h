/* SPDX-License-Identifier: Apache-2.0 */
/* gamma.h: the scales of the BatchNormalizations that follow the layers of a network. */
#ifndef PRUNE_GAMMA_H
#define PRUNE_GAMMA_H

#include "base/string_index.h"
#include "net/norm.h"

/* {0} is empty. */
struct gammas {
	struct tmo_norms norms;
	struct tmo_string_index by_weight, by_scale;	/* a tensor's name -> its place in norms */
};

/* Finds them in the bytes of graph.onnx, and those values that the graph holds itself. */
int gammas_find(struct gammas *g, const void *onnx, size_t size, struct tmo_error *err);
void gammas_free(struct gammas *g);

/* Whether this tensor of the stream is a scale that is still wanted. */
bool gammas_want(const struct gammas *g, const char *name);
/* Takes the values of one. */
int gammas_take(struct gammas *g, const struct tmo_tensor *t, struct tmo_error *err);

/* Whether the layer of that weight has one. */
bool gammas_has(const struct gammas *g, const char *weight);
/* score[i] = |gamma of output channel i|. Fails if there are not n, or one is NaN. */
int gammas_score(const struct gammas *g, const char *weight, double *score, size_t n,
                 struct tmo_error *err);

#endif
