/* SPDX-License-Identifier: Apache-2.0 */
/*
 * view.h: values of a network that are a weight, or have it in them, in another form: transposed,
 * reshaped, sliced, put together.
 *
 * A view says of each of its axes which of the weight's indices it runs through: as cells, the
 * outermost first, each of which runs along one axis of the weight with a stride. An axis that merges
 * two of the weight's has two cells; one that a Reshape cut is two axes of a cell each, along the same
 * axis of the weight, with different strides. So what a layer says of a view's axes can be said of the
 * weight's.
 */
#ifndef TMO_VIEW_H
#define TMO_VIEW_H

#include "net/net.h"

#define TMO_VIEW_CELLS_MAX 6		/* of one axis */

struct tmo_view_cell {
	size_t dim;			/* so many indices of the view; TMO_DIM_UNKNOWN */
	int axis;			/* of the weight; -1: none, as where something is repeated */
	size_t offset, count;		/* of the dim, these are the weight's: others are not of it */
	size_t start, stride;		/* number j of the count is index (start + j) * stride */
	bool uncut;			/* nothing more is known of its order: it cannot be cut */
};

struct tmo_view_axis {
	int count;			/* of cells; none: the axis has one index */
	struct tmo_view_cell cell[TMO_VIEW_CELLS_MAX];
};

/*
 * A view that is being made. It is large, and thousands are: of its axes only the first `rank`, of their
 * cells only the first `count` are ever set.
 */
struct tmo_view_draft {
	int rank;			/* -1: not known */
	bool lost;			/* which index is which is not known any more */
	bool gathered;			/* rows of it are picked when the network runs */
	bool picked[TMO_RANK_MAX];	/* axes of the weight that are gone, one index having been picked */
	struct tmo_view_axis axis[TMO_RANK_MAX];
};

/* What a row's function may ask. */
struct tmo_view_context {
	const struct tmo_net *net;
	const struct tmo_node *node;
	size_t output;			/* which of its outputs is meant, where all of them get a view */
	/* Whether the value is a constant or a view of a weight. */
	bool (*is_constant)(void *arg, size_t value);
	void *arg;
};

/* The weight itself, of this shape. */
void tmo_view_begin(struct tmo_view_draft *view, int rank, const size_t *shape);
/* How many indices the axis has; TMO_DIM_UNKNOWN. */
size_t tmo_view_dim(const struct tmo_view_axis *axis);
/* The same elements in the same order, of another shape. */
void tmo_view_set_shape(struct tmo_view_draft *view, int rank, const size_t *shape);
/* Which axis is it, from 0, of one that may count from the end; -1: none such. */
int tmo_view_whole_axis(int64_t axis, int rank);
/* Cuts the cell into `outer` times something: the inner cell stays in *cell; false: it cannot be. */
bool tmo_view_cut(struct tmo_view_cell *cell, size_t outer, struct tmo_view_cell *outer_cell);

/* The roles of one axis of a view: its indices, the outermost first, with their sizes. */
struct tmo_view_roles {
	int count;
	struct tmo_view_role {
		enum tmo_role role;
		size_t size;		/* TMO_DIM_UNKNOWN: what the others leave */
	} index[2];
};
/*
 * The axes of the weight, of this shape, given the roles of the view's axes (view->rank of them). false:
 * they cannot be told.
 */
bool tmo_view_axes(const struct tmo_view_draft *view, const struct tmo_view_roles *roles, int rank,
                   const size_t *shape, struct tmo_axes *axes);

#endif
