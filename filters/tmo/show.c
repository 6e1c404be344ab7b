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

int
show_start(struct show *s, bool on, struct tmo_error *err)
{
	const char *term = getenv("TERM");
	int fd[2];

	*s = (struct show){ .from = -1, .to = -1, .start = now() };
	if (!on || !isatty(STDERR_FILENO) || term == NULL || strcmp(term, "dumb") == 0)
		return 0;
	if (make_pipe(fd, err) < 0)
		return -1;
	(void)fcntl(fd[0], F_SETFL, O_NONBLOCK);
	s->from = fd[0];
	s->to = fd[1];
	s->on = true;
	return 0;
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
	char text[LINES_MAX * 80];
	size_t size = 0, lines = c->count < LINES_MAX ? c->count : LINES_MAX;
	double seconds = now() - s->start;

	for (size_t i = 0; i < lines; i++) {
		const struct job *j = &c->job[i];
		const char *state = !j->ended ? "running" : j->status == 0 ? "done" : "ended";

		size += (size_t)snprintf(text + size, sizeof(text) - size, "%-40.40s %-7s %7.1f s\n",
		                         j->label, state, j->ended ? j->took : seconds);
	}
	erase(s);
	put(text, size);
	s->lines = lines;
}

void
show_step(struct show *s, const struct crew *c)
{
	if (!s->on)
		return;
	relay(s);
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
	s->on = false;
}
