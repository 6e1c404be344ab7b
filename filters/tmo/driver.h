/* SPDX-License-Identifier: Apache-2.0 */
/* driver.h: what the commands of tmo share. */
#ifndef DRIVER_H
#define DRIVER_H

#include "base/strings.h"
#include "options/options.h"

/*
 * The commands. folders: where programs are looked for (run/programs.h). argv[0] is the command's own
 * name. Each prints its own message and returns an exit status.
 */
int driver_run(const struct tmo_strings *folders, int argc, char **argv);
int driver_import(const struct tmo_strings *folders, int argc, char **argv);
int driver_list(const struct tmo_strings *folders, int argc, char **argv);
int driver_help(const struct tmo_strings *folders, int argc, char **argv);
int driver_complete(const struct tmo_strings *folders, int argc, char **argv);

/* What `tmo help` knows besides programs and commands; the last is NULL. */
extern const char *const driver_pages[];

/* The option tables of those that have one. */
extern const struct tmo_filter driver_run_filter, driver_import_filter, driver_list_filter;

/* tmo_options_parse for a program that is called "tmo NAME" and not "tmo-NAME". */
int driver_command_options(const struct tmo_filter *f, int argc, char **argv, void *options,
                           struct tmo_common *common, int *operand, struct tmo_error *err);
/* Whether the command line asks for help, version or a description; prints that. */
static inline bool
driver_command_is_asked(const struct tmo_common *common)
{
	return common->help || common->version || common->describe;
}
int driver_command_tell(const struct tmo_filter *f, const struct tmo_common *common,
                        struct tmo_error *err);

int driver_print(const char *text, size_t size, struct tmo_error *err);	/* to stdout */
/* Puts "tmo: where: text" on stderr in one write. Returns the exit status: 1, or 2 for usage. */
int driver_complain(const struct tmo_error *err);

#endif
