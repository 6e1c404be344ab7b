/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/axes.h"

void
tmo_axes_unknown(struct tmo_axes *axes, int rank, const size_t *shape)
{
	axes->count = rank;
	for (int i = 0; i < rank; i++)
		axes->part[i] = (struct tmo_axis_part){
			.axis = i, .role = TMO_ROLE_UNKNOWN, .size = shape[i],
		};
}

void
tmo_axes_assumed(struct tmo_axes *axes, int rank, const size_t *shape, int64_t output_axis)
{
	const int output = output_axis < rank ? (int)output_axis : rank - 1;
	const int input = output == 0 ? 1 : output - 1;

	tmo_axes_unknown(axes, rank, shape);
	for (int i = 0; i < rank; i++)
		axes->part[i].role = i == output ? TMO_ROLE_OUTPUT :
			i == input ? TMO_ROLE_INPUT : TMO_ROLE_WITHIN;
}

int
tmo_axes_first(const struct tmo_axes *axes, enum tmo_role role)
{
	for (int i = 0; i < axes->count; i++)
		if (axes->part[i].role == role)
			return axes->part[i].axis;
	return -1;
}

int
tmo_axes_part(const struct tmo_axes *axes, enum tmo_role role)
{
	int found = -1;

	for (int i = 0; i < axes->count; i++) {
		if (axes->part[i].role != role)
			continue;
		if (axes->part[i].size > 1)
			return i;
		found = found < 0 ? i : found;
	}
	return found;
}

size_t
tmo_axes_count(const struct tmo_axes *axes, enum tmo_role role)
{
	size_t n = 1;

	for (int i = 0; i < axes->count; i++)
		n *= axes->part[i].role == role ? axes->part[i].size : 1;
	return n;
}

int
tmo_axes_run_end(const struct tmo_axes *axes, int part)
{
	int end = part + 1;

	for (int i = end; i < axes->count; i++) {
		if (axes->part[i].role == axes->part[part].role)
			end = i + 1;
		else if (axes->part[i].size != 1)
			break;
	}
	return end;
}

bool
tmo_axes_fit(const struct tmo_axes *axes, int rank, const size_t *shape)
{
	int i = 0;

	for (int axis = 0; axis < rank; axis++) {
		size_t size = 1;

		if (i == axes->count || axes->part[i].axis != axis)
			return false;
		for (; i < axes->count && axes->part[i].axis == axis; i++)
			size *= axes->part[i].size;
		if (size != shape[axis])
			return false;
	}
	return i == axes->count;
}

void
tmo_tensor_set_axes(struct tmo_tensor *t, const struct tmo_axes *axes)
{
	if (tmo_axes_fit(axes, t->rank, t->shape))
		t->axes = *axes;
	else
		tmo_axes_unknown(&t->axes, t->rank, t->shape);
	t->output_axis = tmo_axes_first(&t->axes, TMO_ROLE_OUTPUT);
	t->input_axis = tmo_axes_first(&t->axes, TMO_ROLE_INPUT);
}

enum tmo_role
tmo_axis_role(const struct tmo_tensor *t, int axis)
{
	enum tmo_role role = TMO_ROLE_UNKNOWN;
	bool any = false;

	for (int i = 0; i < t->axes.count; i++) {
		const struct tmo_axis_part *const p = &t->axes.part[i];

		if (p->axis != axis || (p->size == 1 && t->shape[axis] != 1))
			continue;
		if (any && p->role != role)
			return TMO_ROLE_SEVERAL;
		role = p->role;
		any = true;
	}
	return role;
}
