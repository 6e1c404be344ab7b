/* SPDX-License-Identifier: Apache-2.0 */
/* execute.h: runs a plan. */
#ifndef TMO_EXECUTE_H
#define TMO_EXECUTE_H

#include "base/team.h"
#include "net/plan.h"

/* The memory of one run at a time; several may run a plan at once, each with its own. */
struct tmo_frame;
struct tmo_frame *tmo_frame_new(const struct tmo_plan *plan, struct tmo_error *err);
void tmo_frame_free(struct tmo_frame *frame);		/* NULL is fine */

/*
 * Computes the outputs from the inputs, one array for each of the plan's, of its types and shapes; they are
 * only read. team: shares each step, as the plan was made for; NULL: the caller alone. The bytes that
 * come out depend on neither.
 */
int tmo_frame_run(struct tmo_frame *frame, struct tmo_team *team, const struct tmo_array *input,
                  struct tmo_error *err);
/* The plan's output number i, until the next run. */
const struct tmo_array *tmo_frame_output(const struct tmo_frame *frame, size_t i);

#endif
