/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operators.h: what is known of operators: a row each. Whoever wants to know what an operator does to
 * a weight, or which operator over floats one over integers stands for, looks here and nowhere else.
 */
#ifndef TMO_OPERATORS_H
#define TMO_OPERATORS_H

#include "tmo.h"

struct tmo_version;
struct tmo_view_context;
struct tmo_view_draft;

/*
 * What input number `input` of the node looks like in the node's outputs: changes the draft, which
 * comes in as the input is (view.h). false: it does not pass.
 */
typedef bool tmo_view_fn(const struct tmo_view_context *context, size_t input,
                         struct tmo_view_draft *view);

#define TMO_OPERANDS_MAX 2
#define TMO_PRODUCTS_MAX 2
#define TMO_NO_INPUT (-1)

/* An operator over integers: what it is over floats, and which inputs say how numbers are coded. */
struct tmo_integer_operator {
	const char *becomes;		/* of ONNX's own domain; NULL: the codes become a weight */
	int codes;			/* the input that has the weight's codes */
	int y_scale, y_zero_point, bias;	/* inputs; TMO_NO_INPUT */
};

struct tmo_operator {
	const char *domain, *name;	/* domain "" is ai.onnx */

	/* The products that it adds up: how their axes belong together (equation.h), and which inputs
	 * are the operands. In "(go)" the size of g is the attribute `group`. */
	struct tmo_operator_product {
		const char *equation;	/* NULL: no more of them */
		unsigned char operand[TMO_OPERANDS_MAX];
	} product[TMO_PRODUCTS_MAX];
	const char *transposed[TMO_OPERANDS_MAX];	/* attributes that swap an operand's last axes */
	unsigned weights;		/* bit i: input i is a weight, if it is a constant */
	bool written;			/* the equation is the node's own attribute `equation` */
	bool is_table;			/* input 0 is a table, if it is one of floats: rows along the
					   attribute `axis` are picked out of it */

	/* What passes through: input 0, or any input, into output 0, or all outputs. */
	tmo_view_fn *view;
	bool any_input, all_outputs;
	bool reforms;			/* the result is input 0 in another form, element by element */

	const struct tmo_integer_operator *integer;	/* NULL: it is none over integers */

	/* How it is computed: the newest operator set first, ended by {0}; NULL: it cannot be yet. */
	const struct tmo_version *version;
};

/* The operator's row; NULL: the table has none. The domain may be "" or "ai.onnx". */
const struct tmo_operator *tmo_operator_find(const char *domain, const char *name);

/*
 * Which of so many axes of a constant input is that of its outputs, if they are an axis of their own;
 * -1: none is. transposed: the node swaps the input's last axes.
 */
int tmo_operator_output_axis(const struct tmo_operator *o, int input, int rank, bool transposed);

#endif
