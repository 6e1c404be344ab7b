/* SPDX-License-Identifier: Apache-2.0 */
/* view.c: cells of views: cut, merged, and the roles of a weight's axes through them. */
#include <string.h>

#include "net/view.h"

#define CELLS_MAX 64		/* of a whole view that is reshaped */

void
tmo_view_begin(struct tmo_view_draft *view, int rank, const size_t *shape)
{
	view->rank = rank;
	view->lost = view->gathered = false;
	memset(view->picked, 0, sizeof(view->picked));
	for (int i = 0; i < rank; i++) {
		view->axis[i].count = 1;
		view->axis[i].cell[0] = (struct tmo_view_cell){
			.dim = shape[i], .axis = i, .count = shape[i], .stride = 1,
		};
	}
}

size_t
tmo_view_dim(const struct tmo_view_axis *axis)
{
	size_t n = 1;

	for (int i = 0; i < axis->count; i++) {
		if (axis->cell[i].dim == TMO_DIM_UNKNOWN)
			return TMO_DIM_UNKNOWN;
		n *= axis->cell[i].dim;
	}
	return n;
}

int
tmo_view_whole_axis(int64_t axis, int rank)
{
	if (axis < 0)
		axis += rank;
	return axis >= 0 && axis < rank ? (int)axis : -1;
}

bool
tmo_view_cut(struct tmo_view_cell *cell, size_t outer, struct tmo_view_cell *outer_cell)
{
	size_t inner;

	if (cell->dim == TMO_DIM_UNKNOWN || outer == 0 || cell->dim % outer != 0 || cell->uncut)
		return false;
	inner = cell->dim / outer;
	*outer_cell = *cell;
	outer_cell->dim = outer;
	cell->dim = inner;
	if (cell->axis < 0)
		return true;
	if (cell->offset % inner == 0 && cell->count % inner == 0 && cell->start % inner == 0) {
		outer_cell->offset = cell->offset / inner;
		outer_cell->count = cell->count / inner;
		outer_cell->start = cell->start / inner;
		outer_cell->stride = cell->stride * inner;
		cell->offset = cell->start = 0;
		cell->count = inner;
		return true;
	}
	/* What is the weight's lies in one of the outer indices. */
	outer_cell->axis = -1;
	cell->offset %= inner;
	return cell->offset + cell->count <= inner;
}

void
tmo_view_set_shape(struct tmo_view_draft *view, int rank, const size_t *shape)
{
	struct tmo_view_cell cells[CELLS_MAX];
	int count = 0, next = 0;

	for (int i = 0; i < view->rank && !view->lost; i++)
		for (int k = 0; k < view->axis[i].count; k++) {
			if (view->axis[i].cell[k].dim == 1)
				continue;
			if (count == CELLS_MAX) {
				view->lost = true;
				break;
			}
			cells[count++] = view->axis[i].cell[k];
		}
	view->lost = view->lost || view->rank < 0;
	view->rank = rank;
	for (int i = 0; i < rank; i++)
		view->axis[i].count = 0;
	for (int i = 0; i < rank && !view->lost; i++) {
		struct tmo_view_axis *const axis = &view->axis[i];

		for (size_t left = shape[i]; left != 1;) {
			struct tmo_view_cell *const cell = &cells[next], *const own = &axis->cell[axis->count];
			const bool fits = next < count && axis->count < TMO_VIEW_CELLS_MAX &&
			                  cell->dim != TMO_DIM_UNKNOWN && cell->dim != 0 && left != 0;

			if (fits && left % cell->dim == 0) {
				*own = *cell;
				next++;
			} else if (!fits || !tmo_view_cut(cell, left, own)) {
				view->lost = true;
				return;
			}
			axis->count++;
			left /= own->dim;
		}
	}
	view->lost = view->lost || next < count;
}

/* A cell of the weight, with the role that it has. */
struct found {
	struct tmo_view_cell cell;
	enum tmo_role role;
};

struct search {
	int count;
	struct found found[CELLS_MAX];
	/* Where the inner of an axis' two indices, such as the output of a depthwise convolution, has
	 * one value only: its role, along that axis of the weight. */
	enum tmo_role single[TMO_RANK_MAX];
};

static bool
add_found(struct search *s, const struct tmo_view_cell *cell, enum tmo_role role)
{
	if (cell->axis < 0)
		return true;
	if (s->count == CELLS_MAX)
		return false;
	s->found[s->count++] = (struct found){*cell, role};
	return true;
}

/* The cells of one axis that has one role, or is two indices, cut where the outer one ends. */
static bool
find_in_axis(struct search *s, const struct tmo_view_axis *axis, const struct tmo_view_roles *roles)
{
	const size_t dim = tmo_view_dim(axis);
	size_t left = roles->count > 1 ? roles->index[0].size : 1;

	if (roles->count > 1 && left == TMO_DIM_UNKNOWN) {
		if (dim == TMO_DIM_UNKNOWN || roles->index[1].size == 0 ||
		    dim % roles->index[1].size != 0)
			return false;
		left = dim / roles->index[1].size;
	}
	for (int i = 0; i < axis->count; i++) {
		struct tmo_view_cell cell = axis->cell[i], outer;

		if (left == 1 || roles->count < 2) {
			if (!add_found(s, &cell, roles->index[roles->count - 1].role))
				return false;
		} else if (cell.dim != TMO_DIM_UNKNOWN && cell.dim != 0 && left % cell.dim == 0) {
			left /= cell.dim;
			if (!add_found(s, &cell, roles->index[0].role))
				return false;
		} else {
			if (!tmo_view_cut(&cell, left, &outer) ||
			    !add_found(s, &outer, roles->index[0].role) ||
			    !add_found(s, &cell, roles->index[1].role))
				return false;
			left = 1;
		}
	}
	if (roles->count > 1 && axis->count > 0 && axis->cell[axis->count - 1].axis >= 0 &&
	    dim == roles->index[0].size)
		s->single[axis->cell[axis->count - 1].axis] = roles->index[1].role;
	return true;
}

/* One more part, or more of the last one. */
static bool
add_part(struct tmo_axes *axes, int axis, enum tmo_role role, size_t size)
{
	struct tmo_axis_part *const last = axes->count > 0 ? &axes->part[axes->count - 1] : NULL;

	if (last != NULL && last->axis == axis && last->role == role) {
		last->size *= size;
		return true;
	}
	if (axes->count == TMO_AXIS_PARTS_MAX)
		return false;
	axes->part[axes->count++] = (struct tmo_axis_part){axis, role, size};
	return true;
}

/* The parts of one axis of the weight, from the cells along it, the innermost first: by their strides. */
static bool
add_parts(const struct search *s, int axis, size_t size, struct tmo_axes *axes)
{
	size_t stride = 1;		/* of what comes next, from the inside */
	struct { enum tmo_role role; size_t size; } part[CELLS_MAX];
	int count = 0;

	for (;;) {
		const struct found *next = NULL, *outside = NULL;

		for (int i = 0; i < s->count; i++) {
			const struct found *const f = &s->found[i];

			if (f->cell.axis != axis || (f->cell.dim == 1 && size != 1))
				continue;
			if (f->cell.stride == stride)
				next = f;
			else if (f->cell.stride > stride)
				outside = f;
		}
		if (next == NULL)
			return false;
		part[count].role = next->role;
		part[count++].size = next->cell.dim;
		if (outside == NULL) {
			/* Slices leave some of the outermost indices to others. */
			part[count - 1].size = size / stride;
			if (size % stride != 0)
				return false;
			break;
		}
		if (next->cell.count != next->cell.dim || next->cell.start != 0 || next->cell.dim < 2)
			return false;
		stride *= next->cell.dim;
	}
	while (count-- > 0)
		if (!add_part(axes, axis, part[count].role, part[count].size))
			return false;
	return true;
}

bool
tmo_view_axes(const struct tmo_view_draft *view, const struct tmo_view_roles *roles, int rank,
              const size_t *shape, struct tmo_axes *axes)
{
	struct search s = {0};

	if (view->rank < 0 || view->lost)
		return false;
	for (int i = 0; i < view->rank; i++)
		if (!find_in_axis(&s, &view->axis[i], &roles[i]))
			return false;
	axes->count = 0;
	for (int axis = 0; axis < rank; axis++) {
		const enum tmo_role alone = view->picked[axis] ? TMO_ROLE_OWN : TMO_ROLE_WITHIN;

		if (add_parts(&s, axis, shape[axis], axes)) {
			if (s.single[axis] != TMO_ROLE_UNKNOWN && !add_part(axes, axis, s.single[axis], 1))
				return false;
		} else if ((shape[axis] != 1 && !view->picked[axis]) ||
		           !add_part(axes, axis, alone, shape[axis])) {
			return false;
		}
	}
	return true;
}
