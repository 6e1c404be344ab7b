/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FIRST_AFTER 0.5		/* seconds */
#define EVERY 0.1
#define BAR 16			/* characters */

static double
seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + 1e-9 * (double)(to->tv_nsec - from->tv_nsec);
}

void
tmo_progress_start(struct tmo_progress *p, bool on, int report)
{
	const struct tmo_amount known = p->amount;

	*p = (struct tmo_progress){.on = on || report >= 0, .report = report, .amount = known};
	if (p->on && clock_gettime(CLOCK_MONOTONIC, &p->start) != 0)
		p->on = false;
	p->last = p->start;
}

/* How much of the whole is done, 0 to 1; below 0 if the whole is unknown. */
static double
part_done(const struct tmo_amount *a)
{
	double part = -1;

	if (a->bytes_total > 0)
		part = (double)a->bytes / (double)a->bytes_total;
	else if (a->tensors_total > 0)
		part = (double)a->tensors / (double)a->tensors_total;
	return part > 1 ? 1 : part;
}

/* Appends a piece of the line if there is room for all of it. */
static void
append(char *text, size_t size, const char *piece)
{
	const size_t used = strlen(text), more = strlen(piece);

	if (used + more < size)
		memcpy(text + used, piece, more + 1);
}

void
tmo_progress_text(const struct tmo_amount *a, double seconds, size_t width, char *text, size_t size)
{
	static const char full[] = "################";
	const double part = part_done(a), rate = seconds > 0 ? (double)a->bytes / seconds : 0;
	char piece[64];

	if (width + 1 < size)
		size = width + 1;
	text[0] = '\0';
	if (part >= 0) {
		const int marks = (int)(part * BAR);

		snprintf(piece, sizeof(piece), "%3d%% [%.*s%*s] ", (int)(part * 100), marks, full,
		         BAR - marks, "");
		append(text, size, piece);
	}
	if (a->bytes_total > 0)
		snprintf(piece, sizeof(piece), "%.1f of %.1f MB", (double)a->bytes / 1e6,
		         (double)a->bytes_total / 1e6);
	else
		snprintf(piece, sizeof(piece), "%.1f MB", (double)a->bytes / 1e6);
	append(text, size, piece);
	snprintf(piece, sizeof(piece), ", %.0f MB/s", rate / 1e6);
	append(text, size, piece);
	if (a->tensors_total > 0)
		snprintf(piece, sizeof(piece), ", %" PRIu64 " of %" PRIu64 " tensors", a->tensors,
		         a->tensors_total);
	else
		snprintf(piece, sizeof(piece), ", %" PRIu64 " tensors", a->tensors);
	append(text, size, piece);
	if (part > 0.01) {
		snprintf(piece, sizeof(piece), ", %.0f s left", seconds * (1 - part) / part);
		append(text, size, piece);
	}
}

bool
tmo_progress_step(struct tmo_progress *p, const char *program, char *text)
{
	struct timespec now;
	size_t used;

	if (!p->on || clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return false;
	if (seconds_between(&p->last, &now) < EVERY ||
	    (p->report < 0 && seconds_between(&p->start, &now) < FIRST_AFTER))
		return false;
	p->last = now;
	p->shown = p->report < 0;
	if (p->report >= 0) {
		snprintf(text, TMO_PROGRESS_TEXT, "%ld %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		         (long)getpid(), p->amount.bytes, p->amount.bytes_total, p->amount.tensors,
		         p->amount.tensors_total);
		return true;
	}
	used = (size_t)snprintf(text, TMO_PROGRESS_TEXT, "\r%.20s: ", program);
	tmo_progress_text(&p->amount, seconds_between(&p->start, &now), 79 - used, text + used,
	                  TMO_PROGRESS_TEXT - used - 4);
	append(text, TMO_PROGRESS_TEXT, "\033[K");
	return true;
}

bool
tmo_progress_parse(const char *line, long *pid, struct tmo_amount *a)
{
	return sscanf(line, "%ld %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, pid, &a->bytes,
	              &a->bytes_total, &a->tensors, &a->tensors_total) == 5;
}
