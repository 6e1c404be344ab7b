/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>

#define FIRST_AFTER 0.5		/* seconds */
#define EVERY 0.1
#define BAR 30			/* characters */

static double
seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

void
tmo_progress_start(struct tmo_progress *p, bool on, uint64_t total)
{
	*p = (struct tmo_progress){.on = on, .total = total};
	if (on && clock_gettime(CLOCK_MONOTONIC, &p->start) != 0)
		p->on = false;
}

bool
tmo_progress_step(struct tmo_progress *p, const char *program, uint64_t done, char *text,
                  size_t size)
{
	static const char full[] = "##############################";
	struct timespec now;

	if (!p->on || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return false;
	if (seconds_between(&p->start, &now) < FIRST_AFTER
	    || (p->shown && seconds_between(&p->last, &now) < EVERY))
		return false;
	p->last = now;
	p->shown = true;
	if (p->total == 0) {
		snprintf(text, size, "\r%s: %.1f MB", program, (double)done / 1e6);
		return true;
	}
	const double part = done < p->total ? (double)done / (double)p->total : 1;
	const int marks = (int)(part * BAR);

	snprintf(text, size, "\r%s: %3d%% [%.*s%*s] %.1f of %.1f MB", program, (int)(part * 100),
	         marks, full, BAR - marks, "", (double)done / 1e6, (double)p->total / 1e6);
	return true;
}
