/* SPDX-License-Identifier: Apache-2.0 */
#include "net/step.h"

#include <string.h>

#include "tensor/tensor.h"

size_t
tmo_fact_count(const struct tmo_fact *fact)
{
	size_t count = 1;

	for (int i = 0; i < fact->rank; i++)
		count *= fact->shape[i];
	return count;
}

void
tmo_step_give(struct tmo_step *step, size_t i, enum tmo_type type, int rank, const size_t *shape)
{
	struct tmo_fact *fact;

	if (i >= step->output_count)
		return;
	fact = &step->output[i];
	fact->type = type;
	fact->rank = rank;
	for (int k = 0; k < rank; k++)
		fact->shape[k] = shape[k];
}

int
tmo_step_axis(int64_t axis, int rank, int *out, struct tmo_error *err)
{
	if (axis < -rank || axis >= rank)
		return tmo_fail(err, "axis %jd of an input of rank %d; the model is damaged", (intmax_t)axis, rank);
	*out = (int)(axis < 0 ? axis + rank : axis);
	return 0;
}

bool
tmo_step_integers(const struct tmo_step *step, const char *attribute, size_t i, struct tmo_integers *out)
{
	const struct tmo_attribute *const a =
		attribute != NULL ? tmo_node_attribute(step->node, attribute) : NULL;
	const struct tmo_array *numbers;

	out->count = 0;
	if (a != NULL && a->kind == TMO_ATTRIBUTE_INTS && a->count <= TMO_RANK_MAX) {
		out->count = a->count;
		memcpy(out->value, a->numbers, a->count * sizeof(*a->numbers));
		return true;
	}
	if (!tmo_step_has_input(step, i) || (numbers = step->input[i].constant) == NULL ||
	    numbers->count > TMO_RANK_MAX || tmo_type_is_float(numbers->type))
		return false;
	out->count = numbers->count;
	for (size_t k = 0; k < out->count; k++)
		out->value[k] = tmo_array_integer(numbers, k);
	return true;
}

int
tmo_broadcast(int *rank, size_t *shape, const struct tmo_fact *with, struct tmo_error *err)
{
	const int more = with->rank - *rank;
	char one[128], other[128];

	if (more > 0) {
		memmove(shape + more, shape, (size_t)*rank * sizeof(*shape));
		for (int i = 0; i < more; i++)
			shape[i] = 1;
		*rank += more;
	}
	for (int i = 0; i < with->rank; i++) {
		size_t *const here = &shape[*rank - with->rank + i];

		if (*here == 1)
			*here = with->shape[i];
		else if (with->shape[i] != 1 && with->shape[i] != *here)
			return tmo_fail(err, "shapes %s and %s do not go together; give data of the shapes that "
			                "the network wants", tmo_shape_text(*rank, shape, one, sizeof(one)),
			                tmo_shape_text(with->rank, with->shape, other, sizeof(other)));
	}
	return 0;
}

int
tmo_step_expect(const struct tmo_step *step, size_t count, struct tmo_error *err)
{
	for (size_t i = 0; i < count; i++)
		if (!tmo_step_has_input(step, i))
			return tmo_fail(err, "input %zu is missing; the model is damaged", i);
	return 0;
}

float
tmo_node_real(const struct tmo_node *node, const char *name, float otherwise)
{
	const struct tmo_attribute *const a = tmo_node_attribute(node, name);

	return a != NULL && a->kind == TMO_ATTRIBUTE_FLOAT ? a->real : otherwise;
}

const char *
tmo_node_text(const struct tmo_node *node, const char *name, const char *otherwise)
{
	const struct tmo_attribute *const a = tmo_node_attribute(node, name);

	return a != NULL && a->kind == TMO_ATTRIBUTE_TEXT ? a->text : otherwise;
}
