/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads are started for one loop and joined at its end: some 20 microseconds, which a loop that
 * is worth sharing does not notice, and nothing is left running across a fork. The chunks are
 * handed out by an atomic counter, so that a slow one holds nobody up.
 */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/parallel.h"

struct work {
	atomic_size_t next;
	size_t n;
	void (*fn)(void *arg, size_t i);
	int (*try)(void *arg, size_t i, struct tmo_error *err);	/* or this one */
	void *arg;

	/* of try */
	atomic_bool failed;
	pthread_mutex_t lock;		/* of what follows */
	size_t lowest;			/* i of the error in *err; n: there is none */
	struct tmo_error *err;
};

static void *
work_through(void *data)
{
	struct work *w = data;

	for (;;) {
		const size_t i = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);

		if (i >= w->n)
			return NULL;
		w->fn(w->arg, i);
	}
}

/*
 * i are handed out upwards: when one fails, all below it are done or in hand, and the lowest that
 * fails is among them.
 */
static void *
try_through(void *data)
{
	struct work *w = data;

	while (!atomic_load_explicit(&w->failed, memory_order_relaxed)) {
		const size_t i = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);
		struct tmo_error err = {0};

		if (i >= w->n)
			break;
		if (w->try(w->arg, i, &err) == 0)
			continue;
		atomic_store_explicit(&w->failed, true, memory_order_relaxed);
		pthread_mutex_lock(&w->lock);
		if (i < w->lowest) {
			w->lowest = i;
			*w->err = err;
		}
		pthread_mutex_unlock(&w->lock);
	}
	return NULL;
}

static void
share(int threads, struct work *w, void *(*through)(void *work))
{
	pthread_t helper[TMO_THREADS_MAX];
	int started = 0;

	if (threads > TMO_THREADS_MAX)
		threads = TMO_THREADS_MAX;
	if (threads > 1 && (size_t)threads > w->n)
		threads = (int)w->n;
	atomic_init(&w->next, 0);
	/* A thread that cannot be had is no failure: the others do its share. */
	while (started < threads - 1 &&
	       pthread_create(&helper[started], NULL, through, w) == 0)
		started++;
	through(w);
	while (started > 0)
		pthread_join(helper[--started], NULL);
}

void
tmo_parallel_for(int threads, size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
	struct work w = {.n = n, .fn = fn, .arg = arg};

	assert(fn != NULL || n == 0);
	share(threads, &w, work_through);
}

int
tmo_parallel_try(int threads, size_t n, int (*fn)(void *arg, size_t i, struct tmo_error *err),
                 void *arg, struct tmo_error *err)
{
	struct work w = {.n = n, .try = fn, .arg = arg, .lowest = n, .err = err};

	atomic_init(&w.failed, false);
	pthread_mutex_init(&w.lock, NULL);
	share(threads, &w, try_through);
	pthread_mutex_destroy(&w.lock);
	return w.lowest < n ? -1 : 0;
}
