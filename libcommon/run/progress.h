/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h: how far a run is: a bar on a terminal, after half a second, at most ten times a second,
 * erased at the end; or, in a pipeline, a record for `tmo run`, which draws all stages. It makes
 * the text; run.c writes it.
 */
#ifndef TMO_PROGRESS_H
#define TMO_PROGRESS_H

#include "tmo.h"

/* Bytes and tensors so far, and in all; 0 in all: unknown. */
struct tmo_amount {
	uint64_t bytes, bytes_total;
	uint64_t tensors, tensors_total;
};

struct tmo_progress {
	bool on, shown;
	int report;		/* the descriptor that takes records; -1: there is none, draw a bar */
	struct tmo_amount amount;
	double start, last;	/* by tmo_seconds */
};

#define TMO_PROGRESS_TEXT 160
/* The environment variable that names the descriptor. */
#define TMO_PROGRESS_VARIABLE "TMO_PROGRESS"

/* Keeps what p->amount says already. report: see above. */
void tmo_progress_start(struct tmo_progress *p, bool on, int report);
/*
 * Returns true if the line in text, of TMO_PROGRESS_TEXT bytes, should be written now, on this
 * terminal if it is for one.
 */
bool tmo_progress_step(struct tmo_progress *p, const char *program, int terminal, char *text);

/*
 * " 45% [#######         ] 225.0 of 500.0 MB, 98 MB/s, 12 of 40 tensors, 3 s left": what is known of
 * it after so many seconds, in at most `width` columns.
 */
void tmo_progress_text(const struct tmo_amount *a, double seconds, size_t width, char *text,
                       size_t size);

/* Columns and rows of a terminal; 80 and 24 if it does not say. */
void tmo_terminal_size(int fd, size_t *columns, size_t *rows);

/* A record: "PID bytes bytes_total tensors tensors_total\n". Returns false if it is something else. */
bool tmo_progress_parse(const char *line, long *pid, struct tmo_amount *a);

#endif
