/* SPDX-License-Identifier: Apache-2.0 */
/* team.c: each task once, in any number of rounds, whoever wakes late. */
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "base/team.h"
#include "tests/unit/check.h"

#define TASKS 1000

struct job {
	atomic_int calls[TASKS];
	size_t round;			/* what each task must see: written before the run, not atomic */
	size_t seen[TASKS];
	size_t slow;			/* this task sleeps */
	atomic_int workers[8];
};

static void
wait_for(long microseconds)
{
	const struct timespec t = {.tv_nsec = 1000 * microseconds};

	nanosleep(&t, NULL);
}

static void
task(void *context, size_t i, int worker)
{
	struct job *const j = context;

	atomic_fetch_add(&j->calls[i], 1);
	atomic_fetch_add(&j->workers[worker], 1);
	j->seen[i] = j->round;
	if (i == j->slow)
		wait_for(1000);
}

static void
round_of(struct tmo_team *team, struct job *j, size_t tasks)
{
	j->round++;
	memset(j->calls, 0, sizeof(j->calls));
	tmo_team_run(team, tasks, task, j);
	for (size_t i = 0; i < TASKS; i++)
		CHECK(atomic_load(&j->calls[i]) == (i < tasks), "task %zu of %zu: %d calls", i, tasks,
		      atomic_load(&j->calls[i]));
	for (size_t i = 0; i < tasks; i++)
		CHECK(j->seen[i] == j->round, "task %zu saw round %zu, not %zu", i, j->seen[i], j->round);
}

static void
try(int threads)
{
	struct tmo_error err = {0};
	struct tmo_team *const team = tmo_team_start(threads, &err);
	static struct job j;
	int calls = 0;

	CHECK(team != NULL && tmo_team_size(team) == threads, "no team of %d: %s", threads, err.text);
	if (team == NULL)
		return;
	memset(&j, 0, sizeof(j));
	j.slow = TASKS;
	/* So small that many threads wake when all is done; of changing size, so that a claim of the
	 * wrong round shows. */
	for (size_t i = 0; i < 3000; i++)
		round_of(team, &j, i % 7);
	round_of(team, &j, TASKS);
	/* Threads that sleep between the rounds, a caller that sleeps for the last task. */
	for (size_t i = 0; i < 20; i++) {
		if (i % 2 == 0)
			wait_for(2000);
		j.slow = i % 3;
		round_of(team, &j, 1 + i % 4);
	}
	for (int i = 0; i < 8; i++) {
		calls += atomic_load(&j.workers[i]);
		CHECK(i < threads || atomic_load(&j.workers[i]) == 0, "%d threads: worker %d", threads, i);
	}
	CHECK(calls > TASKS, "%d calls", calls);
	tmo_team_stop(team);
}

int
main(void)
{
	for (int threads = 1; threads <= 8; threads++)
		try(threads);
	tmo_team_stop(NULL);
	return check_status();
}
