/* SPDX-License-Identifier: Apache-2.0 */
/* installed_pipelines.h: pipelines that came with tmo, by name: `tmo run int8`; installed or only built. */
#ifndef INSTALLED_PIPELINES_H
#define INSTALLED_PIPELINES_H

#include "base/strings.h"
#include "tmo.h"

/*
 * Fills *path (the caller frees it) with the file that the operand of `tmo run` stands for: itself,
 * or, if there is no such file and it is a bare name, NAME.yaml of those that came with the running
 * tmo. Fails, naming those that there are, if it is neither.
 */
int driver_find_pipeline(const char *name, char **path, struct tmo_error *err);
/* Adds all their names, sorted. */
int driver_pipeline_names(struct tmo_strings *names, struct tmo_error *err);

#endif
