/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rewrite.h: nodes of a network that go and nodes that come, and weights that take the place of
 * nodes that made them. Only names that are defined once in the whole model, inner graphs
 * included, take part: such a name means one thing wherever it stands.
 */
#ifndef TMO_REWRITE_H
#define TMO_REWRITE_H

#include "formats/onnx/dequantize/coded_tensor.h"
#include "formats/onnx/scope.h"

#define TMO_ONNX_NEW_NODES 3		/* at most, in the place of one */
#define TMO_ONNX_NOWHERE SIZE_MAX

/* Initializers that are no plain arrays, by name. */
struct tmo_onnx_weights {
	struct tmo_string_index names;		/* -> place in list */
	size_t count, room;
	struct tmo_onnx_weight {
		Onnx__TensorProto *declared;	/* what it decodes to, without data; the graph's */
		size_t anchor;		/* the constant in whose place it stands */
		struct tmo_onnx_coded form;
	} *list;
};
void tmo_onnx_weights_free(struct tmo_onnx_weights *w);

struct tmo_onnx_value {			/* what a name stands for */
	size_t definitions, uses, outputs;	/* outputs: of graphs, counted in uses too */
	size_t maker, user;		/* the node that makes it, the last one that uses it */
	size_t constant;
};

struct tmo_onnx_site {			/* the place of a node */
	Onnx__GraphProto *graph;
	Onnx__NodeProto *node;
	bool gone;
	int added_count;
	Onnx__NodeProto *added[TMO_ONNX_NEW_NODES];	/* stand before it */
};

struct tmo_onnx_const {
	Onnx__GraphProto *graph;
	Onnx__TensorProto *tensor;	/* an initializer, or a Constant's */
	size_t site;			/* of the Constant; NOWHERE: an initializer */
	bool taken;			/* goes if nothing uses it any more */
};

struct tmo_onnx_rewrite {
	Onnx__ModelProto *model;
	struct tmo_onnx_files *files;
	struct tmo_onnx_weights *weights;
	struct tmo_error *err;
	int64_t opset;			/* of ONNX's own operators; 0: none */
	struct tmo_string_index names;		/* -> value */
	size_t value_count, value_room, site_count, site_room, constant_count, constant_room;
	struct tmo_onnx_value *value;
	struct tmo_onnx_site *site;
	struct tmo_onnx_const *constant;
	struct tmo_onnx_renames renames;
	struct tmo_string_index dropped;	/* names that are no value's any more */
};

/* Fills the tables. Close it in any case. */
int tmo_onnx_rewrite_open(struct tmo_onnx_rewrite *rw);
/* Does to the model what was noted, all at once. */
int tmo_onnx_rewrite_finish(struct tmo_onnx_rewrite *rw);
void tmo_onnx_rewrite_close(struct tmo_onnx_rewrite *rw);

/* ---- what there is ---- */

/* The i-th input's name, "" if there is none. */
const char *tmo_onnx_input(const Onnx__NodeProto *n, size_t i);
/*
 * What a name stands for; NULL if it is defined nowhere or more than once. Good until a name is
 * added.
 */
struct tmo_onnx_value *tmo_onnx_value(const struct tmo_onnx_rewrite *rw, const char *name);
/* The initializer, or Constant that holds a tensor, of this name; NULL: there is none. */
struct tmo_onnx_const *tmo_onnx_const(const struct tmo_onnx_rewrite *rw, const char *name);
/* The node of the graph that uses the value, which nothing else uses; NOWHERE. */
size_t tmo_onnx_only_user(const struct tmo_onnx_rewrite *rw, const char *name,
                          const Onnx__GraphProto *graph);
/* The same, if it is this operator of ONNX's own, in the graph of another site. */
size_t tmo_onnx_followed_by(const struct tmo_onnx_rewrite *rw, const char *name, size_t site,
                            const char *op);
/* The node that makes the value, if it is this operator, in the graph of another site. */
size_t tmo_onnx_made_by(const struct tmo_onnx_rewrite *rw, const char *name, size_t site,
                        const char *op);
/* Whether nothing in the model has this name. */
bool tmo_onnx_is_free(const struct tmo_onnx_rewrite *rw, const char *name);

/* ---- what is to be done ---- */

/* A new name, made of two parts and a number if it must be; owned by the caller. */
char *tmo_onnx_new_name(struct tmo_onnx_rewrite *rw, const char *name, const char *suffix);
/* An initializer of the main graph that nothing uses any more is called otherwise: its name is free. */
int tmo_onnx_give_up_name(struct tmo_onnx_rewrite *rw, const char *name);
/* The node goes. keep (NULL: none): an output of it that something else makes from now on. */
int tmo_onnx_remove(struct tmo_onnx_rewrite *rw, size_t site, const char *keep);
/* A node in front of a site, inputs NULL-terminated, name NULL for none. NULL on failure. */
Onnx__NodeProto *tmo_onnx_put_node(struct tmo_onnx_rewrite *rw, size_t site, const char *op,
                                 const char *name, const char *const *inputs,
                                 const char *output);
/* Gives a new node the attributes of one that goes. */
void tmo_onnx_move_attributes(Onnx__NodeProto *to, Onnx__NodeProto *from);
/* A new initializer at the place of a constant. Takes over what the form holds, frees it on failure. */
int tmo_onnx_add_weight(struct tmo_onnx_rewrite *rw, const char *name,
                        const struct tmo_onnx_const *anchor, struct tmo_onnx_coded *form);

#endif
