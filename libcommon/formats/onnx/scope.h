/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scope.h: names in ONNX graphs. An inner graph sees the names of the graphs around it, but for
 * those that it defines itself.
 */
#ifndef TMO_SCOPE_H
#define TMO_SCOPE_H

#include "base/string_index.h"
#include "formats/onnx/proto.h"

typedef int tmo_onnx_visit(void *arg, char **name, struct tmo_error *err);

/* Every name that the graph itself defines: inputs, initializers, nodes' outputs. */
int tmo_onnx_each_definition(Onnx__GraphProto *g, tmo_onnx_visit *fn, void *arg,
                             struct tmo_error *err);
/* Every name that the graph itself uses: nodes' inputs, its outputs, annotations. */
int tmo_onnx_each_reference(Onnx__GraphProto *g, tmo_onnx_visit *fn, void *arg,
                            struct tmo_error *err);
/* Every graph in the attributes of the graph's nodes. */
int tmo_onnx_each_inner(Onnx__GraphProto *g, int (*fn)(void *arg, Onnx__GraphProto *inner),
                        void *arg);

/* Names of one graph that are called otherwise from now on. */
struct tmo_onnx_renames {
	struct tmo_string_index from;		/* -> place in list */
	size_t count, room;
	struct tmo_onnx_rename {
		char *to;
		size_t hidden;		/* so many of the inner graphs that the walk is in define the
					   old name anew: while it is not 0, the name is not renamed */
	} *list;
};
int tmo_onnx_add_rename(struct tmo_onnx_renames *r, const char *from, const char *to,
                        struct tmo_error *err);
void tmo_onnx_free_renames(struct tmo_onnx_renames *r);
/* A visitor (arg: the renames): the new name for the old one. */
tmo_onnx_visit tmo_onnx_rename_one;
/* For tmo_onnx_each_inner: the same in inner graphs, unless they define the name themselves. */
struct tmo_onnx_rename_in {
	struct tmo_onnx_renames *renames;
	struct tmo_error *err;
};
int tmo_onnx_rename_inner(void *arg, Onnx__GraphProto *g);

/* Makes the node an Identity of the value called input. */
int tmo_onnx_make_identity(Onnx__NodeProto *n, const char *input, struct tmo_error *err);
/* Puts an Identity in front of the graph's nodes. */
int tmo_onnx_add_identity(Onnx__GraphProto *g, const char *input, const char *output,
                          struct tmo_error *err);

#endif
