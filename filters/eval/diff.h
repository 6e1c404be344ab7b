/* SPDX-License-Identifier: Apache-2.0 */
/* diff.h: what became of a tensor of the reference. */
#ifndef EVAL_DIFF_H
#define EVAL_DIFF_H

#include "tmo.h"

enum change {
	SAME,			/* the same values, and the same encoding of them */
	REENCODED,		/* the same values, encoded in another way */
	CHANGED,		/* other values */
	ADDED,			/* the reference has no such tensor */
	CHANGES
};
extern const char *const eval_change_names[CHANGES];		/* "same", "re-encoded", … */

/* Whether two tensors of one shape are encoded alike: the same parts with the same bytes. */
bool eval_same_form(const struct tmo_tensor *a, const struct tmo_tensor *b);

#endif
