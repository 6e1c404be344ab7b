/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads are started for one loop and joined at its end: some 20 microseconds, which a loop that
 * is worth sharing does not notice, and nothing is left running across a fork. The chunks are
 * handed out by an atomic counter, so that a slow one holds nobody up.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "tmo.h"

struct work {
	atomic_size_t next;
	size_t n;
	void (*fn)(void *arg, size_t i);
	void *arg;
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

void
tmo_parallel_for(int threads, size_t n, void (*fn)(void *arg, size_t i), void *arg)
{
	pthread_t helper[TMO_THREADS_MAX];
	struct work w = {.n = n, .fn = fn, .arg = arg};
	int started = 0;

	if (threads > TMO_THREADS_MAX)
		threads = TMO_THREADS_MAX;
	if (threads > 1 && (size_t)threads > n)
		threads = (int)n;
	atomic_init(&w.next, 0);
	/* A thread that cannot be had is no failure: the others do its share. */
	while (started < threads - 1 &&
	       pthread_create(&helper[started], NULL, work_through, &w) == 0)
		started++;
	work_through(&w);
	while (started > 0)
		pthread_join(helper[--started], NULL);
}
