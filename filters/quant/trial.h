/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h: an encoding that can be taken back, where it loses too much. */
#ifndef QUANT_TRIAL_H
#define QUANT_TRIAL_H

#include "quant_options.h"

/* Start with {0}; free with attempt_free. */
struct attempt {
	bool shared;			/* the codebook is encoded, codes stay */
	bool decoded;			/* what was encoded in another way is plain now */
	struct tmo_tensor original;	/* its encoding, if that is to be restored */
	struct tmo_array codebook;	/* a copy, likewise */
};

/*
 * Gets t, plain or encoded, ready for codes: a codebook may stay if keeps_codebook, all else is
 * decoded. With `restorable` attempt_undo works and the values are there to be compared with.
 */
int attempt_begin(struct tmo_run *run, struct tmo_tensor *t, bool keeps_codebook, bool restorable,
                  struct attempt *a, struct tmo_error *err);

/* Encodes t by the plan. */
int attempt_encode(struct tmo_run *run, struct tmo_tensor *t, const struct plan *plan,
                   struct tmo_error *err);

/* Whether t, encoded, is within db decibels of its values; it keeps both. */
int attempt_judge(struct tmo_run *run, struct tmo_tensor *t, double db, bool *enough,
                  struct tmo_error *err);

/* t as attempt_begin left it, or, with `back`, as it came. */
int attempt_undo(struct tmo_tensor *t, struct attempt *a, bool back, struct tmo_error *err);

void attempt_free(struct attempt *a);

#endif
