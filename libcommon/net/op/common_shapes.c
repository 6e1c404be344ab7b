/* SPDX-License-Identifier: Apache-2.0 */
/* common_shapes.c: shape functions that rows of several families share. */
#include "net/op/op.h"

int
tmo_shape_same(struct tmo_step *step, struct tmo_error *err)
{
	const struct tmo_fact *const x = &step->input[0];

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	for (size_t i = 0; i < step->output_count; i++)
		tmo_step_give(step, i, x->type, x->rank, x->shape);
	return 0;
}

int
tmo_shape_floats(struct tmo_step *step, struct tmo_error *err)
{
	for (size_t i = 0; i < step->input_count; i++)
		if (tmo_step_has_input(step, i) && !tmo_type_is_float(step->input[i].type))
			return tmo_fail_unsupported(err, "an input of type %s", tmo_type_name(step->input[i].type));
	return tmo_shape_same(step, err);
}

int
tmo_shape_broadcast(struct tmo_step *step, struct tmo_error *err)
{
	struct tmo_fact y;

	if (tmo_step_expect(step, 1, err) < 0)
		return -1;
	y = step->input[0];
	for (size_t i = 1; i < step->input_count; i++)
		if (tmo_step_has_input(step, i) && tmo_broadcast(&y.rank, y.shape, &step->input[i], err) < 0)
			return -1;
	tmo_step_give(step, 0, y.type, y.rank, y.shape);
	return 0;
}
