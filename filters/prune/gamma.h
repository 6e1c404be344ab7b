/* SPDX-License-Identifier: Apache-2.0 */
/* gamma.h: the scales of the BatchNormalizations that follow the layers of a network. */
#ifndef PRUNE_GAMMA_H
#define PRUNE_GAMMA_H

#include "base/string_index.h"
#include "net/norms.h"

/* Start with {0}; free with prune_gammas_free. */
struct gammas {
	size_t count;
	struct gamma {
		const char *weight, *scale;	/* names of tensors; borrowed from the network */
		size_t count;
		double *values;		/* owned; NULL: the stream has them, or the first layer that has
					   the same scale */
	} *gamma;
	struct tmo_string_index by_weight, by_scale;	/* a tensor's name -> its place in gamma */
};

/* Finds them in the network, which must live as long, and those values that it holds itself. */
int prune_gammas_find(struct gammas *g, const struct tmo_net *net, struct tmo_error *err);
void prune_gammas_free(struct gammas *g);

/* Whether this tensor of the stream is a scale that is still wanted. */
bool prune_gammas_want(const struct gammas *g, const char *name);
/* Takes the values of one that is, from t, which is loaded and plain. */
int prune_gammas_take(struct gammas *g, const struct tmo_tensor *t, struct tmo_error *err);

/* Whether a BatchNormalization follows the layer of that weight. */
bool prune_gammas_has(const struct gammas *g, const char *weight);
/* score[i] = |gamma of output channel i|. Fails if there are not n, or one is NaN. */
int prune_gammas_score(const struct gammas *g, const char *weight, double *score, size_t n,
                       struct tmo_error *err);

#endif
