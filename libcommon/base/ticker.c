/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/ticker.h"

struct tmo_ticker {
	pthread_t thread;
	pthread_mutex_t lock;	/* of the end */
	pthread_cond_t ends;
	bool ended;
	double seconds;
	void (*tick)(void *arg);
	void *arg;
};

static struct timespec
from_now(double seconds)
{
	struct timespec t;
	long more = (long)(seconds * 1e9);

	clock_gettime(CLOCK_REALTIME, &t);
	more += t.tv_nsec;
	t.tv_sec += more / 1000000000;
	t.tv_nsec = more % 1000000000;
	return t;
}

static void *
tick_on(void *data)
{
	struct tmo_ticker *const t = data;

	pthread_mutex_lock(&t->lock);
	while (!t->ended) {
		const struct timespec next = from_now(t->seconds);

		if (pthread_cond_timedwait(&t->ends, &t->lock, &next) == 0)
			continue;
		pthread_mutex_unlock(&t->lock);
		t->tick(t->arg);
		pthread_mutex_lock(&t->lock);
	}
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

struct tmo_ticker *
tmo_ticker_start(double seconds, void (*tick)(void *arg), void *arg)
{
	struct tmo_error ignored = {0};
	struct tmo_ticker *t = tmo_alloc(1, sizeof(*t), &ignored);
	sigset_t all, before;
	int status;

	if (t == NULL)
		return NULL;
	t->seconds = seconds;
	t->tick = tick;
	t->arg = arg;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->ends, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	status = pthread_create(&t->thread, NULL, tick_on, t);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (status == 0)
		return t;
	pthread_cond_destroy(&t->ends);
	pthread_mutex_destroy(&t->lock);
	free(t);
	return NULL;
}

void
tmo_ticker_stop(struct tmo_ticker *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->ended = true;
	pthread_cond_signal(&t->ends);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->ends);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
