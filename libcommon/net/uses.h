/* SPDX-License-Identifier: Apache-2.0 */
/* uses.h: how a network uses its tensors. */
#ifndef TMO_USES_H
#define TMO_USES_H

#include "base/string_index.h"
#include "net/net.h"

/* How a network uses one of its tensors. */
struct tmo_use {
	char *name;		/* the tensor's; owned */
	bool weight;		/* the weight input of a layer; */
	size_t layer;		/* that layer, a node; TMO_NET_NONE */
	bool is_last;		/* no other layer comes behind it: of several heads each has one */
	struct tmo_axes axes;	/* of the tensor, transposes and reshapes undone; none: not known */
	size_t op_count;	/* operators and nodes that consume it; owned strings */
	char **ops;
	size_t node_count;
	char **nodes;
};

struct tmo_uses {
	size_t count;
	struct tmo_use *use;	/* in the order of the nodes; tensors that nothing uses come last */
	struct tmo_string_index places;	/* name -> index in use; see tmo_uses_index */
};

/*
 * The uses of all weights of the network, which need not outlive the call; also through other forms
 * of them (view.h), inner graphs and functions. Of two layers that use one weight the first in the
 * order of the nodes says what its axes are; a table of which rows are picked counts as a layer where
 * the rows are no layer's weight.
 */
int tmo_net_uses(const struct tmo_net *net, struct tmo_uses *uses, struct tmo_error *err);

/* Has tmo_uses_find look names up instead of searching; call it when all are there. */
int tmo_uses_index(struct tmo_uses *u, struct tmo_error *err);
void tmo_uses_free(struct tmo_uses *u);	/* with all that it holds; leaves it {0} */
const struct tmo_use *tmo_uses_find(const struct tmo_uses *u, const char *name);	/* or NULL */

#endif
