/* SPDX-License-Identifier: Apache-2.0 */
/*
 * programs.h: which programs there are. A program, ours or a plugin, is an executable called tmo-NAME,
 * NAME being [a-z0-9][a-z0-9-]*. It is looked for in $TMO_PATH, in libexec/tmo of the tree in which the
 * running program lies and of where it was to be installed, beside the running program, then in $PATH.
 * The first that is found wins.
 */
#ifndef TMO_PROGRAMS_H
#define TMO_PROGRAMS_H

#include "base/strings.h"

/* Commands of tmo's own: no program of these names is ever run. The last is NULL. */
extern const char *const tmo_command_names[];

/*
 * Adds the folders that are searched, in order, absolute, none twice. argv0: the running program's,
 * which tells where it lies if the system does not; may be NULL.
 */
int tmo_program_folders(struct tmo_strings *folders, const char *argv0, struct tmo_error *err);
/* Those of one variable of the environment, as PATH. */
int tmo_program_folders_of(struct tmo_strings *folders, const char *variable,
                           struct tmo_error *err);
/* *path (the caller frees it): the program that NAME stands for; NULL if there is none, no error. */
int tmo_find_program(const struct tmo_strings *folders, const char *name, char **path,
                     struct tmo_error *err);
/* Fails with "there is no program tmo-NAME" and the nearest of those that there are, and of others. */
int tmo_no_such_program(const struct tmo_strings *folders, const char *name,
                        const char *const *others, struct tmo_error *err);

struct tmo_program {
	char *name, *path;	/* owned; name without "tmo-" */
	size_t order;		/* of discovery */
	const char *fault;	/* why it is not used (static text), NULL if it is */
	const char *hidden_by;	/* the path (borrowed) of what hides it, if that is the fault */
};
struct tmo_programs {
	size_t count, room;
	struct tmo_program *program;	/* owned; by name, then in order of discovery */
};
/* Fills all, which is {0}; to be freed after a failure too. */
int tmo_programs_find(const struct tmo_strings *folders, struct tmo_programs *all,
                      struct tmo_error *err);
void tmo_programs_free(struct tmo_programs *all);

/* The folder in which the running program lies, owned by the caller; NULL if it cannot be told. */
char *tmo_own_folder(const char *argv0);
/* PREFIX/below where own is PREFIX/bin: in the same tree, wherever it was moved. The caller frees. */
char *tmo_path_in_tree(const char *own, const char *below, struct tmo_error *err);

#endif
