/* SPDX-License-Identifier: Apache-2.0 */
/* driver.h: what the files of the driver share: word lists, plugins, their descriptions. */
#ifndef DRIVER_H
#define DRIVER_H

#include "options/options.h"
#include "yaml/yaml.h"

/* ---- string_list.c ---- */

/* A list of owned strings, with a NULL behind the last: an argv. {0} is empty. */
struct tmo_strings {
	size_t count;
	char **item;
};
int tmo_strings_add(struct tmo_strings *w, const char *text, struct tmo_error *err);
int tmo_strings_printf(struct tmo_strings *w, struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool tmo_strings_has(const struct tmo_strings *w, const char *text);
void tmo_strings_sort(struct tmo_strings *w);
void tmo_strings_free(struct tmo_strings *w);

/* `; did you mean "bits"`, or nothing if no candidate is near to text. Returns out. */
const char *driver_hint(const char *text, const struct tmo_strings *candidates, char *out,
                        size_t size);

/* Puts "tmo: where: text" on stderr in one write. Returns the exit status: 1, or 2 for usage. */
int driver_complain(const struct tmo_error *err);

/* ---- programs.c: which programs there are ---- */

/* Commands of tmo's own: no plugin of these names is ever run. The last is NULL. */
extern const char *const tmo_command_names[];

/* The folders that are searched, in order, absolute, none twice. */
int tmo_program_folders(struct tmo_strings *folders, const char *argv0, struct tmo_error *err);
/* The folder in which the running program lies, owned by the caller; NULL if it cannot be told. */
char *tmo_own_folder(const char *argv0);
/* PREFIX/below of the tree in which own is PREFIX/bin, wherever it was moved; owned by the caller. */
char *tmo_path_in_tree(const char *own, const char *below, struct tmo_error *err);
/* Adds the folders of one variable, as PATH. */
int tmo_program_folders_in(struct tmo_strings *folders, const char *variable,
                           struct tmo_error *err);
/* Fills *path (the caller frees it) with the program that NAME stands for, NULL if there is none. */
int tmo_find_program(const struct tmo_strings *folders, const char *name, char **path,
                     struct tmo_error *err);

struct tmo_program {
	char *name, *path;
	size_t order;		/* of discovery */
	const char *fault;	/* why it is not used (static text), NULL if it is */
	const char *by;		/* what hides it (borrowed from another), if that is the reason */
};
struct tmo_programs {
	size_t count;
	struct tmo_program *plugin;	/* sorted by name, then in order of discovery */
};
int tmo_programs_find(const struct tmo_strings *folders, struct tmo_programs *all,
                      struct tmo_error *err);
void tmo_programs_free(struct tmo_programs *all);

/* Fails with "there is no program tmo-NAME" and the nearest of those that there are, and of `others`. */
int tmo_no_such_program(const struct tmo_strings *folders, const char *name,
                        const char *const *others,
                        struct tmo_error *err);

/* ---- installed_pipelines.c: pipelines that are installed ---- */

/*
 * Fills *path (the caller frees it) with the file that the operand of `tmo run` stands for: itself,
 * or, if there is no such file and it is a bare name, NAME.yaml of those that were installed with
 * the running tmo. Fails, naming those that there are, if it is neither.
 */
int driver_find_pipeline(const char *name, char **path, struct tmo_error *err);

/* ---- program_description.c: what a program says of itself ---- */

/* The answer to `PATH --describe`; NULL with a message if it is none. */
struct tmo_yaml *tmo_program_describe(const char *path, struct tmo_error *err);
/* An option's entry in a description, or NULL. */
const struct tmo_yaml *tmo_description_option(const struct tmo_yaml *about, const char *name);
/* The options' names. */
int tmo_description_names(const struct tmo_yaml *about, struct tmo_strings *names,
                          struct tmo_error *err);

/* The options of `tmo run`, `tmo import` and `tmo list`. */
extern const struct tmo_filter driver_run_filter, driver_import_filter, driver_list_filter;

/* ---- command.c: options of commands ---- */

/* tmo_options_parse for a program that is called "tmo NAME" and not "tmo-NAME". */
int driver_command_options(const struct tmo_filter *f, int argc, char **argv, void *options,
                           struct tmo_common *common, int *operand, struct tmo_error *err);
/* If it asks for help, version or a description: prints that. */
static inline bool
driver_command_is_asked(const struct tmo_common *common)
{
	return common->help || common->version || common->describe;
}
int driver_command_tell(const struct tmo_filter *f, const struct tmo_common *common,
                        struct tmo_error *err);
int driver_print(const char *text, size_t size, struct tmo_error *err);	/* to stdout */

/* ---- commands: each returns an exit status ---- */

int driver_run(const struct tmo_strings *folders, int argc, char **argv);
int driver_import(const struct tmo_strings *folders, int argc, char **argv);
int driver_list(const struct tmo_strings *folders, int argc, char **argv);
int driver_help(const struct tmo_strings *folders, int argc, char **argv);
int driver_complete(const struct tmo_strings *folders, int argc, char **argv);

#endif
