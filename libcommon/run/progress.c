/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/clock.h"
#include "base/text.h"
#include "run/progress.h"

#define WAITS_AFTER 1.0		/* seconds without input: shorter ones are a pipe's everyday life */
#define GUESSED 0.9		/* of a tensor at most, until it is done */
#define BAR 16			/* characters */

void
tmo_progress_start(struct tmo_progress *p, bool on, int report)
{
	const struct tmo_amount known = p->amount;

	*p = (struct tmo_progress){.on = on || report >= 0, .report = report, .amount = known,
	                           .waits_since = -1};
	tmo_estimate_start(&p->estimate, tmo_seconds());
}

/* How much of the tensor at hand is done: as it says itself, or as the others before it took. */
static double
tensor_part(const struct tmo_progress *p, double now)
{
	const double others = p->tensor.begun - p->estimate.begun;
	double part = 0;

	if (p->tensor.part > 0)
		return p->tensor.part;
	if (p->waits_since < 0 && p->work > 0 && others > 0 && p->tensor.work > 0)
		part = (now - p->tensor.begun) / others * (double)p->work / (double)p->tensor.work;
	return part < GUESSED ? part : GUESSED;
}

double
tmo_progress_read(const struct tmo_progress *p, double now)
{
	const struct tmo_amount *const a = &p->amount;
	const double tensor = tensor_part(p, now);
	double part = -1;

	if (p->work_total > 0)
		part = ((double)p->work + tensor * (double)p->tensor.work) / (double)p->work_total;
	else if (a->bytes_total > 0)
		part = ((double)a->bytes + tensor * (double)p->tensor.bytes) / (double)a->bytes_total;
	else if (a->tensors_total > 0)
		part = ((double)a->tensors + tensor) / (double)a->tensors_total;
	return part > 1 ? 1 : part;
}

struct tmo_amount
tmo_progress_now(const struct tmo_progress *p, double now)
{
	struct tmo_amount a = p->amount;
	struct tmo_estimate e = p->estimate;
	const char *doing = p->doing;

	if (doing == NULL && (e.part = tmo_progress_read(p, now)) > 0)
		e.later /= e.part;
	if (p->waits_since >= 0) {
		e.waited += now - p->waits_since;
		if (now - p->waits_since > WAITS_AFTER)
			doing = "waiting for input";
	}
	tmo_estimate_at(&e, now, &a.part, &a.left);
	a.seconds = now - e.begun;
	snprintf(a.doing, sizeof(a.doing), "%s", doing != NULL ? doing : "");
	return a;
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

/* How much of it all, with a bar of so many characters, and of how many bytes; or what is done. */
static bool
append_part(const struct tmo_amount *a, bool totals, int bar, char *text, size_t size)
{
	static const char full[] = "################";
	char piece[128] = "";
	size_t n = 0;

	if (a->part >= 0)
		n = (size_t)snprintf(piece, sizeof(piece), "%3d%% ", (int)(a->part * 100));
	if (a->part >= 0 && bar > 0)
		n += (size_t)snprintf(piece + n, sizeof(piece) - n, "[%-*.*s] ", bar,
		                      (int)(a->part * bar), full);
	if (a->doing[0] != '\0')
		snprintf(piece + n, sizeof(piece) - n, "%s", a->doing);
	else if (totals && a->bytes_total > 0)
		snprintf(piece + n, sizeof(piece) - n, "%.1f of %.1f MB", (double)a->bytes / 1e6,
		         (double)a->bytes_total / 1e6);
	else
		snprintf(piece + n, sizeof(piece) - n, "%.1f MB", (double)a->bytes / 1e6);
	return append(text, size, piece);
}

/* How fast, and of how many tensors. */
static bool
append_amounts(const struct tmo_amount *a, bool totals, char *text, size_t size)
{
	const double rate = a->seconds > 0 ? (double)a->bytes / a->seconds : 0;
	char piece[64];
	bool fits;

	snprintf(piece, sizeof(piece), ", %.0f MB/s", rate / 1e6);
	fits = append(text, size, piece);
	if (totals && a->tensors_total > 0)
		snprintf(piece, sizeof(piece), ", %" PRIu64 " of %" PRIu64 " tensors", a->tensors,
		         a->tensors_total);
	else
		snprintf(piece, sizeof(piece), ", %" PRIu64 " tensors", a->tensors);
	return fits && append(text, size, piece);
}

/* Returns whether there was room for all of it. */
static bool
append_all(const struct tmo_amount *a, bool totals, int bar, char *text, size_t size)
{
	bool fits = append_part(a, totals, bar, text, size);
	char piece[64];

	if (a->doing[0] == '\0')
		fits = fits && append_amounts(a, totals, text, size);
	if (a->left < 0 || a->part <= 0.01)
		return fits;
	snprintf(piece, sizeof(piece), ", %.0f s left", a->left);
	return fits && append(text, size, piece);
}

/* What is dropped first where columns are few: the bar, then the totals, which the percentage has. */
void
tmo_progress_text(const struct tmo_amount *a, size_t width, char *text, size_t size)
{
	static const struct { bool totals; int bar; } ways[] = {
		{ true, BAR }, { true, BAR / 2 }, { true, 0 }, { false, 0 },
	};
	bool fits = false;

	if (width + 1 < size)
		size = width + 1;
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways) && !fits; i++) {
		text[0] = '\0';
		fits = append_all(a, ways[i].totals, ways[i].bar, text, size);
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

void
tmo_progress_bar(const struct tmo_amount *a, const char *program, size_t columns,
                 char text[TMO_PROGRESS_TEXT])
{
	size_t used = (size_t)snprintf(text, TMO_PROGRESS_TEXT, "\r%.20s: ", program);

	if (used > columns)
		text[used = 1] = '\0';
	tmo_progress_text(a, columns - used, text + used, TMO_PROGRESS_TEXT - used - 4);
	append(text, TMO_PROGRESS_TEXT, "\033[K");
}

void
tmo_progress_record(const struct tmo_amount *a, long pid, char text[TMO_PROGRESS_TEXT])
{
	snprintf(text, TMO_PROGRESS_TEXT, "%ld %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
	         " %.3f %.4f %.3f %s\n", pid, a->bytes, a->bytes_total, a->tensors, a->tensors_total,
	         a->seconds, a->part, a->left, a->doing);
}

bool
tmo_progress_parse(const char *line, long *pid, struct tmo_amount *a)
{
	int used = 0;

	if (sscanf(line, "%ld %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %lf %lf %lf%n", pid,
	           &a->bytes, &a->bytes_total, &a->tensors, &a->tensors_total, &a->seconds, &a->part,
	           &a->left, &used) != 8 || line[used] != ' ' || !(a->part <= 1))
		return false;
	tmo_printable(line + used + 1, a->doing, sizeof(a->doing));
	return true;
}
