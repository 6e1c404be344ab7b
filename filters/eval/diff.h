/* SPDX-License-Identifier: Apache-2.0 */
/* diff.h: what became of a tensor of the reference. */
#ifndef EVAL_DIFF_H
#define EVAL_DIFF_H

#include "tmo.h"

enum change {
	SAME,			/* the same values, and the same encoding of them */
	REENCODED,		/* the same values */
	CHANGED,
	ADDED,
	CHANGES
};
extern const char *const eval_change_names[CHANGES];		/* "same", "re-encoded", … */

/* "plain", "cast f16", "affine 8 bits, 64 scales": for people. */
#define FORM_MAX 96
/* plain, cast, affine, codebook or codebook+affine. */
const char *eval_encoding_name(const struct tmo_tensor *t);
void eval_form_text(const struct tmo_tensor *t, char *text);

/* Whether two tensors of one shape are encoded alike: the same parts with the same bytes. */
bool eval_same_form(const struct tmo_tensor *a, const struct tmo_tensor *b);

#endif
