/* SPDX-License-Identifier: Apache-2.0 */
/* spare.h: units that stay whatever the others are worth: --keep-at-least. */
#ifndef PRUNE_SPARE_H
#define PRUNE_SPARE_H

#include "score.h"

/*
 * Marks the units of t that are spared: the best of them, so many as the share is, one at least; and of
 * each channel (each combination of output and own) that has a weight other than 0, the best unit that
 * has such a weight of it. Units of zeros are none of them, and where units are channels the share alone
 * counts. s->spared becomes their number, and their scores 0, so that the others are compared without
 * them. s was filled in by prune_score_tensor; nothing happens if the share is 0.
 */
int prune_spare(const struct prune *o, const struct tmo_pattern *p, const struct tmo_tensor *t,
                int threads, struct scored *s, struct tmo_error *err);

#endif
