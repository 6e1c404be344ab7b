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

struct tmo_fact
tmo_fact_of(const struct tmo_array *array)
{
	struct tmo_fact fact = {.type = array->type, .rank = array->rank};

	memcpy(fact.shape, array->shape, (size_t)array->rank * sizeof(*array->shape));
	return fact;
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

int
tmo_step_expect_integers(const struct tmo_step *step, size_t i, struct tmo_error *err)
{
	if (!tmo_step_has_input(step, i) || !tmo_type_is_integer(step->input[i].type))
		return tmo_fail(err, "input %zu is missing or not of integers; the model is damaged", i);
	return 0;
}

int
tmo_index_at(const struct tmo_array *indices, size_t i, size_t size, size_t *out, struct tmo_error *err)
{
	const int64_t index = tmo_array_integer(indices, i), n = (int64_t)size;

	if (index < -n || index >= n)
		return tmo_fail(err, "index %jd of an axis of %zu; give data that the network was made for",
		                (intmax_t)index, size);
	*out = (size_t)(index < 0 ? index + n : index);
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

enum tmo_type
tmo_node_type(const struct tmo_node *node, const char *name, enum tmo_type otherwise)
{
	static const struct row {
		const char *name;
		enum tmo_type type;
	} row[] = {
		[1] = { "FLOAT", TMO_F32 }, [2] = { "UINT8", TMO_U8 }, [3] = { "INT8", TMO_I8 },
		[4] = { "UINT16", TMO_U16 }, [5] = { "INT16", TMO_I16 }, [6] = { "INT32", TMO_I32 },
		[7] = { "INT64", TMO_I64 }, [9] = { "BOOL", TMO_BOOL }, [10] = { "FLOAT16", TMO_F16 },
		[11] = { "DOUBLE", TMO_F64 }, [12] = { "UINT32", TMO_U32 }, [13] = { "UINT64", TMO_U64 },
		[16] = { "BFLOAT16", TMO_BF16 }, [17] = { "FLOAT8E4M3FN", TMO_F8E4M3 },
		[19] = { "FLOAT8E5M2", TMO_F8E5M2 },
	};
	const int64_t rows = (int64_t)(sizeof(row) / sizeof(row[0]));
	const struct tmo_attribute *const a = tmo_node_attribute(node, name);

	if (a == NULL)
		return otherwise;
	if (a->kind == TMO_ATTRIBUTE_INT)
		return a->number > 0 && a->number < rows ? row[a->number].type : TMO_NONE;
	for (int64_t i = 1; a->kind == TMO_ATTRIBUTE_TEXT && i < rows; i++)
		if (row[i].name != NULL && strcmp(row[i].name, a->text) == 0)
			return row[i].type;
	return TMO_NONE;
}
