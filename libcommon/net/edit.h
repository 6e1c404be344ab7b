/* SPDX-License-Identifier: Apache-2.0 */
/*
 * edit.h: changes of a network that is there (tmo_net_finish); the format writes them back
 * (formats/onnx/onnx_network_write.h). A batch normalization that went into its convolution:
 *
 *	size_t bias = tmo_net_add_constant(net, graph, "conv1.bias", &array, err);
 *
 *	if (bias == TMO_NET_NONE || tmo_net_set_input(net, conv, 2, bias, err) < 0 ||
 *	    tmo_net_bypass(net, norm, 0, err) < 0)
 *		return -1;
 *
 * A value that is scaled before all that use it:
 *
 *	const size_t input[] = {value, factor};
 *	size_t node = tmo_net_insert(net, graph, &(struct tmo_new_node){
 *		.type = "Mul", .since = 7, .input_count = 2, .input = input, .output_count = 1}, err);
 *
 *	if (node == TMO_NET_NONE || tmo_net_use_instead(net, value, net->node[node].output[0], err) < 0)
 *		return -1;
 *
 * Numbers of values and nodes stay what they are, pointers into net->value and net->node do not. Users,
 * makers and the order of each graph's nodes are right after every call. The names of what graphs take
 * and give are known to those who run the network: they stay, and so does what they mean.
 *
 * A call that fails has changed nothing, unless memory was out: then the network is of no use. What
 * cannot be written is refused (TMO_ERROR_UNSUPPORTED): a function of the model stands in the network
 * once for each call of it, but once in the model, so that nothing inside of one may be changed.
 */
#ifndef TMO_EDIT_H
#define TMO_EDIT_H

#include "net/net.h"

/* ---- asking ---- */

/* Does a node use the value, or a graph give it? */
bool tmo_net_is_used(const struct tmo_net *net, size_t value);
/* A name that no value has, made of `base`; the network's. NULL when memory is out. */
const char *tmo_net_new_name(struct tmo_net *net, const char *base, struct tmo_error *err);

/* ---- nodes ---- */

struct tmo_new_node {
	const char *domain;		/* NULL is "", ONNX's own */
	const char *type;
	const char *name;		/* NULL: none */
	int64_t since;			/* the domain's operator set from which on it is meant so */
	size_t input_count, output_count;
	const size_t *input;		/* values; TMO_NET_NONE: left out */
	const char *output;		/* what its outputs are called, made unique; NULL: by its first input */
};

/*
 * A node, as early in its graph as its inputs allow. Its outputs are new values, its attributes are set
 * after this. If the model imports no operator set of the domain, `since` is imported; if an older one,
 * it fails. TMO_NET_NONE on failure.
 */
size_t tmo_net_insert(struct tmo_net *net, size_t graph, const struct tmo_new_node *new,
                      struct tmo_error *err);
/*
 * Another value as input number i, which the node may not have had so far; TMO_NET_NONE leaves it out.
 * What makes the value must stand before the node.
 */
int tmo_net_set_input(struct tmo_net *net, size_t node, size_t i, size_t value, struct tmo_error *err);
/*
 * Whatever used the value `old`, or gave it as the result of a graph, has `instead` from now on: all but
 * the nodes that make `instead` out of it. If a graph gives it, the two names are swapped.
 */
int tmo_net_use_instead(struct tmo_net *net, size_t old, size_t instead, struct tmo_error *err);
/*
 * The node goes, and what used its first output uses its input number i: for a node whose result is its
 * input. The others of its outputs must have no use. Where its result is a graph's, and so is its input, it
 * becomes an Identity.
 */
int tmo_net_bypass(struct tmo_net *net, size_t node, size_t i, struct tmo_error *err);
/* The node goes, with the graphs in it; nothing may use its outputs. */
int tmo_net_remove_node(struct tmo_net *net, size_t node, struct tmo_error *err);
/* Another operator, of the same inputs and outputs; attributes stay. `since` as in struct tmo_new_node. */
int tmo_net_set_operator(struct tmo_net *net, size_t node, const char *domain, const char *type,
                         int64_t since, struct tmo_error *err);

/* ---- attributes of a node: there before or not. Not of nodes that have graphs in them. ---- */

int tmo_net_set_int(struct tmo_net *net, size_t node, const char *name, int64_t number,
                    struct tmo_error *err);
int tmo_net_set_float(struct tmo_net *net, size_t node, const char *name, float real,
                      struct tmo_error *err);
int tmo_net_set_text(struct tmo_net *net, size_t node, const char *name, const char *text,
                     struct tmo_error *err);
int tmo_net_set_ints(struct tmo_net *net, size_t node, const char *name, const int64_t *numbers,
                     size_t count, struct tmo_error *err);
int tmo_net_drop_attribute(struct tmo_net *net, size_t node, const char *name, struct tmo_error *err);

/* ---- what the network holds ---- */

/*
 * A constant of the graph, named `name` or, if that is taken, something like it. Takes over what `data`
 * holds. It is for small ones: what is no small vector belongs into the stream, tmo-stream(5).
 * TMO_NET_NONE on failure.
 */
size_t tmo_net_add_constant(struct tmo_net *net, size_t graph, const char *name, struct tmo_array *data,
                            struct tmo_error *err);
/* A weight of the main graph whose data are the stream's tensor of this name, which must be new. */
size_t tmo_net_add_weight(struct tmo_net *net, const char *name, enum tmo_type type, int rank,
                          const size_t *shape, struct tmo_error *err);
/*
 * Other data, of any type and shape, for a weight or constant; takes over what `data` holds. A weight
 * whose data were the stream's has them in the graph from now on.
 */
int tmo_net_set_data(struct tmo_net *net, size_t value, struct tmo_array *data, struct tmo_error *err);
/*
 * The data of a weight are a tensor of the stream's from now on, or go on to be that, and are so
 * declared.
 */
int tmo_net_move_to_stream(struct tmo_net *net, size_t value, enum tmo_type type, int rank,
                           const size_t *shape, struct tmo_error *err);
/* A weight or constant that nothing uses goes. */
int tmo_net_remove_value(struct tmo_net *net, size_t value, struct tmo_error *err);
/* What the model declares of the value, its type and its shape, is true no more. */
void tmo_net_forget_shape(struct tmo_net *net, size_t value);

#endif
