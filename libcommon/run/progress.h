/* SPDX-License-Identifier: Apache-2.0 */
/*
 * progress.h: how far a run is: a bar on a terminal, after half a second, ten times a second,
 * erased at the end; or, in a pipeline, a record for `tmo run`, which draws all stages. It makes
 * the text; run_progress.c writes it.
 */
#ifndef TMO_PROGRESS_H
#define TMO_PROGRESS_H

#include "run/estimate.h"
#include "tmo.h"

#define TMO_PROGRESS_DOING 24

/* What there is to be said. */
struct tmo_amount {
	uint64_t bytes, bytes_total;	/* of the input so far, and in all; 0 in all: unknown */
	uint64_t tensors, tensors_total;
	double seconds;		/* in which these bytes were read */
	double part;		/* of the run's time that has passed, 0 to 1; below 0: unknown */
	double left;		/* seconds to go; below 0: unknown */
	char doing[TMO_PROGRESS_DOING];	/* what goes on if not reading: "compressing"; else "" */
};

struct tmo_progress {
	bool on;
	int report;		/* the descriptor that takes records; -1: there is none, draw a bar */
	struct tmo_amount amount;	/* but for what follows from the rest */
	struct tmo_estimate estimate;
	/* What was worked on, in bytes as the importer counted them: the measure in all stages alike. */
	uint64_t work, work_total;
	struct { uint64_t work, bytes; double part, begun; } tensor;	/* at hand: not in the above yet */
	double pass;		/* seconds that going through the input took last; 0: unknown */
	const char *doing;	/* static; NULL: reading */
	double waits_since;	/* for its input; below 0: it does not */
};

#define TMO_PROGRESS_TEXT 160
#define TMO_PROGRESS_EVERY 0.1	/* seconds between two drawings */
/* The environment variable that names the descriptor. */
#define TMO_PROGRESS_VARIABLE "TMO_PROGRESS"

/* Keeps what p->amount says already. report: see above. */
void tmo_progress_start(struct tmo_progress *p, bool on, int report);
/* How much of the input is done, 0 to 1; below 0 if the whole is unknown. */
double tmo_progress_read(const struct tmo_progress *p, double now);
/* What is to be said now; the text of it, for a terminal of that many columns or as a record. */
struct tmo_amount tmo_progress_now(const struct tmo_progress *p, double now);
void tmo_progress_bar(const struct tmo_amount *a, const char *program, size_t columns,
                      char text[TMO_PROGRESS_TEXT]);
void tmo_progress_record(const struct tmo_amount *a, long pid, char text[TMO_PROGRESS_TEXT]);
/* Reads a record. Returns false if it is something else. */
bool tmo_progress_parse(const char *line, long *pid, struct tmo_amount *a);

/*
 * " 45% [#######         ] 225.0 of 500.0 MB, 98 MB/s, 12 of 40 tensors, 3 s left", or
 * " 80% [#############   ] compressing, 3 s left": in at most `width` columns.
 */
void tmo_progress_text(const struct tmo_amount *a, size_t width, char *text, size_t size);

/* Columns and rows of a terminal; 80 and 24 if it does not say. */
void tmo_terminal_size(int fd, size_t *columns, size_t *rows);

#endif
