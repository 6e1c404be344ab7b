/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_CHILD_SUBREAPER
#include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/strings.h"
#include "jobs.h"
#include "progress_lines.h"
#include "run/process.h"

#define GRACE_SECONDS 2.0	/* between SIGTERM and SIGKILL */

void
driver_job_free(struct job *job)
{
	free(job->label);
	free(job->path);
	tmo_strings_free(&job->argv);
}

static void
waited_for(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGCHLD);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGQUIT);
}

void
driver_block_signals(sigset_t *before)
{
	sigset_t set;

	waited_for(&set);
	sigprocmask(SIG_BLOCK, &set, before);
}

/* The next of the blocked signals, 0 after so many milliseconds without one. */
static int
next_signal(long milliseconds)
{
	const struct timespec wait = { milliseconds / 1000, milliseconds % 1000 * 1000000 };
	sigset_t set;
	int number;

	waited_for(&set);
	number = sigtimedwait(&set, NULL, &wait);
	return number > 0 ? number : 0;
}

/*
 * Notes who has ended. Returns how many still run. From the last to the first: if one died and the
 * next one of that, whoever sees the second must see the first.
 */
static size_t
reap(struct jobs *c, double start)
{
	size_t running = 0;

	for (size_t i = c->count; i-- > 0;) {
		struct job *j = &c->job[i];

		if (j->pid > 0 && !j->ended && waitpid(j->pid, &j->status, WNOHANG) != 0) {
			j->ended = true;
			j->took = tmo_seconds() - start;
		}
		running += j->pid > 0 && !j->ended;
	}
	return running;
}

static bool
is_pipe_death(int status)
{
	return (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE) ||
	       (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGPIPE);
}

/*
 * The first that failed, of those that have ended; NULL if none did. A death by SIGPIPE is never
 * the cause: the next stage went first, either well, and that is fine, or it is itself to blame.
 * Of other failures the earliest in the pipe counts: the later ones saw a truncated stream.
 */
static const struct job *
culprit(const struct jobs *c)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct job *j = &c->job[i];

		if (j->ended && j->status != 0 && (i + 1 == c->count || !is_pipe_death(j->status)))
			return j;
	}
	return NULL;
}

/*
 * Whether a process is on its way out: it has closed its end of the pipe, perhaps, but cannot be
 * waited for yet. (Flags of Linux's /proc/PID/stat: PF_EXITING is 4. Without it nobody is.)
 */
static bool
is_exiting(pid_t pid)
{
	char path[64], text[512], *end;
	unsigned flags = 0;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", (long)pid);
	file = fopen(path, "re");
	if (file != NULL) {
		size = fread(text, 1, sizeof(text) - 1, file);
		fclose(file);
	}
	text[size] = '\0';
	end = strrchr(text, ')');
	return end != NULL && sscanf(end + 1, " %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       (flags & 4) != 0;
}

/* Whether a stage ended without a word since its input ended too early. */
static bool
is_cut_off(const struct job *j)
{
	return !j->is_command && WIFEXITED(j->status) && WEXITSTATUS(j->status) == TMO_EXIT_CUT_OFF;
}

/*
 * The next stage may see a truncated stream, and fail, while the one that died is still dying: on a
 * busy machine one time in twenty (tried). Then that one is waited for, and is the culprit. So are all
 * before a stage that was cut off, for a second: what it ended of has been said by one of them.
 */
static const struct job *
first_culprit(struct jobs *c, double start)
{
	const struct job *failed = culprit(c);

	for (size_t i = 0; failed != NULL && &c->job[i] < failed; i++)
		for (int n = 0; n < 1000 && !c->job[i].ended &&
		     (is_cut_off(failed) || is_exiting(c->job[i].pid)); n++) {
			poll(NULL, 0, 1);
			reap(c, start);
		}
	return failed != NULL ? culprit(c) : NULL;
}

/* Of the others in the group, too: those that the jobs started, which are ours when they are gone. */
static void
reap_orphans(struct jobs *c, pid_t group)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-group, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < c->count; i++)
			if (c->job[i].pid == pid) {
				c->job[i].status = status;
				c->job[i].ended = true;
			}
}

/* Ends the whole group: whatever the jobs started belongs to it. */
static void
end_all(struct jobs *c, pid_t group, double start)
{
	const double deadline = tmo_seconds() + GRACE_SECONDS;
	bool hurry = false;

	kill(-group, SIGTERM);
	kill(-group, SIGCONT);	/* a stopped one would not notice */
	while (reap(c, start) > 0 || kill(-group, 0) == 0) {
		int number;

		reap_orphans(c, group);
		if (hurry || tmo_seconds() > deadline) {
			kill(-group, SIGKILL);
			for (size_t i = 0; i < c->count; i++)
				if (c->job[i].pid > 0 && !c->job[i].ended)
					waitpid(c->job[i].pid, &c->job[i].status, 0);
			return;
		}
		number = next_signal(20);
		hurry = number != 0 && number != SIGCHLD;
	}
}

static int
fail_for(const struct job *failed, const struct job *before, struct tmo_error *err)
{
	char text[64];

	if (before != NULL && is_cut_off(failed))
		return tmo_fail(err, "%s: its input ends too early; %s wrote no whole stream",
		                failed->label, before->label);
	return tmo_fail(err, "%s: %s", failed->label,
	                tmo_process_status(failed->status, text, sizeof(text)));
}

static int
wait_all(struct jobs *c, struct progress_lines *show, double start, int *by, struct tmo_error *err)
{
	const struct job *failed = NULL;

	while (reap(c, start) > 0 && *by == 0 && culprit(c) == NULL) {
		int number = next_signal(show->on ? 100 : 60000);

		if (number != 0 && number != SIGCHLD)
			*by = number;
		driver_lines_step(show, c);
	}
	if (*by == 0)
		failed = first_culprit(c, start);
	if (*by == 0 && failed == NULL)
		return 0;
	if (failed != NULL) {
		fail_for(failed, failed > c->job ? failed - 1 : NULL, err);
		if (failed == &c->job[c->count - 1] && c->out < 0 && is_pipe_death(failed->status))
			*by = SIGPIPE;
	} else {
		tmo_fail(err, "ended by signal %d", *by);
	}
	return -1;
}

/* Starts job i between `in` and `*next`, the reading end of the pipe that it writes into. */
static int
start_job(struct jobs *c, size_t i, int in, const struct progress_lines *show, int *next,
          struct tmo_error *err)
{
	struct job *j = &c->job[i];
	bool last = i + 1 == c->count, tells = i > 0 && !j->is_command;
	int pipes[2] = { -1, -1 }, fd[JOB_DESCRIPTORS], status;

	if (!last && tmo_pipe_open(pipes, err) < 0)
		return -1;
	fd[0] = in;
	fd[1] = last ? c->out : pipes[1];
	fd[2] = show->to;
	fd[3] = j->takes_copy ? c->copy : -1;
	fd[4] = show->records_to;
	if ((tells ? setenv(TMO_STAGE_VARIABLE, "1", 1) : unsetenv(TMO_STAGE_VARIABLE)) < 0)
		status = tmo_fail_memory(err, 0);
	else
		status = tmo_process_start(j->path, j->argv.item, fd, JOB_DESCRIPTORS, c->job[0].pid,
		                           &j->pid, err);
	if (status < 0) {
		j->pid = 0;
		tmo_fail_at(err, j->label);
	}
	if (pipes[1] >= 0)
		close(pipes[1]);
	*next = pipes[0];
	return status;
}

int
driver_run_jobs(struct jobs *c, int *by, struct tmo_error *err)
{
	const double start = tmo_seconds();
	int in = c->in, next = -1, status = 0;
	struct progress_lines show;

	*by = 0;
#ifdef HAVE_CHILD_SUBREAPER
	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);	/* not every container has an init that reaps */
#endif
	if (driver_lines_start(&show, c->shown, err) < 0)
		return -1;
	for (size_t i = 0; i < c->count && status == 0; i++) {
		status = start_job(c, i, in, &show, &next, err);
		if (in >= 0 && in != c->in)
			close(in);
		in = next;
	}
	if (status == 0)
		status = wait_all(c, &show, start, by, err);
	else if (in >= 0)
		close(in);
	if (status < 0 && c->job[0].pid > 0)
		end_all(c, c->job[0].pid, start);
	driver_lines_end(&show);
	return status;
}
