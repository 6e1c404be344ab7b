/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.h: a neural network, whatever file it came from: values, and nodes that make values of others.
 *
 * A network is a main graph and the graphs inside its nodes (branches of If, bodies of Loop and Scan,
 * of functions that the model defines). Graphs, values and nodes are numbered over the whole network,
 * in the order in which they were added; names are resolved when it is built, so that nobody looks a
 * name up in a scope afterwards. A format fills a network (formats/onnx/onnx_network.h); nothing here
 * knows a format.
 *
 * What a weight holds is not here: the network names it, whoever runs it finds it (a stream's tensor,
 * a reference's). Small constants, those that stay inside a graph, have their data with them.
 */
#ifndef TMO_NET_H
#define TMO_NET_H

#include "base/arena.h"
#include "base/string_index.h"
#include "tmo.h"

#define TMO_NET_NONE SIZE_MAX		/* no value, no node, no graph */
#define TMO_NET_MAIN ((size_t)0)	/* the number of the main graph */
#define TMO_DIM_UNKNOWN SIZE_MAX
#define TMO_NET_WHOLE INT64_MAX

struct tmo_operator;			/* operators.h */

enum tmo_value_kind {
	TMO_VALUE_INPUT,		/* of its graph */
	TMO_VALUE_WEIGHT,		/* the main graph's; its data is a tensor of the stream's */
	TMO_VALUE_CONSTANT,		/* a small one; its data is in `data`, if tmo knows its type */
	TMO_VALUE_MADE,			/* by a node */
	TMO_VALUE_REMOVED		/* edit.h: it was one of these */
};

struct tmo_dim {
	size_t size;			/* TMO_DIM_UNKNOWN: not fixed */
	const char *symbol;		/* "batch"; NULL: it has none */
};

struct tmo_user {
	size_t node, input;		/* input number `input` of that node */
};

struct tmo_value {
	const char *name;		/* "" for none; unique in its graph only */
	enum tmo_value_kind kind;
	enum tmo_type type;		/* TMO_NONE: not known, or of no stream's type */
	int rank;			/* -1: not known */
	struct tmo_dim *dim;		/* rank of them */
	size_t graph;
	size_t maker, maker_output;	/* the node, and which of its outputs; or TMO_NET_NONE */
	size_t user_count;
	struct tmo_user *user;		/* in the order of the nodes; what was edited comes last */
	struct tmo_array *data;		/* of a constant, owned; NULL: none. Main graph weights that
					   stay in the graph (most biases) have it too */
	/* For the format that writes the network: */
	size_t origin;			/* of what no node makes: its place; TMO_NET_NONE: it is new */
	bool edited;			/* the data, type or shape of what the model holds are others */
	bool redefined;			/* type and shape that the model declares of the name are old */
};

enum tmo_attribute_kind {
	TMO_ATTRIBUTE_INT, TMO_ATTRIBUTE_FLOAT, TMO_ATTRIBUTE_TEXT, TMO_ATTRIBUTE_INTS,
	TMO_ATTRIBUTE_FLOATS, TMO_ATTRIBUTE_TEXTS, TMO_ATTRIBUTE_ARRAY, TMO_ATTRIBUTE_OTHER
};

struct tmo_attribute {
	const char *name;
	enum tmo_attribute_kind kind;
	int64_t number;			/* of an int */
	float real;			/* of a float */
	const char *text;		/* of a text, ended by a zero byte; may hold others */
	size_t count;			/* of ints, floats, texts; bytes of a text */
	const int64_t *numbers;
	const float *reals;
	const char **texts;
	const struct tmo_array *array;	/* a small tensor's elements; the network's, as the numbers are */
	bool edited;			/* or new */
};

/*
 * How an inner graph hangs in its node: value `input[i]` of the graph is, at the start, value
 * `from[i]` of the graph outside; of what a Scan cuts into slices, one slice along axis[i]. The
 * node's outputs are, for If and functions, the graph's outputs in their order.
 */
struct tmo_inner {
	size_t graph;
	const char *attribute;		/* that it is the value of, "then_branch"; NULL: of a function */
	size_t count;			/* inputs that come from outside */
	size_t *from;			/* TMO_NET_NONE: made by the node (a counter) */
	int64_t *axis;			/* TMO_NET_WHOLE: all of it; negative: from the end */
	bool gives_outputs;
};

struct tmo_node {
	const struct tmo_operator *operator;	/* its row; NULL: none that the table has */
	const char *domain, *type, *name;	/* domain "" is ai.onnx */
	size_t graph;
	size_t input_count, output_count;
	size_t *input, *output;		/* values; TMO_NET_NONE: left out */
	size_t attribute_count;
	struct tmo_attribute *attribute;
	size_t inner_count;
	struct tmo_inner *inner;
	/* For the format that writes the network: */
	size_t origin;			/* its place among its graph's nodes; TMO_NET_NONE: it is new */
	bool edited, removed;
};

struct tmo_graph {
	size_t outer_node;		/* whose graph it is; TMO_NET_NONE: the main graph */
	bool is_copy;			/* of a function's body, or a graph in it: one for each call */
	size_t input_count, output_count;
	size_t *input, *output;
	size_t node_count;
	size_t *node;			/* in an order in which they can run */
};

struct tmo_opset {
	const char *domain;
	int64_t version;
	bool added;			/* edit.h: the model does not import it yet */
};

struct tmo_net {
	size_t graph_count, value_count, node_count, opset_count;
	struct tmo_graph *graph;
	struct tmo_value *value;
	struct tmo_node *node;
	struct tmo_opset *opset;
	size_t graph_room, value_room, node_room, opset_room;
	struct tmo_arena arena;		/* names, lists, attributes */
	struct tmo_string_index names;	/* of all values, once a new one was asked for */
};

struct tmo_net *tmo_net_new(struct tmo_error *err);
void tmo_net_free(struct tmo_net *net);			/* NULL is fine */

/* ---- building: what is returned is a number, or TMO_NET_NONE when memory is out ---- */

size_t tmo_net_add_graph(struct tmo_net *net, size_t outer_node, struct tmo_error *err);
/* A value of no known type or shape, and new. name is copied. */
size_t tmo_net_add_value(struct tmo_net *net, size_t graph, enum tmo_value_kind kind,
                         const char *name, struct tmo_error *err);
/*
 * A new node with room for its inputs and outputs, all TMO_NET_NONE, at the end of its graph. Its
 * operator is looked up. The texts are copied.
 */
size_t tmo_net_add_node(struct tmo_net *net, size_t graph, const char *domain, const char *type,
                        const char *name, size_t inputs, size_t outputs, struct tmo_error *err);
int tmo_net_add_opset(struct tmo_net *net, const char *domain, int64_t version,
                      struct tmo_error *err);
/* The value's data are these from now on: takes over what `data` holds, which is empty then. */
int tmo_net_hold(struct tmo_net *net, size_t value, struct tmo_array *data, struct tmo_error *err);
/*
 * Once all is there: fills the users of each value and the nodes of each graph. From then on edit.h
 * changes the network.
 */
int tmo_net_finish(struct tmo_net *net, struct tmo_error *err);

/* Lists of users, and of a graph's nodes, have room for so many, so that they can grow. */
size_t tmo_net_list_room(size_t count);

/* ---- asking ---- */

/* The attribute of that name, or NULL; a number, or `otherwise` where there is none. */
const struct tmo_attribute *tmo_node_attribute(const struct tmo_node *node, const char *name);
int64_t tmo_node_number(const struct tmo_node *node, const char *name, int64_t otherwise);
/* Is it this operator of ONNX's own domain? */
bool tmo_node_is(const struct tmo_node *node, const char *type);
/* The value of input number i, TMO_NET_NONE if it is left out. */
size_t tmo_node_input(const struct tmo_node *node, size_t i);

/* Does the model hold the value, as a weight or a constant? */
static inline bool
tmo_value_is_held(const struct tmo_value *v)
{
	return v->kind == TMO_VALUE_WEIGHT || v->kind == TMO_VALUE_CONSTANT;
}

/* A few integers: an attribute's, or those of a small constant. */
struct tmo_integers {
	size_t count;
	int64_t value[TMO_RANK_MAX];
};
/* The elements of a small constant of integers; false: it is none, or of too many. */
bool tmo_value_integers(const struct tmo_net *net, size_t value, struct tmo_integers *out);
/* What older operator sets have as an attribute and newer ones as input number i. */
bool tmo_node_integers(const struct tmo_net *net, const struct tmo_node *node, const char *attribute,
                       size_t i, struct tmo_integers *out);

#endif
