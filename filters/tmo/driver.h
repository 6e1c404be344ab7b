/* SPDX-License-Identifier: Apache-2.0 */
/* driver.h: what the files of the driver share: word lists, plugins, their descriptions. */
#ifndef DRIVER_H
#define DRIVER_H

#include "options/options.h"
#include "yaml/yaml.h"

/* ---- string_list.c ---- */

/* A list of owned strings, with a NULL behind the last: an argv. {0} is empty. */
struct words {
	size_t count;
	char **word;
};
int words_add(struct words *w, const char *text, struct tmo_error *err);
int words_printf(struct words *w, struct tmo_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool words_have(const struct words *w, const char *text);
void words_sort(struct words *w);
void words_free(struct words *w);

/* `; did you mean "bits"`, or nothing if no candidate is near to text. Returns out. */
const char *hint(const char *text, const struct words *candidates, char *out, size_t size);

/* Puts "tmo: where: text" on stderr in one write. Returns the exit status: 1, or 2 for usage. */
int complain(const struct tmo_error *err);

/* ---- programs.c: which programs there are ---- */

/* Commands of tmo's own: no plugin of these names is ever run. The last is NULL. */
extern const char *const driver_commands[];

/* The folders that are searched, in order, absolute, none twice. */
int find_folders(struct words *folders, const char *argv0, struct tmo_error *err);
/* The folder in which the running program lies, owned by the caller; NULL if it cannot be told. */
char *find_own_folder(const char *argv0);
/* PREFIX/below of the tree in which own is PREFIX/bin, wherever it was moved; owned by the caller. */
char *find_in_tree(const char *own, const char *below, struct tmo_error *err);
/* Adds the folders of one variable, as PATH. */
int find_in(struct words *folders, const char *variable, struct tmo_error *err);
/* Fills *path (the caller frees it) with the program that NAME stands for, NULL if there is none. */
int find_plugin(const struct words *folders, const char *name, char **path,
                struct tmo_error *err);

struct plugin {
	char *name, *path;
	size_t order;		/* of discovery */
	const char *fault;	/* why it is not used (static text), NULL if it is */
	const char *by;		/* what hides it (borrowed from another), if that is the reason */
};
struct plugins {
	size_t count;
	struct plugin *plugin;	/* sorted by name, then in order of discovery */
};
int find_all(const struct words *folders, struct plugins *all, struct tmo_error *err);
void plugins_free(struct plugins *all);

/* Fails with "there is no program tmo-NAME" and the nearest of those that there are, and of `others`. */
int no_such_program(const struct words *folders, const char *name, const char *const *others,
                    struct tmo_error *err);

/* ---- installed_pipelines.c: pipelines that are installed ---- */

/*
 * Fills *path (the caller frees it) with the file that the operand of `tmo run` stands for: itself,
 * or, if there is no such file and it is a bare name, NAME.yaml of those that were installed with
 * the running tmo. Fails, naming those that there are, if it is neither.
 */
int ready_find(const char *name, char **path, struct tmo_error *err);

/* ---- program_description.c: what a program says of itself ---- */

/* The answer to `PATH --describe`; NULL with a message if it is none. */
struct tmo_yaml *describe(const char *path, struct tmo_error *err);
/* An option's entry in a description, or NULL. */
const struct tmo_yaml *describe_option(const struct tmo_yaml *about, const char *name);
/* The options' names. */
int describe_names(const struct tmo_yaml *about, struct words *names, struct tmo_error *err);

/* The options of `tmo run`, `tmo import` and `tmo list`. */
extern const struct tmo_filter run_filter, import_filter, list_filter;

/* ---- command.c: options of commands ---- */

/* tmo_options_parse for a program that is called "tmo NAME" and not "tmo-NAME". */
int command_options(const struct tmo_filter *f, int argc, char **argv, void *options,
                    struct tmo_common *common, int *operand, struct tmo_error *err);
/* If it asks for help, version or a description: prints that. */
static inline bool
command_is_asked(const struct tmo_common *common)
{
	return common->help || common->version || common->describe;
}
int command_tell(const struct tmo_filter *f, const struct tmo_common *common,
                 struct tmo_error *err);
int print_text(const char *text, size_t size, struct tmo_error *err);	/* to stdout */

/* ---- commands: each returns an exit status ---- */

int command_run(const struct words *folders, int argc, char **argv);
int command_import(const struct words *folders, int argc, char **argv);
int command_list(const struct words *folders, int argc, char **argv);
int command_help(const struct words *folders, int argc, char **argv);
int command_complete(const struct words *folders, int argc, char **argv);

#endif
