/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run_plan.h: what one `tmo run` or `tmo import` is to do: an input, perhaps an importer, the stages of a
 * pipeline, perhaps an exporter, an output. First the plan is filled, then done, or printed.
 */
#ifndef RUN_PLAN_H
#define RUN_PLAN_H

#include "base/buffer.h"
#include "base/strings.h"
#include "jobs.h"
#include "options/options.h"
#include "pipeline.h"

struct run_options {
	const char *input;
	struct tmo_list set;
	bool dry_run, make;
};

struct plan {
	struct run_options options;
	struct tmo_common common;
	char *file;			/* of the pipeline; owned */
	const char *input, *output;	/* file names; NULL: stdin, stdout */
	struct pipeline pipeline;
	char *importer, *importer_path;	/* "from-onnx" and its file; NULL if none is wanted; owned */
	char *exporter;			/* "to-npz", if the output's name asks for it; owned */
	const char *hint;		/* what the output's name does not say of it; NULL: nothing */
	size_t first;			/* 1 if stage 0 makes the stream itself, as an importer does */
	int fd;				/* what is read: input or stdin, or a copy */
	bool regular;			/* fd can seek */
	uint64_t input_bytes;		/* of a regular file, before it is perhaps replaced; 0: unknown */
	bool by_name;			/* an importer can be given the name of the input: it is a
					   file or a folder of this name, and not a copy of it */
};

/*
 * Opens p->input (NULL: stdin) as p->fd and chooses the importer by what is in it; a pipeline must be
 * loaded before. What comes through a pipe and is no stream is copied to a temporary file first. folders: where
 * programs are (run/programs.h).
 */
int driver_plan_input(struct plan *p, const struct tmo_strings *folders, struct tmo_error *err);
/* Whether something makes the stream: an importer, or a stage 0 that is a source. */
bool driver_plan_has_first(const struct plan *p);
/* Fills *job, which is {0} and is the caller's to free, also on failure: with that program, */
int driver_plan_first_job(const struct plan *p, struct job *job, struct tmo_error *err);
/* with stage i; input is the file name that takes the place of PIPELINE_INPUT. */
int driver_plan_job(const struct plan *p, size_t i, const char *input, struct job *job,
                    struct tmo_error *err);

/* ---- output_format.c ---- */

/*
 * An output called *.FORMAT gets tmo-to-FORMAT as its last stage, if there is that program and the last is
 * not a sink of its own; it takes the place of a pack that stood last, which it would only undo. One called
 * *.zst is compressed by a pack. Names of formats that cannot be written are refused.
 */
int driver_plan_export(struct plan *p, const struct tmo_strings *folders, struct tmo_error *err);

/* ---- run_summary.c ---- */

/* On a terminal or with -v: a line on what was written in so many seconds; and what is odd about it. */
void driver_say_summary(const struct plan *p, double seconds);

/* ---- command_run.c ---- */

/* Does what is planned, or prints it if --dry-run was given. */
int driver_plan_do(struct plan *p, struct tmo_error *err);
void driver_plan_free(struct plan *p);
/* "-" and NULL are standard input or output: NULL. */
const char *driver_file_or_standard(const char *name);

/* ---- shell_line.c ---- */

/* Appends the plan as one line for sh, that does the same; as a rule for make, that says `tmo run`. */
int driver_shell_line(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err);
int driver_make_rule(const struct plan *p, struct tmo_buffer *out, struct tmo_error *err);

#endif
