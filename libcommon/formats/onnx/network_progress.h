/* SPDX-License-Identifier: Apache-2.0 */
/* network_progress.h: how far a network is written, for onnx_network_write.c. */
#ifndef TMO_NETWORK_PROGRESS_H
#define TMO_NETWORK_PROGRESS_H

#include "net/net.h"

/* One graph of the network, and how far it is written. A graph may stand in several fields. */
struct tmo_onnx_progress {
	size_t node_count, held_count;	/* of the model */
	size_t *node, *held;		/* the network's numbers, by origin */
	size_t nodes_seen, held_seen;
	size_t next;			/* in the network's list of nodes */
	bool held_added;
	struct tmo_string_index redefined;	/* names that mean something else now -> value */
};

struct tmo_onnx_write {
	const struct tmo_net *net;
	struct tmo_onnx_progress *graph;	/* one for each of the network's */
	size_t first_new;		/* the first value that may be a new constant */
	bool adds_weights;		/* to the main graph */
	struct tmo_arena arena;
	struct tmo_error *err;
};

/* Of w, whose net and err are set. End it in any case. */
int tmo_onnx_write_begin(struct tmo_onnx_write *w);
void tmo_onnx_write_end(struct tmo_onnx_write *w);

/* Is it an initializer that the model does not have yet? */
bool tmo_onnx_is_new_initializer(const struct tmo_value *v);

#endif
