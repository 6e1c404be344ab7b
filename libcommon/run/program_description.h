/* SPDX-License-Identifier: Apache-2.0 */
/* program_description.h: what a program says of itself, tmo-plugin(7). */
#ifndef TMO_PROGRAM_DESCRIPTION_H
#define TMO_PROGRAM_DESCRIPTION_H

#include "base/strings.h"
#include "yaml/yaml.h"

/*
 * The answer of the program at path to --describe, a map that says `tmo: 1`; the caller frees it. NULL
 * if it gives none: a usage error if it answers, and no plugin would answer that.
 */
struct tmo_yaml *tmo_program_describe(const char *path, struct tmo_error *err);
/* The entry of the option (long name) in a description, or NULL. */
const struct tmo_yaml *tmo_description_option(const struct tmo_yaml *about, const char *name);
/* Adds the long names of all options. */
int tmo_description_names(const struct tmo_yaml *about, struct tmo_strings *names,
                          struct tmo_error *err);

#endif
