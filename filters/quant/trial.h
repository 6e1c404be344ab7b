/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h: an encoding that can be taken back, where it loses too much. */
#ifndef QUANT_TRIAL_H
#define QUANT_TRIAL_H

#include "quant_options.h"

/* Start with {0}; free with quant_trial_free. */
struct trial {
	bool shared;			/* the codebook is encoded, codes stay */
	bool decoded;			/* what was encoded in another way is plain now */
	struct tmo_tensor original;	/* its encoding, if that is to be restored */
	struct tmo_array codebook;	/* a copy, likewise */
};

/*
 * Gets t, plain or encoded, ready for codes: a codebook may stay if keeps_codebook, all else is
 * decoded. With `restorable` quant_trial_undo works and the values are there to be compared with.
 */
int quant_trial_begin(struct tmo_run *run, struct tmo_tensor *t, bool keeps_codebook,
                      bool restorable, struct trial *trial, struct tmo_error *err);

/* Encodes t by the plan. */
int quant_trial_encode(struct tmo_run *run, struct tmo_tensor *t, const struct plan *plan,
                       struct tmo_error *err);

/* Whether t, encoded, is within db decibels of its values; it keeps both. */
int quant_trial_measure(struct tmo_run *run, struct tmo_tensor *t, double db, bool *enough,
                        struct tmo_error *err);

/* t as quant_trial_begin left it, or, with `back`, as it came. */
int quant_trial_undo(struct tmo_tensor *t, struct trial *trial, bool back, struct tmo_error *err);

void quant_trial_free(struct trial *trial);

#endif
