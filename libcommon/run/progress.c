/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "run/progress.h"

#define FIRST_AFTER 0.5		/* seconds */
#define EVERY 0.1
#define BAR 16			/* characters */

void
tmo_progress_start(struct tmo_progress *p, bool on, int report)
{
	const struct tmo_amount known = p->amount;

	*p = (struct tmo_progress){.on = on || report >= 0, .report = report, .amount = known};
	p->last = p->start = tmo_seconds();
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
static bool
append(char *text, size_t size, const char *piece)
{
	const size_t used = strlen(text), more = strlen(piece);

	if (used + more >= size)
		return false;
	memcpy(text + used, piece, more + 1);
	return true;
}

/* How much of how much, with a bar of so many characters before it. */
static bool
append_bytes(const struct tmo_amount *a, double part, bool totals, int bar, char *text, size_t size)
{
	static const char full[] = "################";
	char piece[128] = "";
	size_t n = 0;

	if (part >= 0)
		n = (size_t)snprintf(piece, sizeof(piece), "%3d%% ", (int)(part * 100));
	if (part >= 0 && bar > 0)
		n += (size_t)snprintf(piece + n, sizeof(piece) - n, "[%-*.*s] ", bar,
		                      (int)(part * bar),
		                      full);
	if (totals && a->bytes_total > 0)
		snprintf(piece + n, sizeof(piece) - n, "%.1f of %.1f MB", (double)a->bytes / 1e6,
		         (double)a->bytes_total / 1e6);
	else
		snprintf(piece + n, sizeof(piece) - n, "%.1f MB", (double)a->bytes / 1e6);
	return append(text, size, piece);
}

/* Returns whether there was room for all of it. */
static bool
append_all(const struct tmo_amount *a, double seconds, bool totals, int bar, char *text,
           size_t size)
{
	const double part = part_done(a), rate = seconds > 0 ? (double)a->bytes / seconds : 0;
	bool fits = append_bytes(a, part, totals, bar, text, size);
	char piece[64];

	snprintf(piece, sizeof(piece), ", %.0f MB/s", rate / 1e6);
	fits = fits && append(text, size, piece);
	if (totals && a->tensors_total > 0)
		snprintf(piece, sizeof(piece), ", %" PRIu64 " of %" PRIu64 " tensors", a->tensors,
		         a->tensors_total);
	else
		snprintf(piece, sizeof(piece), ", %" PRIu64 " tensors", a->tensors);
	fits = fits && append(text, size, piece);
	if (part <= 0.01)
		return fits;
	snprintf(piece, sizeof(piece), ", %.0f s left", seconds * (1 - part) / part);
	return fits && append(text, size, piece);
}

/* What is dropped first where columns are few: the bar, then the totals, which the percentage has. */
void
tmo_progress_text(const struct tmo_amount *a, double seconds, size_t width, char *text, size_t size)
{
	static const struct { bool totals; int bar; } ways[] = {
		{ true, BAR }, { true, BAR / 2 }, { true, 0 }, { false, 0 },
	};
	bool fits = false;

	if (width + 1 < size)
		size = width + 1;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways) && !fits; i++) {
		text[0] = '\0';
		fits = append_all(a, seconds, ways[i].totals, ways[i].bar, text, size);
	}
}

void
tmo_terminal_size(int fd, size_t *columns, size_t *rows)
{
	struct winsize w = {0};

	if (ioctl(fd, TIOCGWINSZ, &w) < 0 || w.ws_col == 0 || w.ws_row == 0)
		w = (struct winsize){ .ws_col = 80, .ws_row = 24 };
	*columns = w.ws_col;
	*rows = w.ws_row;
}

bool
tmo_progress_step(struct tmo_progress *p, const char *program, int terminal, char *text)
{
	double now;
	size_t used, columns, rows;

	if (!p->on)
		return false;
	now = tmo_seconds();
	if (now - p->last < EVERY || (p->report < 0 && now - p->start < FIRST_AFTER))
		return false;
	p->last = now;
	p->shown = p->report < 0;
	if (p->report >= 0) {
		snprintf(text, TMO_PROGRESS_TEXT,
		         "%ld %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n",
		         (long)getpid(), p->amount.bytes, p->amount.bytes_total, p->amount.tensors,
		         p->amount.tensors_total);
		return true;
	}
	tmo_terminal_size(terminal, &columns, &rows);
	used = (size_t)snprintf(text, TMO_PROGRESS_TEXT, "\r%.20s: ", program);
	if (used > columns)
		text[used = 1] = '\0';
	tmo_progress_text(&p->amount, now - p->start, columns - used, text + used,
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
