/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "show.h"
#include "spawn.h"

#define QUIET_SECONDS 0.5	/* a quick run shows nothing */
#define LINES_MAX 32
#define LINE 160		/* bytes */
#define WIDTH 79		/* columns */
#define LABEL 22

/*
 * Jobs that are slow to tell, or tell too much, wait for nobody: both ends never block. The writing
 * end stands above the numbers that a job's descriptors get.
 */
static int
start_records(struct show *s, struct tmo_error *err)
{
	char number[16];
	int fd[2];

	if (make_pipe(fd, err) < 0)
		return -1;
	s->records_from = fd[0];
	s->records_to = fcntl(fd[1], F_DUPFD_CLOEXEC, JOB_DESCRIPTORS);
	close(fd[1]);
	(void)fcntl(s->records_from, F_SETFL, O_NONBLOCK);
	(void)fcntl(s->records_to, F_SETFL, O_NONBLOCK);
	snprintf(number, sizeof(number), "%d", JOB_PROGRESS);
	return setenv(TMO_PROGRESS_VARIABLE, number, 1) == 0 ? 0 : tmo_fail(err, "out of memory");
}

/* Has a job's line say what the job told. */
static void
note_record(struct crew *c, const char *line)
{
	struct tmo_amount amount;
	long pid;

	if (!tmo_progress_parse(line, &pid, &amount))
		return;
	for (size_t i = 0; i < c->count; i++)
		if (c->job[i].pid == (pid_t)pid)
			c->job[i].amount = amount;
}

static void
read_records(struct show *s, struct crew *c)
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
show_start(struct show *s, bool on, struct tmo_error *err)
{
	const char *term = getenv("TERM");
	int fd[2];

	*s = (struct show){ .from = -1, .to = -1, .records_from = -1, .records_to = -1,
	                    .start = now() };
	if (!on || !isatty(STDERR_FILENO) || term == NULL || strcmp(term, "dumb") == 0)
		return 0;
	if (make_pipe(fd, err) < 0)
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
erase(struct show *s)
{
	char text[32];
	int size;

	if (s->lines == 0)
		return;
	size = snprintf(text, sizeof(text), "\033[%zuA\033[J", s->lines);
	put(text, (size_t)size);
	s->lines = 0;
}

static void
relay(struct show *s)
{
	char text[4096];
	ssize_t got;

	while ((got = read(s->from, text, sizeof(text))) > 0) {
		erase(s);
		put(text, (size_t)got);
	}
}

static void
draw(struct show *s, const struct crew *c)
{
	char text[LINES_MAX * LINE];
	size_t size = 0, lines = c->count < LINES_MAX ? c->count : LINES_MAX;
	double seconds = now() - s->start;

	for (size_t i = 0; i < lines; i++) {
		const struct job *j = &c->job[i];
		char state[LINE] = "running";

		if (j->ended)
			snprintf(state, sizeof(state), "%s after %.1f s", j->status == 0 ? "done" : "ended",
			         j->took);
		else if (j->amount.bytes > 0)
			tmo_progress_text(&j->amount, seconds, WIDTH - LABEL - 1, state, sizeof(state));
		size += (size_t)snprintf(text + size, sizeof(text) - size, "%-*.*s %s\n", LABEL, LABEL,
		                         j->label, state);
	}
	erase(s);
	put(text, size);
	s->lines = lines;
}

void
show_step(struct show *s, struct crew *c)
{
	if (!s->on)
		return;
	relay(s);
	read_records(s, c);
	if (now() - s->start > QUIET_SECONDS)
		draw(s, c);
}

void
show_end(struct show *s)
{
	if (!s->on)
		return;
	relay(s);
	erase(s);
	close(s->from);
	close(s->to);
	close(s->records_from);
	close(s->records_to);
	s->on = false;
}
