/* SPDX-License-Identifier: Apache-2.0 */
/* require.h: `--require 'sqnr_db>=30'`, which makes tmo-eval fail: a gate for make. */
#ifndef EVAL_REQUIRE_H
#define EVAL_REQUIRE_H

#include "report.h"

/*
 * Checks the texts KEY>=X before anything is read: failures are wrong usage. A key may want a reference,
 * or a pattern to check for.
 */
int eval_requirements_check(const struct tmo_list *list, bool has_reference, bool has_pattern,
                            struct tmo_error *err);
/* Fails if the total does not meet all of them; the message says of each what it is. */
int eval_requirements_meet(const struct tmo_list *list, const struct report *r,
                           struct tmo_error *err);

#endif
