/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pipeline.h: a pipeline file, tmo-pipeline(5), checked against what its programs say of themselves, so
 * that nothing starts before all of it is known to be right.
 */
#ifndef PIPELINE_H
#define PIPELINE_H

#include "base/strings.h"
#include "yaml/yaml.h"

#define PIPELINE_INPUT "@input"	/* a file option's value: the stream that enters the first stage */

struct stage {
	const char *name;		/* the program's, or "sh"; borrowed */
	const char *command;		/* of sh; borrowed */
	struct tmo_yaml *options;	/* a map from long option to value, in the document */
	char *path;			/* the program's file; owned */
	struct tmo_yaml *about;		/* its description; owned, NULL for sh */
	bool is_export;			/* not in the file: what the output's name asks for */
};

struct pipeline {
	const char *file;		/* borrowed */
	struct tmo_yaml *document;	/* owned; holds the stages' names and options */
	size_t count, room;
	struct stage *stage;		/* owned */
};

/*
 * Reads the file and checks all that is in it. p, which is {0}, is to be freed after a failure too.
 * Mistakes in the file are usage errors that name file, line and column.
 */
int driver_pipeline_load(struct pipeline *p, const char *file, const struct tmo_strings *folders,
                         struct tmo_error *err);
/*
 * "STAGE.OPTION=VALUE" or "STAGE.N.OPTION=VALUE": replaces what the file says of the option, in all
 * stages of that name or in the N-th of them. Of an option that may be repeated, the first
 * assignment replaces and further ones add.
 */
int driver_pipeline_set(struct pipeline *p, const char *assignment, struct tmo_error *err);
/* One more stage, last, without options; name is borrowed. */
int driver_pipeline_add(struct pipeline *p, const char *name, const struct tmo_strings *folders,
                        struct tmo_error *err);
/* The last stage goes. */
void driver_pipeline_drop(struct pipeline *p);
void driver_pipeline_free(struct pipeline *p);

bool driver_stage_is(const struct stage *s, const char *kind);	/* "source", "filter", "sink" */

/*
 * The arguments that the stage's options stand for, added to argv. input is what takes the place of
 * PIPELINE_INPUT in options of type file.
 */
int driver_stage_arguments(const struct stage *s, const char *input, struct tmo_strings *argv,
                           struct tmo_error *err);
/* Whether a file option asks for PIPELINE_INPUT. */
bool driver_stage_wants_input(const struct stage *s);
bool driver_pipeline_wants_input(const struct pipeline *p);
/* Options name files from the current folder; of those that are not there, those beside the pipeline. */
int driver_pipeline_find_files(struct pipeline *p, struct tmo_error *err);
/* The files that options name, PIPELINE_INPUT left out. */
int driver_pipeline_files(const struct pipeline *p, struct tmo_strings *files,
                          struct tmo_error *err);

/* ---- stage_check.c ---- */

/* Fails at a node: "line 4, column 9: ...", without the place if it came from --set (line 0). */
int driver_wrong(struct tmo_error *err, const struct tmo_yaml *at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* Whether value, an entry of the stage's map, suits the option that its key names. */
int driver_check_stage_option(const struct stage *s, const struct tmo_yaml *value,
                              struct tmo_error *err);

#endif
