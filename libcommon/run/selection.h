/* SPDX-License-Identifier: Apache-2.0 */
/* selection.h: which tensors a filter works on: --only, --skip, what is a weight. Layer 2. */
#ifndef TMO_SELECT_H
#define TMO_SELECT_H

#include "string_index.h"
#include "stream.h"

/* How a network uses one tensor; made by net/graph, kept in the order of the network's nodes. */
struct tmo_use {
	char *name;		/* the tensor's; owned */
	bool weight;		/* the weight input of a layer */
	int output_axis;	/* in the tensor's own axes, transposes and reshapes undone; -1 unknown */
	int input_axis;
	size_t op_count;	/* operators and nodes that consume it; owned strings */
	char **ops;
	size_t node_count;
	char **nodes;
};

struct tmo_uses {
	size_t count;
	struct tmo_use *use;
	struct tmo_string_index places;	/* name -> index in use; see tmo_uses_index */
};
/* Has tmo_uses_find look names up instead of searching; call it when all are there. */
int tmo_uses_index(struct tmo_uses *u, struct tmo_error *err);
void tmo_uses_free(struct tmo_uses *u);
const struct tmo_use *tmo_uses_find(const struct tmo_uses *u, const char *name);	/* or NULL */

struct tmo_selection {
	struct tmo_list rules;		/* tag 'o' (--only) or 's' (--skip), in order */
	bool exclude_first_last;
	int64_t min_elements;
	int64_t axis;			/* the output axis where the graph gives none */
};

/* Whether a tensor is meant: by name, op:GLOB, node:GLOB. use is NULL if nothing tells it. */
bool tmo_pattern_matches(const char *pattern, const char *name, const struct tmo_use *use);

/*
 * Whether the item is one to work on; if not, *why says it (a static string). uses is NULL without
 * a graph; first and last are the names that --exclude-first-last leaves out, or NULL.
 */
bool tmo_selected(const struct tmo_selection *s, const struct tmo_uses *uses,
                  const struct tmo_item *item, const char *first, const char *last,
                  const char **why);

/*
 * The axes of a tensor: from the network; else the output axis is s->axis, but at most the last, and
 * the input axis the one before it, or axis 1 after axis 0; -1 if there are fewer than 2.
 */
void tmo_axes(const struct tmo_selection *s, const struct tmo_uses *uses, const char *name,
              int rank, int *output_axis, int *input_axis);

#endif
