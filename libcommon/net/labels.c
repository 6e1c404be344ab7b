/* SPDX-License-Identifier: Apache-2.0 */
#include "net/labels.h"

#include "net/equation.h"
#include "net/strided.h"

#define ELLIPSIS 256			/* the name of the last axis of "..."; the one before it is 257, … */

static int
label_named(struct tmo_labels *e, int name)
{
	for (int i = 0; i < e->count; i++)
		if (e->label[i].name == name)
			return i;
	return -1;
}

/* The axis of operand t, of so many elements `step` apart, is one of that name. */
static int
add_axis(struct tmo_labels *e, int t, int name, size_t size, ptrdiff_t step, struct tmo_error *err)
{
	int i = label_named(e, name);
	struct tmo_label *label;

	if (i < 0) {
		if (e->count == TMO_LABELS_MAX)
			return tmo_fail_unsupported(err, "an equation of more than %d axes", TMO_LABELS_MAX);
		i = e->count++;
		e->label[i] = (struct tmo_label){.name = name, .size = 1};
	}
	label = &e->label[i];
	if (label->size == 1)
		label->size = size;
	else if (size != 1 && size != label->size)
		return tmo_fail(err, "axes of %zu and %zu have one letter; give data of the shapes that the network wants",
		                label->size, size);
	label->is_in[t] = true;
	label->step[t] += size == 1 ? 0 : step;
	return 0;
}

/* How many axes "..." stands for in a term of so many axes; -1: it does not go with them. */
static int
ellipsis_of(const struct tmo_equation_term *term, int rank)
{
	int anys = 0;

	for (int i = 0; i < term->count; i++) {
		if (term->axis[i].count != 1 || (term->axis[i].any && term->axis[i].index[0] != '.'))
			return -1;
		anys += term->axis[i].any;
	}
	if (anys > 1 || rank < term->count - anys || (anys == 0 && rank > term->count))
		return -1;
	return rank - (term->count - anys);
}

static int
read_operand(struct tmo_labels *e, const struct tmo_equation *equation, int t, const struct tmo_fact *x,
             struct tmo_error *err)
{
	const struct tmo_equation_term *const term = &equation->term[t];
	const int extra = ellipsis_of(term, x->rank);
	ptrdiff_t step[TMO_RANK_MAX];
	int axis = 0;

	if (extra < 0)
		return tmo_fail(err, "input %d of rank %d does not go with the equation; the model is damaged", t, x->rank);
	tmo_strided_steps(x->rank, x->shape, step);
	for (int i = 0; i < term->count; i++) {
		const int count = term->axis[i].any ? extra : 1;

		for (int k = count; k-- > 0; axis++)
			if (add_axis(e, t, term->axis[i].any ? ELLIPSIS + k : term->axis[i].index[0], x->shape[axis], step[axis],
			             err) < 0)
				return -1;
	}
	return 0;
}

static int
add_result(struct tmo_labels *e, int name, struct tmo_error *err)
{
	const int i = label_named(e, name);

	if (i < 0 || e->label[i].in_result || e->rank == TMO_RANK_MAX)
		return tmo_fail(err, "a result of more axes than the inputs have; the model is damaged");
	e->label[i].in_result = true;
	e->result[e->rank++] = i;
	return 0;
}

static int
read_result(struct tmo_labels *e, const struct tmo_equation_term *term, struct tmo_error *err)
{
	for (int i = 0; i < term->count; i++) {
		const struct tmo_equation_axis *const axis = &term->axis[i];

		if (axis->count != 1 || (axis->any && axis->index[0] != '.'))
			return tmo_fail(err, "an equation that makes no sense; the model is damaged");
		if (!axis->any && add_result(e, axis->index[0], err) < 0)
			return -1;
		for (int k = TMO_RANK_MAX; axis->any && k-- > 0;)
			if (label_named(e, ELLIPSIS + k) >= 0 && add_result(e, ELLIPSIS + k, err) < 0)
				return -1;
	}
	return 0;
}

int
tmo_labels_read(const struct tmo_step *step, struct tmo_labels *e, struct tmo_error *err)
{
	struct tmo_equation equation;

	*e = (struct tmo_labels){0};
	if (tmo_step_expect(step, step->input_count, err) < 0)
		return -1;
	if (!tmo_equation_parse(tmo_node_text(step->node, "equation", ""), &equation) ||
	    equation.operand_count > TMO_LABELS_OPERANDS || (size_t)equation.operand_count != step->input_count)
		return tmo_fail_unsupported(err, "the equation \"%.100s\" of %zu inputs",
		                            tmo_node_text(step->node, "equation", ""), step->input_count);
	e->operands = equation.operand_count;
	for (int t = 0; t < e->operands; t++)
		if (step->input[t].type != step->input[0].type || step->input[t].type == TMO_BOOL)
			return tmo_fail(err, "inputs of several types, or of truth values; the model is damaged");
		else if (read_operand(e, &equation, t, &step->input[t], err) < 0)
			return -1;
	if (read_result(e, &equation.term[e->operands], err) < 0)
		return -1;
	return e->count - e->rank <= TMO_RANK_MAX ? 0 :
	       tmo_fail_unsupported(err, "a sum over %d axes", e->count - e->rank);
}
