/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A task is claimed by lowering a counter, so that a slow thread holds nobody up, and one that wakes
 * late finds nothing to claim and is waited for by nobody. The counter holds the number of the round too:
 * a thread that was interrupted between looking and claiming would otherwise take a task of the round
 * after, with the function of the round before.
 */
#include <assert.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/team.h"

/* How often a thread looks before it sleeps: some 30 microseconds, about what waking it costs. */
enum { LOOKS = 1000, CACHE_LINE = 64 };

struct member {
	struct tmo_team *team;
	int worker;
	pthread_t thread;
};

struct tmo_team {
	/* In cache lines of their own, since all threads write them. */
	atomic_uint_fast64_t claims;	/* round << 32 | tasks that nobody has claimed */
	char apart[CACHE_LINE];
	atomic_size_t unfinished;	/* tasks of this round */
	char apart_too[CACHE_LINE];

	/* Of this round; read only by whoever has claimed a task of it. */
	void (*function)(void *context, size_t task, int worker);
	void *context;
	size_t tasks;

	pthread_mutex_t lock;
	pthread_cond_t work, done;
	atomic_int sleepers;		/* on work */
	atomic_bool caller_sleeps;	/* on done */
	atomic_bool stopping;
	int size;
	struct member members[];	/* size - 1 */
};

static inline void
relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static bool
has_work(struct tmo_team *team)
{
	return (uint32_t)atomic_load(&team->claims) != 0;
}

/* Does tasks until none is left to claim. */
static void
take_tasks(struct tmo_team *team, int worker)
{
	uint_fast64_t claims = atomic_load(&team->claims);

	while ((uint32_t)claims != 0) {
		if (!atomic_compare_exchange_weak(&team->claims, &claims, claims - 1))
			continue;
		team->function(team->context, team->tasks - (uint32_t)claims, worker);
		if (atomic_fetch_sub(&team->unfinished, 1) == 1 && atomic_load(&team->caller_sleeps)) {
			pthread_mutex_lock(&team->lock);
			pthread_cond_signal(&team->done);
			pthread_mutex_unlock(&team->lock);
		}
		claims = atomic_load(&team->claims);
	}
}

static void
wait_for_work(struct tmo_team *team)
{
	for (int i = 0; i < LOOKS; i++) {
		if (has_work(team) || atomic_load(&team->stopping))
			return;
		relax();
	}
	pthread_mutex_lock(&team->lock);
	/* Before it looks: whoever brings work after that look sees a sleeper. */
	atomic_fetch_add(&team->sleepers, 1);
	while (!has_work(team) && !atomic_load(&team->stopping))
		pthread_cond_wait(&team->work, &team->lock);
	atomic_fetch_sub(&team->sleepers, 1);
	pthread_mutex_unlock(&team->lock);
}

static void *
work(void *data)
{
	struct member *const m = data;

	while (!atomic_load(&m->team->stopping)) {
		take_tasks(m->team, m->worker);
		wait_for_work(m->team);
	}
	return NULL;
}

static void
wake(struct tmo_team *team)
{
	if (atomic_load(&team->sleepers) == 0)
		return;
	pthread_mutex_lock(&team->lock);
	pthread_cond_broadcast(&team->work);
	pthread_mutex_unlock(&team->lock);
}

static void
wait_until_done(struct tmo_team *team)
{
	for (int i = 0; i < LOOKS; i++) {
		if (atomic_load(&team->unfinished) == 0)
			return;
		relax();
	}
	pthread_mutex_lock(&team->lock);
	atomic_store(&team->caller_sleeps, true);
	while (atomic_load(&team->unfinished) != 0)
		pthread_cond_wait(&team->done, &team->lock);
	atomic_store(&team->caller_sleeps, false);
	pthread_mutex_unlock(&team->lock);
}

void
tmo_team_run(struct tmo_team *team, size_t tasks,
             void (*function)(void *context, size_t task, int worker), void *context)
{
	const uint_fast64_t round = (atomic_load(&team->claims) >> 32) + 1;

	assert(tasks <= UINT32_MAX);
	if (team->size == 1 || tasks <= 1) {
		for (size_t task = 0; task < tasks; task++)
			function(context, task, 0);
		return;
	}
	team->function = function;
	team->context = context;
	team->tasks = tasks;
	atomic_store(&team->unfinished, tasks);
	atomic_store(&team->claims, round << 32 | tasks);
	wake(team);
	take_tasks(team, 0);
	wait_until_done(team);
}

struct tmo_team *
tmo_team_start(int threads, struct tmo_error *err)
{
	const size_t others = (size_t)(threads < TMO_THREADS_MAX ? threads : TMO_THREADS_MAX) - 1;
	struct tmo_team *const team = tmo_alloc(1, sizeof(*team) + others * sizeof(struct member), err);
	sigset_t all, before;

	if (team == NULL)
		return NULL;
	atomic_init(&team->claims, 0);
	atomic_init(&team->unfinished, 0);
	atomic_init(&team->sleepers, 0);
	atomic_init(&team->caller_sleeps, false);
	atomic_init(&team->stopping, false);
	pthread_mutex_init(&team->lock, NULL);
	pthread_cond_init(&team->work, NULL);
	pthread_cond_init(&team->done, NULL);
	team->size = 1;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);	/* signals are for whoever started the team */
	for (size_t i = 0; i < others; i++) {
		struct member *const m = &team->members[i];

		*m = (struct member){.team = team, .worker = (int)i + 1};
		if (pthread_create(&m->thread, NULL, work, m) != 0)
			break;
		team->size++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return team;
}

void
tmo_team_stop(struct tmo_team *team)
{
	if (team == NULL)
		return;
	pthread_mutex_lock(&team->lock);
	atomic_store(&team->stopping, true);
	pthread_cond_broadcast(&team->work);
	pthread_mutex_unlock(&team->lock);
	for (int i = 0; i < team->size - 1; i++)
		pthread_join(team->members[i].thread, NULL);
	pthread_cond_destroy(&team->done);
	pthread_cond_destroy(&team->work);
	pthread_mutex_destroy(&team->lock);
	free(team);
}

int
tmo_team_size(const struct tmo_team *team)
{
	return team->size;
}
