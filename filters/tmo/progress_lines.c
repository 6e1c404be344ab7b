/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/read_write.h"
#include "progress_lines.h"
#include "run/process.h"

#define QUIET_SECONDS 0.5	/* a quick run shows nothing */
#define LINES_MAX 32
#define LINE 160		/* bytes */
#define LABEL 22		/* of it, at most */

/*
 * Jobs that are slow to tell, or tell too much, wait for nobody: both ends never block. The writing
 * end stands above the numbers that a job's descriptors get.
 */
static int
start_records(struct progress_lines *s, struct tmo_error *err)
{
	char number[16];
	int fd[2];

	if (tmo_pipe_open(fd, err) < 0)
		return -1;
	s->records_from = fd[0];
	s->records_to = fcntl(fd[1], F_DUPFD_CLOEXEC, JOB_DESCRIPTORS);
	close(fd[1]);
	(void)fcntl(s->records_from, F_SETFL, O_NONBLOCK);
	(void)fcntl(s->records_to, F_SETFL, O_NONBLOCK);
	snprintf(number, sizeof(number), "%d", JOB_PROGRESS);
	return setenv(TMO_PROGRESS_VARIABLE, number, 1) == 0 ? 0 : tmo_fail_memory(err, 0);
}

/* Has a job's line say what the job told. */
static void
note_record(struct jobs *c, const char *line)
{
	struct tmo_amount amount;
	long pid;

	if (!tmo_progress_parse(line, &pid, &amount))
		return;
	for (size_t i = 0; i < c->count; i++)
		if (c->job[i].pid == (pid_t)pid) {
			c->job[i].amount = amount;
			c->job[i].tells = true;
		}
}

static void
read_records(struct progress_lines *s, struct jobs *c)
{
	ssize_t got;

	while ((got = read(s->records_from, s->record + s->record_size,
	                   sizeof(s->record) - 1 - s->record_size)) > 0) {
		char *line = s->record, *end;

		s->record_size += (size_t)got;
		s->record[s->record_size] = '\0';
		while ((end = strchr(line, '\n')) != NULL) {
			*end = '\0';
			note_record(c, line);
			line = end + 1;
		}
		s->record_size -= (size_t)(line - s->record);
		memmove(s->record, line, s->record_size);
		if (s->record_size == sizeof(s->record) - 1)
			s->record_size = 0;	/* no record is that long */
	}
}

int
driver_lines_start(struct progress_lines *s, bool on, struct tmo_error *err)
{
	const char *term = getenv("TERM");
	int fd[2];

	*s = (struct progress_lines){ .from = -1, .to = -1, .records_from = -1, .records_to = -1,
	                    .start = tmo_seconds() };
	if (!on || !isatty(STDERR_FILENO) || term == NULL || strcmp(term, "dumb") == 0)
		return 0;
	if (tmo_pipe_open(fd, err) < 0)
		return -1;
	(void)fcntl(fd[0], F_SETFL, O_NONBLOCK);
	s->from = fd[0];
	s->to = fd[1];
	s->on = true;
	return start_records(s, err);
}

static void
put(const char *text, size_t size)
{
	struct tmo_error ignored = {0};

	(void)tmo_write_full(STDERR_FILENO, text, size, &ignored);
}

static void
erase(struct progress_lines *s)
{
	char text[32];
	int size;

	if (s->lines == 0)
		return;
	size = snprintf(text, sizeof(text), "\r\033[%zuA\033[J", s->lines);
	put(text, (size_t)size);
	s->lines = 0;
}

/*
 * Passes on what the jobs say, in whole lines: the start of one would stand where the next drawing
 * begins, and be erased with it. At the end, and if a line is long, what there is.
 */
static void
relay(struct progress_lines *s, bool all)
{
	ssize_t got;

	while ((got = read(s->from, s->said + s->said_size, sizeof(s->said) - s->said_size)) > 0 ||
	       (all && s->said_size > 0)) {
		size_t whole;

		s->said_size += got > 0 ? (size_t)got : 0;
		whole = s->said_size;
		while (!all && s->said_size < sizeof(s->said) && whole > 0 &&
		       s->said[whole - 1] != '\n')
			whole--;
		if (whole == 0)
			continue;
		erase(s);
		put(s->said, whole);
		s->in_line = s->said[whole - 1] != '\n';
		s->said_size -= whole;
		memmove(s->said, s->said + whole, s->said_size);
	}
}

/* A line, one column less than the terminal has: it must not wrap. */
static size_t
add_line(const struct job *j, int label, size_t columns, char *line)
{
	char state[LINE] = "running";
	size_t room = columns > (size_t)label + 2 ? columns - (size_t)label - 2 : 0;
	int n;

	if (j->ended)
		snprintf(state, sizeof(state), "%s after %.1f s", j->status == 0 ? "done" : "ended",
		         j->took);
	else if (j->tells)
		tmo_progress_text(&j->amount, room, state, sizeof(state));
	n = snprintf(line, LINE, "%-*.*s %s", label, label, j->label, state);
	if ((size_t)n >= columns)
		n = (int)columns - 1;
	line[n] = '\n';
	return (size_t)n + 1;
}

/*
 * Where not all lines can stand on the terminal, those of the jobs that have ended go first. The top
 * row stays free: tmux takes erasing from there on for a new page, and keeps the old one.
 */
static void
draw(struct progress_lines *s, const struct jobs *c)
{
	char text[LINES_MAX * LINE];
	size_t size = 0, lines = 0, columns, rows, most, spare;
	int label = 0;

	tmo_terminal_size(STDERR_FILENO, &columns, &rows);
	most = rows < 2 ? 0 : rows - 2 < LINES_MAX ? rows - 2 : LINES_MAX;
	spare = c->count > most ? c->count - most : 0;
	for (size_t i = 0; i < c->count; i++)
		if ((size_t)label < strlen(c->job[i].label))
			label = (int)strlen(c->job[i].label);
	for (size_t i = 0; i < c->count && lines < most; i++) {
		if (spare > 0 && c->job[i].ended) {
			spare--;
			continue;
		}
		size += add_line(&c->job[i], label < LABEL ? label : LABEL,
		                 columns < LINE ? columns : LINE, text + size);
		lines++;
	}
	erase(s);
	put(text, size);
	s->lines = lines;
}

void
driver_lines_step(struct progress_lines *s, struct jobs *c)
{
	if (!s->on)
		return;
	relay(s, false);
	read_records(s, c);
	if (tmo_seconds() - s->start > QUIET_SECONDS)
		draw(s, c);
}

void
driver_lines_end(struct progress_lines *s)
{
	if (!s->on)
		return;
	relay(s, true);
	erase(s);
	if (s->in_line)
		put("\n", 1);	/* what we say ourselves now begins a line */
	close(s->from);
	close(s->to);
	close(s->records_from);
	close(s->records_to);
	s->on = false;
}
