/* SPDX-License-Identifier: Apache-2.0 */
/*
 * equation.h: how the axes of an operator's inputs and of its result belong together, written as for
 * Einsum: "mk,kn->mn" is a product of two matrices. A letter names an index: an axis that is in a
 * weight and in the result, but in no other input, makes results of their own (output); in a weight
 * and another input, but not in the result, it is summed over (input); in all three it is neither
 * (own); in the weight alone it is summed with the input (within).
 *
 * Beyond Einsum's own: "s*" stands for any number of axes; "(go)" is one axis that two indices make,
 * the outer one first. "..." is what it is in Einsum.
 */
#ifndef TMO_EQUATION_H
#define TMO_EQUATION_H

#include "tmo.h"

#define TMO_EQUATION_TERMS_MAX 8	/* operands, and the result */
#define TMO_EQUATION_AXES_MAX 16	/* of one of them, as written */
#define TMO_EQUATION_INDICES_MAX 2	/* of one axis */

struct tmo_equation_axis {
	int count;
	char index[TMO_EQUATION_INDICES_MAX];	/* letters; '.' for "..." */
	bool any;				/* any number of axes */
};

struct tmo_equation {
	int operand_count;
	struct tmo_equation_term {
		int count;
		struct tmo_equation_axis axis[TMO_EQUATION_AXES_MAX];
	} term[TMO_EQUATION_TERMS_MAX];		/* the operands, then the result */
};

/*
 * Parses text, of a row of the table or of an Einsum. Without "->" the result has, as Einsum says,
 * "..." and then the letters that occur once, by the alphabet. false: it makes no sense, or is too long.
 */
bool tmo_equation_parse(const char *text, struct tmo_equation *out);

/* Swaps the last two axes of an operand: what transA and transB do. */
void tmo_equation_transpose(struct tmo_equation *e, int operand);

/* What the index is to the operand. */
enum tmo_role tmo_equation_role(const struct tmo_equation *e, int operand, char index);

/* Which axis of the term axis number i of `rank` is; NULL: the term has not so many or needs more. */
const struct tmo_equation_axis *tmo_equation_axis_at(const struct tmo_equation *e, int term, int rank,
                                                     int i);

#endif
