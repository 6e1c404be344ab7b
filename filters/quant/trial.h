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
	struct tmo_tensor original;	/* if measurable: that other encoding */
	struct tmo_array codebook;	/* if shared: a copy of the codebook */
};

/*
 * Gets t, plain or encoded, ready for the plan: where it shares values they stay, all else is decoded.
 * Only with `measurable` its values can be measured against, and what was decoded come back.
 */
int quant_trial_begin(struct tmo_tensor *t, const struct plan *plan, bool measurable, int threads,
                      struct trial *trial, struct tmo_error *err);

/* Encodes t by the plan; its values, where it has them, stay as they were. */
int quant_trial_encode(struct tmo_tensor *t, const struct plan *plan, int threads,
                       struct tmo_error *err);

/* Whether t, encoded, has a signal-to-noise ratio of db decibels or more against its values. */
int quant_trial_measure(struct tmo_tensor *t, double db, bool *enough, int threads,
                        struct tmo_error *err);

/* Of a codebook that is encoded: whether its values can still be told apart (apart.h). */
int quant_trial_apart(const struct tmo_tensor *t, const struct trial *trial, bool *apart,
                      struct tmo_error *err);

/* And whether it takes, with its scales, more room than before. */
bool quant_trial_is_larger(const struct tmo_tensor *t, const struct trial *trial);

/* Makes t what quant_trial_begin left, or, with `back`, what came. */
int quant_trial_undo(struct tmo_tensor *t, struct trial *trial, bool back, struct tmo_error *err);

void quant_trial_free(struct trial *trial);

#endif
