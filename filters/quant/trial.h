/* SPDX-License-Identifier: Apache-2.0 */
/* trial.h: an encoding that can be taken back, where it loses too much. */
#ifndef QUANT_TRIAL_H
#define QUANT_TRIAL_H

#include "quant_options.h"

/*
 * What is known of a tensor before it was encoded. Start with {0}; the order of calls: begin, then encode
 * and measure, and undo before the next encode; free.
 */
struct trial {
	bool shared;			/* its codebook is encoded, codes stay */
	bool decoded;			/* it was encoded in another way, and is plain now */
	struct tmo_tensor original;	/* if restorable: that other encoding; */
	struct tmo_array codebook;	/* or a copy of the codebook */
};

/*
 * Gets t, plain or encoded, ready for codes: a codebook may stay if keeps_codebook, all else is decoded.
 * Only with `restorable` its values can be measured against, and the encoding be undone.
 */
int quant_trial_begin(struct tmo_tensor *t, bool keeps_codebook, bool restorable, int threads,
                      struct trial *trial, struct tmo_error *err);

/* Encodes t by the plan; its values, where it has them, stay as they were. */
int quant_trial_encode(struct tmo_tensor *t, const struct plan *plan, int threads,
                       struct tmo_error *err);

/* Whether t, encoded, has a signal-to-noise ratio of db decibels or more against its values. */
int quant_trial_measure(struct tmo_tensor *t, double db, bool *enough, int threads,
                        struct tmo_error *err);

/* Makes t what quant_trial_begin left, or, with `back`, what came. */
int quant_trial_undo(struct tmo_tensor *t, struct trial *trial, bool back, struct tmo_error *err);

void quant_trial_free(struct trial *trial);

#endif
