/* SPDX-License-Identifier: Apache-2.0 */
/* parallel.c: loops that several threads share, with calls that fail. */
#include <stdatomic.h>
#include <string.h>

#include "base/parallel.h"
#include "tests/unit/check.h"

#define N 1000

struct job {
	atomic_int calls[N];
	size_t first, step;	/* i = first, first + step, … fail */
};

static int
call(void *arg, size_t i, struct tmo_error *err)
{
	struct job *const j = arg;

	atomic_fetch_add(&j->calls[i], 1);
	if (i < j->first || (i - j->first) % j->step != 0)
		return 0;
	/* The lowest takes longest, so that others fail before it. */
	for (volatile int wait = 0; i == j->first && wait < 1000000; wait++)
		;
	tmo_fail(err, "%zu failed", i);
	return tmo_fail_at(err, i == j->first ? "the first" : "another");
}

static void
try(int threads, size_t n, size_t first)
{
	static struct job j;
	struct tmo_error err = {0};
	char wanted[64];
	int status;

	memset(&j, 0, sizeof(j));
	j.first = first;
	j.step = 3;
	status = tmo_parallel_try(threads, n, call, &j, &err);
	for (size_t i = 0; i < N; i++) {
		const int calls = atomic_load(&j.calls[i]);

		CHECK(calls <= 1 && (calls == 1 || i >= n || i > first), "%zu of %zu, %d threads: %d calls",
		      i, n, threads, calls);
		CHECK(i < n || calls == 0, "%zu of %zu is called", i, n);
	}
	if (first >= n) {
		CHECK(status == 0 && err.kind == TMO_ERROR_NONE, "%zu: %s", n, err.text);
		return;
	}
	snprintf(wanted, sizeof(wanted), "%zu failed", first);
	CHECK(status == -1 && strcmp(err.text, wanted) == 0 && strcmp(err.where, "the first") == 0,
	      "%d threads: \"%s\" at \"%s\", not \"%s\"", threads, err.text, err.where, wanted);
}

int
main(void)
{
	for (int threads = 1; threads < 8; threads++) {
		try(threads, 0, N);
		try(threads, N, N);
		try(threads, 1, 0);
		for (size_t first = 0; first < N; first += 37)
			try(threads, N, first);
	}
	return check_status();
}
