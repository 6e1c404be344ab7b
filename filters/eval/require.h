/* SPDX-License-Identifier: Apache-2.0 */
/* require.h: `--require 'sqnr_db>=30'`: a gate for make. */
#ifndef EVAL_REQUIRE_H
#define EVAL_REQUIRE_H

#include "report.h"

/* Checks the texts, before anything is read: failures are wrong usage. */
int eval_requirements_check(const struct tmo_list *list, bool has_reference, bool has_pattern,
                            struct tmo_error *err);
/* Fails if the total falls short of one, saying of each by how much. */
int eval_requirements_meet(const struct tmo_list *list, const struct report *r,
                           struct tmo_error *err);

#endif
