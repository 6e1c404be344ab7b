/* SPDX-License-Identifier: Apache-2.0 */
/* labels.h: the equation of an Einsum on inputs of known shapes: what each of its letters is. */
#ifndef TMO_LABELS_H
#define TMO_LABELS_H

#include "net/step.h"

#define TMO_LABELS_OPERANDS 7
#define TMO_LABELS_MAX (52 + TMO_RANK_MAX)	/* letters, and axes that "..." stands for */

struct tmo_labels {
	int operands, count, rank;	/* rank: of the result */
	struct tmo_label {
		int name;
		size_t size;
		ptrdiff_t step[TMO_LABELS_OPERANDS];	/* in each operand; 0: it has one element for all */
		bool is_in[TMO_LABELS_OPERANDS], in_result;
	} label[TMO_LABELS_MAX];	/* in the order in which the equation names them */
	int result[TMO_RANK_MAX];	/* labels, in the order of its axes */
};

/*
 * From the attribute `equation` and the inputs' facts. At most TMO_RANK_MAX labels are not in the result. Fails if
 * the equation makes no sense, or not with these inputs.
 */
int tmo_labels_read(const struct tmo_step *step, struct tmo_labels *labels, struct tmo_error *err);

#endif
