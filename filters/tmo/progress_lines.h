/* SPDX-License-Identifier: Apache-2.0 */
/* progress_lines.h: a line for each job on the terminal. */
#ifndef PROGRESS_LINES_H
#define PROGRESS_LINES_H

#include "jobs.h"

/*
 * While the lines are shown, what the jobs say on stderr comes through a pipe, and is put above
 * them. (It also keeps the jobs from drawing bars of their own.)
 */
struct progress_lines {
	bool on;
	int from, to;		/* the pipe; the jobs write into `to`, -1 if it is not on */
	int records_from, records_to;	/* another, for what they have done; -1 if it is not on */
	char said[4096];	/* what has come of a line of a job's, not yet passed on */
	size_t said_size;
	bool in_line;		/* what was passed on last did not end its line */
	char record[256];	/* the start of one whose end has not come */
	size_t record_size;
	double start;
	size_t lines;		/* on the terminal now */
};
/* on: lines are wanted; where stderr is no terminal there are none all the same. */
int driver_lines_start(struct progress_lines *s, bool on, struct tmo_error *err);
/* To be called about ten times a second: passes on what the jobs said, draws the lines anew. */
void driver_lines_step(struct progress_lines *s, struct jobs *c);
/* Passes on what is left and erases the lines. */
void driver_lines_end(struct progress_lines *s);

#endif
