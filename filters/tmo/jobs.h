/* SPDX-License-Identifier: Apache-2.0 */
/* jobs.h: processes joined by pipes that end well together, or are ended together. */
#ifndef JOBS_H
#define JOBS_H

#include <signal.h>
#include "base/strings.h"
#include "run/progress.h"

#define JOB_DESCRIPTORS 5	/* 0 to 2, the copy of the input, where progress is told */
#define JOB_PROGRESS 4

struct job {
	char *label;		/* in messages: "stage 3 (quant)"; owned */
	char *path;		/* owned */
	struct tmo_strings argv;
	bool takes_copy;	/* descriptor 3 is the copy of the input */
	bool is_command;	/* of the user's, not a program of tmo's */

	pid_t pid;		/* the rest is filled in by driver_run_jobs: 0 until it is started */
	bool ended;
	int status;		/* of waitpid(2) */
	double took;
	bool tells;		/* it has told us something: */
	struct tmo_amount amount;	/* what it last had done */
};
void driver_job_free(struct job *job);

struct jobs {
	size_t count;
	struct job *job;
	int in, out;		/* the first's stdin and the last's stdout; -1: ours */
	int copy;		/* what takes_copy gives; -1 if nobody asks for it */
	bool shown;		/* keep a line for each on the terminal */
};

/* Blocks what driver_run_jobs waits for. Until then these signals end the program as usual. */
void driver_block_signals(sigset_t *before);

/*
 * Runs the jobs, each in the pipe of the one before, and waits for all. If one fails, or a signal
 * comes, all are ended, with whatever they started; the message names the first that failed. *by is
 * the signal of which the caller should die in turn, else 0. SIGPIPE: whoever read our output went.
 */
int driver_run_jobs(struct jobs *c, int *by, struct tmo_error *err);

#endif
