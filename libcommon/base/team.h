/* SPDX-License-Identifier: Apache-2.0 */
/*
 * team.h: threads that stay from one piece of work to the next. tmo_parallel_for starts its threads for
 * each loop, which a network of a hundred steps of 50 microseconds each would notice.
 */
#ifndef TMO_TEAM_H
#define TMO_TEAM_H

#include "tmo.h"

struct tmo_team;

/*
 * A team of that many threads, of 1 … TMO_THREADS_MAX; whoever calls tmo_team_run is one of them. If the
 * system refuses a thread, the team is smaller. NULL without memory. It does not survive a fork. To be
 * ended with tmo_team_stop.
 */
struct tmo_team *tmo_team_start(int threads, struct tmo_error *err);
void tmo_team_stop(struct tmo_team *team);	/* NULL is fine */
int tmo_team_size(const struct tmo_team *team);

/*
 * function(context, task, worker) for each task of 0 … tasks - 1, at most UINT32_MAX of them, each once
 * and begun in that order; worker is the thread's number, 0 the caller's, so that each has memory of its own.
 * Returns when all are done; what they wrote can be read then. One run at a time, and none from within
 * a task. Which worker does what changes from run to run: no byte may depend on it.
 */
void tmo_team_run(struct tmo_team *team, size_t tasks,
                  void (*function)(void *context, size_t task, int worker), void *context);

#endif
